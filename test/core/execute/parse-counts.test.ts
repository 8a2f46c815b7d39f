import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { parseCounts } from '../../../src/core/execute/checks.ts'

/** Output as the runner prints it, and passed, failed, skipped. */
const OUTPUTS: [string, string, [number, number, number]][] = [
  [
    'jest',
    'Test Suites: 1 failed, 1 total\nTests:       1 failed, 2 skipped, 1 todo, 3 passed, 7 total\nTime: 1 s',
    [3, 1, 3],
  ],
  ['jest, all green', 'Tests:       57 passed, 57 total', [57, 0, 0]],
  [
    'jest in two packages',
    'a: \nTests:       2 passed, 2 total\nb:\nTests:       1 failed, 1 passed, 2 total\n',
    [3, 1, 0],
  ],
  [
    'jest with colours',
    '\u001b[1mTests:       \u001b[22m\u001b[1m\u001b[31m1 failed\u001b[39m\u001b[22m, 3 passed, 4 total',
    [3, 1, 0],
  ],
  [
    'vitest',
    ' Test Files  1 failed | 2 passed (3)\n      Tests  1 failed | 3 passed | 1 skipped (5)\n   Start at  10:00:00',
    [3, 1, 1],
  ],
  ['vitest, all green', '      Tests  12 passed (12)\n', [12, 0, 0]],
  ['mocha', '\n  5 passing (10ms)\n  2 pending\n  1 failing\n\n  1) adds:\n', [5, 1, 2]],
  [
    'node:test',
    'ℹ tests 7\nℹ suites 0\nℹ pass 4\nℹ fail 1\nℹ cancelled 1\nℹ skipped 1\nℹ todo 0\n',
    [4, 2, 1],
  ],
  [
    'node:test as TAP',
    'ok 1 - a\n1..1\n# tests 1\n# pass 1\n# fail 0\n# cancelled 0\n# skipped 0\n# todo 0\n',
    [1, 0, 0],
  ],
  [
    'pytest',
    '======== 1 failed, 4 passed, 1 skipped, 1 xfailed, 2 warnings, 1 error in 0.12s ========',
    [4, 2, 2],
  ],
  ['pytest -q', '..\n2 passed in 0.01s\n', [2, 0, 0]],
  ['unittest', 'Ran 5 tests in 0.001s\n\nFAILED (failures=1, errors=1, skipped=1)\n', [2, 2, 1]],
  ['unittest, all green', 'Ran 3 tests in 0.001s\n\nOK\n', [3, 0, 0]],
  [
    'go test -v',
    '=== RUN   TestA\n--- PASS: TestA (0.00s)\n    --- PASS: TestA/one (0.00s)\n--- FAIL: TestB (0.00s)\n--- SKIP: TestC (0.00s)\nFAIL\nFAIL\texample.com/a\t0.01s\n',
    [1, 1, 1],
  ],
  [
    'go test by packages',
    'ok  \texample.com/a\t0.01s\nok  \texample.com/b\t(cached)\n?   \texample.com/c\t[no test files]\n--- FAIL: TestD (0.00s)\nFAIL\nFAIL\texample.com/d\t0.02s\nFAIL\texample.com/e [build failed]\nFAIL\n',
    [2, 2, 1],
  ],
  [
    'cargo test',
    'test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\n   Doc-tests x\n\ntest result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out',
    [6, 2, 1],
  ],
  ['cargo nextest', '     Summary [   0.120s] 5 tests run: 4 passed, 1 failed, 2 skipped\n', [4, 1, 2]],
  [
    'surefire',
    '[INFO] Tests run: 3, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.1 s -- in A\n[INFO] Results:\n[ERROR] Tests run: 5, Failures: 1, Errors: 1, Skipped: 1\n',
    [2, 2, 1],
  ],
  ['gradle', '5 tests completed, 1 failed, 1 skipped\n', [3, 1, 1]],
  ['rspec', 'Finished in 0.01 seconds\n5 examples, 1 failure, 2 pending\n', [2, 1, 2]],
  ['minitest', '5 runs, 10 assertions, 1 failures, 1 errors, 1 skips\n', [2, 2, 1]],
  ['phpunit', 'FAILURES!\nTests: 6, Assertions: 9, Errors: 1, Failures: 1, Skipped: 1.\n', [3, 2, 1]],
  ['phpunit, all green', 'OK (5 tests, 10 assertions)\n', [5, 0, 0]],
  ['ctest', '80% tests passed, 1 tests failed out of 5\n\nTotal Test time (real) = 0.01 sec', [4, 1, 0]],
  [
    'TAP',
    'TAP version 13\nok 1 - adds\nnot ok 2 - divides\nok 3 - net # SKIP no network\nnot ok 4 # TODO later\n1..4\n',
    [1, 1, 2],
  ],
  ['mix test', '1 doctest, 5 tests, 1 failure, 1 skipped\n', [4, 1, 1]],
  [
    'dotnet test',
    'Failed!  - Failed:     1, Passed:     5, Skipped:     2, Total:     8, Duration: 1 s',
    [5, 1, 2],
  ],
  ['deno test', 'FAILED | 5 passed | 1 failed | 2 ignored (10ms)\n', [5, 1, 2]],
  ['bun test', ' 5 pass\n 1 skip\n 1 fail\n 9 expect() calls\nRan 7 tests across 1 file.', [5, 1, 1]],
  [
    'playwright',
    '  1 failed\n    [chromium] › a.spec.ts:3:1 › adds\n  2 skipped\n  5 passed (3.1s)\n',
    [5, 1, 2],
  ],
  [
    'googletest',
    '[==========] 5 tests from 1 test suite ran.\n[  PASSED  ] 4 tests.\n[  FAILED  ] 1 test, listed below:\n[  FAILED  ] A.b\n',
    [4, 1, 0],
  ],
  [
    'XCTest',
    '\t Executed 2 tests, with 0 failures (0 unexpected) in 0.1 seconds\n\t Executed 5 tests, with 1 test skipped and 2 failures (0 unexpected) in 0.2 seconds\n',
    [2, 2, 1],
  ],
  ['carriage returns', 'Tests:       3 passed, 3 total\r\nTime: 1 s\r\n', [3, 0, 0]],
]

