import { expect, test } from '@jest/globals'
import { failure } from '../../../src/core/model/failure.ts'
import { renderFailures } from '../../../src/core/report/failures.ts'
import { COLOURED, PLAIN } from '../../../src/core/text/style.ts'

test('a failure says what was found, where, and what to do next', () => {
  const text = renderFailures(
    [
      failure('invalid-contract', 'max_phase_retries is "many", not a number.', 'Write a whole number.', {
        file: 'plan/workflow.md',
        line: 6,
      }),
      failure(
        'no-such-directory',
        'There is no directory /x.',
        'Give the directory\nthat holds manifest.md.',
      ),
    ],
    PLAIN,
  )
  expect(text).toBe(
    [
      'error: max_phase_retries is "many", not a number.',
      '  at plan/workflow.md:6',
      '  hint: Write a whole number.',
      'error: There is no directory /x.',
      '  hint: Give the directory',
      '        that holds manifest.md.',
      '',
    ].join('\n'),
  )
})

test('what waits for a person is stopped, not an error', () => {
  const text = renderFailures([failure('needs-input', 'Phase 2 needs you.', 'orchestrate retry 2')], COLOURED)
  expect(text).toBe(
    '\u001b[33mstopped:\u001b[39m \u001b[1mPhase 2 needs you.\u001b[22m\n  \u001b[36mhint:\u001b[39m orchestrate retry 2\n',
  )
})
