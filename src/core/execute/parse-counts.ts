import { stripVTControlCharacters } from 'node:util'

/** What a test run says about itself. Errors count as failed; todo, pending, ignored and expected failures as skipped. */
export interface TestCounts {
  passed: number
  failed: number
  skipped: number
}

/** Where a runner prints its numbers. Several summaries (packages of a workspace) are added up. */
interface Runner {
  name: string
  /** Each match is one summary, or one piece of it. */
  summary: RegExp
  read: (match: RegExpExecArray) => Partial<TestCounts>
  /** Output without this is another's. */
  only?: RegExp
  /** The last summary is the sum of those before. */
  last?: true
}

const number = (text: string | undefined): number =>
  text === undefined ? 0 : Number(text.replaceAll(',', ''))

/** The number before one of these words: "3 passed" in "1 failed | 3 passed (4)". Added up where several stand there. */
function before(text: string, words: string): number {
  let sum = 0
  for (const [, n] of text.matchAll(new RegExp(`(\\d[\\d,]*) (?:${words})\\b`, 'gi'))) sum += number(n)
  return sum
}
/** The number after one of these words: "Failures: 2", "failures=2". */
function after(text: string, words: string): number {
  let sum = 0
  for (const [, n] of text.matchAll(new RegExp(`\\b(?:${words})\\s*[:=]\\s*(\\d+)`, 'gi'))) sum += number(n)
  return sum
}

const rest = (total: number, failed: number, skipped: number): TestCounts => ({
  passed: Math.max(0, total - failed - skipped),
  failed,
  skipped,
})