describe('parseCounts', () => {
  it.each(OUTPUTS)('reads the numbers of %s', (_, output, [passed, failed, skipped]) => {
    expect(parseCounts(output)).toEqual({ passed, failed, skipped })
  })

  it.each(['', 'All good!', 'no tests ran', 'Compiled 5 files', 'the tests: 5', 'ok', '5 passed'])(
    'finds no numbers in %j',
    (output) => {
      expect(parseCounts(output)).toBeUndefined()
    },
  )

  it('never makes numbers up that are no numbers', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom(...OUTPUTS.map(([, output]) => output)))),
        (lines) => {
          const counts = parseCounts(lines.join('\n'))
          for (const n of Object.values(counts ?? {})) expect(Number.isInteger(n) && n >= 0).toBe(true)
        },
      ),
    )
  })

  it('reads what the real node:test prints', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'counts-'))
    try {
      const file = join(dir, 'a.test.mjs')
      await writeFile(
        file,
        "import test from 'node:test'\ntest('a', () => {})\ntest('b', () => { throw new Error('x') })\ntest('c', { skip: true }, () => {})\n",
      )
      const { NODE_OPTIONS: _options, NODE_TEST_CONTEXT: _context, ...env } = process.env
      const output = await new Promise<string>((done) => {
        execFile(process.execPath, ['--test', file], { env }, (_error, stdout) => done(stdout))
      })
      expect(parseCounts(output)).toEqual({ passed: 1, failed: 1, skipped: 1 })
    } finally {
      await rm(dir, { recursive: true })
    }
  })
})