/** The first that finds anything is believed: exacter forms stand before looser ones. */
const RUNNERS: readonly Runner[] = [
  {
    // Tests:       1 failed, 2 skipped, 3 passed, 6 total
    name: 'jest',
    summary: /^Tests:\s+(.*\btotal)\b/gm,
    read: ([, line = '']) => ({
      passed: before(line, 'passed'),
      failed: before(line, 'failed'),
      skipped: before(line, 'skipped|todo'),
    }),
  },
  {
    //       Tests  1 failed | 3 passed | 1 skipped (5)
    name: 'vitest',
    summary: /^\s*Tests {2,}(.*\(\d+\))/gm,
    read: ([, line = '']) => ({
      passed: before(line, 'passed'),
      failed: before(line, 'failed'),
      skipped: before(line, 'skipped|todo|expected fail'),
    }),
  },
  {
    // test result: FAILED. 5 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out
    name: 'cargo test',
    summary: /^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/gm,
    read: ([, passed, failed, skipped]) => ({
      passed: number(passed),
      failed: number(failed),
      skipped: number(skipped),
    }),
  },
  {
    //      Summary [   0.1s] 5 tests run: 4 passed, 1 failed, 2 skipped
    name: 'cargo nextest',
    summary: /^\s*Summary \[.*\] \d+(?:\/\d+)? tests? run: (.*)$/gm,
    read: ([, line = '']) => ({
      passed: before(line, 'passed'),
      failed: before(line, 'failed'),
      skipped: before(line, 'skipped'),
    }),
  },
  {
    // ======= 1 failed, 4 passed, 1 skipped, 1 xfailed, 2 errors in 0.12s =======
    name: 'pytest',
    summary:
      /^=*\s*((?:\d+ (?:failed|passed|skipped|deselected|xfailed|xpassed|warnings?|errors?|rerun)(?:, )?)+) in [\d.]+/gm,
    read: ([, line = '']) => ({
      passed: before(line, 'passed|xpassed'),
      failed: before(line, 'failed|errors?'),
      skipped: before(line, 'skipped|xfailed'),
    }),
  },
  {
    // Tests run: 5, Failures: 1, Errors: 0, Skipped: 1   (the lines of single classes end in "Time elapsed")
    name: 'surefire',
    summary:
      /^(?:\[\w+\]\s+)?Tests run: (\d+), (Failures: \d+, Errors: \d+, Skipped: \d+)(?!.*Time elapsed)/gm,
    read: ([, total, line = '']) =>
      rest(number(total), after(line, 'Failures|Errors'), after(line, 'Skipped')),
  },
  {
    // Passed!  - Failed:     0, Passed:     5, Skipped:     0, Total:     5
    name: 'dotnet test',
    summary: /^\s*\w+!\s+- (Failed:\s*\d+, Passed:\s*\d+, Skipped:\s*\d+)/gm,
    read: ([, line = '']) => ({
      passed: after(line, 'Passed'),
      failed: after(line, 'Failed'),
      skipped: after(line, 'Skipped'),
    }),
  },
  {
    // Ran 5 tests in 0.001s ⏎⏎ FAILED (failures=1, errors=1, skipped=1)
    name: 'unittest',
    summary: /^Ran (\d+) tests? in [\d.]+s\s+(?:OK|FAILED|NO TESTS RAN)\s*(\(.*\))?/gm,
    read: ([, total, line = '']) =>
      rest(
        number(total),
        after(line, '(?<!expected )failures|errors'),
        after(line, 'skipped|expected failures'),
      ),
  },
  {
    // Tests: 5, Assertions: 9, Errors: 1, Failures: 1, Skipped: 1.
    name: 'phpunit',
    summary: /^Tests: (\d+), Assertions: \d+(.*)$/gm,
    read: ([, total, line = '']) =>
      rest(number(total), after(line, 'Failures|Errors'), after(line, 'Skipped|Incomplete')),
  },
  {
    // OK (5 tests, 10 assertions)
    name: 'phpunit',
    summary: /^OK \((\d+) tests?, \d+ assertions?\)/gm,
    read: ([, total]) => ({ passed: number(total) }),
  },
  {
    // 5 runs, 10 assertions, 1 failures, 0 errors, 1 skips
    name: 'minitest',
    summary: /^(\d+) (?:runs|tests), \d+ assertions, (.*)$/gm,
    read: ([, total, line = '']) =>
      rest(number(total), before(line, 'failures|errors'), before(line, 'skips|pendings|omissions')),
  },
  {
    // 5 examples, 1 failure, 2 pending
    name: 'rspec',
    summary: /^(\d+) examples?, (\d+) failures?(?:, (\d+) pending)?/gm,
    read: ([, total, failed, pending]) => rest(number(total), number(failed), number(pending)),
  },
  {
    // 1 doctest, 5 tests, 1 failure, 1 skipped
    name: 'mix test',
    summary: /^((?:\d+ (?:doctests?|propert(?:y|ies)|tests?), )+)(\d+) failures?(.*)$/gm,
    read: ([, totals = '', failed, line = '']) =>
      rest(
        before(totals, 'doctests?|property|properties|tests?'),
        number(failed),
        before(line, 'skipped|excluded'),
      ),
  },
  {
    // 80% tests passed, 1 tests failed out of 5
    name: 'ctest',
    summary: /^\d+% tests passed, (\d+) tests? failed out of (\d+)/gm,
    read: ([, failed, total]) => rest(number(total), number(failed), 0),
  },
  {
    // ℹ pass 4 ⏎ ℹ fail 1 ⏎ ℹ cancelled 0 ⏎ ℹ skipped 0 ⏎ ℹ todo 0, or with "#" in TAP
    name: 'node:test',
    summary: /^(?:ℹ|#) (pass|fail|cancelled|skipped|todo) (\d+)$/gm,
    read: ([, what, n]) => {
      if (what === 'pass') return { passed: number(n) }
      return what === 'fail' || what === 'cancelled' ? { failed: number(n) } : { skipped: number(n) }
    },
  },
  {
    //   5 passing (10ms) ⏎   1 failing ⏎   2 pending
    name: 'mocha',
    summary: /^\s+(\d+) (passing|failing|pending)\b/gm,
    read: ([, n, what]) => {
      if (what === 'passing') return { passed: number(n) }
      return what === 'failing' ? { failed: number(n) } : { skipped: number(n) }
    },
  },
  {
    // ok | 5 passed | 1 failed | 2 ignored (10ms)
    name: 'deno test',
    summary: /^(?:ok|FAILED) \| (\d+ passed.*)$/gm,
    read: ([, line = '']) => ({
      passed: before(line, 'passed'),
      failed: before(line, 'failed'),
      skipped: before(line, 'ignored'),
    }),
  },
  {
    //  5 pass ⏎  1 fail ⏎  2 skip
    name: 'bun test',
    summary: /^ (\d+) (pass|fail|skip|todo)$/gm,
    read: ([, n, what]) => {
      if (what === 'pass') return { passed: number(n) }
      return what === 'fail' ? { failed: number(n) } : { skipped: number(n) }
    },
  },
  {
    //   1 failed ⏎    [chromium] › … ⏎   2 skipped ⏎   5 passed (3.1s)
    name: 'playwright',
    summary: /^ {2}(\d+) (passed \([\d.]+m?s\)|failed|flaky|skipped|did not run)$/gm,
    read: ([, n, what = '']) => {
      if (what.startsWith('passed') || what === 'flaky') return { passed: number(n) }
      return what === 'failed' ? { failed: number(n) } : { skipped: number(n) }
    },
  },
  {
    // 5 tests completed, 1 failed, 1 skipped   (Gradle only says so where one failed)
    name: 'gradle',
    summary: /^(\d+) tests? completed(.*)$/gm,
    read: ([, total, line = '']) => rest(number(total), before(line, 'failed'), before(line, 'skipped')),
  },
  {
    // [  PASSED  ] 5 tests. ⏎ [  FAILED  ] 1 test, listed below:
    name: 'googletest',
    summary: /^\[ {2}(PASSED|FAILED|SKIPPED) {2}\] (\d+) tests?[.,]/gm,
    read: ([, what, n]) => {
      if (what === 'PASSED') return { passed: number(n) }
      return what === 'FAILED' ? { failed: number(n) } : { skipped: number(n) }
    },
  },
  {
    //  Executed 5 tests, with 1 test skipped and 1 failure (0 unexpected): the last line is the sum of those before
    name: 'XCTest',
    summary: /^\s*Executed (\d+) tests?, with (.*)$/gm,
    last: true,
    read: ([, total, line = '']) =>
      rest(number(total), before(line, 'failures?'), before(line, 'tests? skipped')),
  },
  {
    // --- PASS: TestA (0.00s), only with -v
    name: 'go test -v',
    only: /^--- PASS: /m,
    summary: /^--- (PASS|FAIL|SKIP): /gm,
    read: ([, what]) => (what === 'PASS' ? { passed: 1 } : what === 'FAIL' ? { failed: 1 } : { skipped: 1 }),
  },
  {
    // ok  	example.com/a	0.01s, one line a package: without -v Go counts packages, and so do we
    name: 'go test',
    summary: /^(ok|FAIL|\?) *\t\S+(?:\t| \[(?:build|setup) failed\])/gm,
    read: ([, what]) => (what === 'ok' ? { passed: 1 } : what === 'FAIL' ? { failed: 1 } : { skipped: 1 }),
  },
  {
    // ok 1 - adds ⏎ not ok 2 - divides ⏎ ok 3 # SKIP no network
    name: 'TAP',
    summary: /^(not )?ok \d+\b(.*)$/gm,
    read: ([, not, line = '']) => {
      if (/#\s*(?:skip|todo)/i.test(line)) return { skipped: 1 }
      return not === undefined ? { passed: 1 } : { failed: 1 }
    },
  },
]

/** The numbers a test run prints, undefined where none are recognized. For people only: what decides is the exit code. */
export function parseCounts(output: string): TestCounts | undefined {
  const text = stripVTControlCharacters(output).replace(/\r\n?/g, '\n')
  for (const { summary, read, only, last } of RUNNERS) {
    if (only?.test(text) === false) continue
    const matches = [...text.matchAll(summary)]
    if (matches.length === 0) continue
    const counts: TestCounts = { passed: 0, failed: 0, skipped: 0 }
    for (const match of last === true ? matches.slice(-1) : matches) {
      const piece = read(match)
      counts.passed += piece.passed ?? 0
      counts.failed += piece.failed ?? 0
      counts.skipped += piece.skipped ?? 0
    }
    return counts
  }
  return undefined
}
