import { failure, type Failure } from '../core/model/failure.ts'
import { err, ok, type Result } from '../core/model/result.ts'
import { oneLine } from '../core/text/clean.ts'
import { list } from '../core/text/display.ts'

export const MODES = ['plan'] as const
export const FAIL_ON = ['error', 'warning', 'never'] as const

/** The least severity of a finding that fails the job. */
export type FailOn = (typeof FAIL_ON)[number]

export interface Inputs {
  mode: (typeof MODES)[number]
  planDir: string
  failOn: FailOn
}

/** The inputs of action.yml, checked; `input` gives "" for one that is left out. All problems in one pass. */
export function readInputs(input: (name: string) => string): Result<Inputs> {
  const failures: Failure[] = []
  const oneOf = <T extends string>(name: string, choices: readonly T[], initial: T): T => {
    const given = input(name)
    const chosen = given === '' ? initial : choices.find((choice) => choice === given)
    if (chosen === undefined) failures.push(unknown(name, given, choices))
    return chosen ?? initial
  }
  const mode = oneOf('mode', MODES, 'plan')
  const failOn = oneOf('fail-on', FAIL_ON, 'error')
  const planDir = input('plan-dir')
  if (planDir === '') {
    const hint = 'Give the directory that holds manifest.md or task_plan.md, from the root of the repository.'
    failures.push(failure('missing-argument', 'The input plan-dir is empty.', hint))
  }
  return failures.length > 0 ? err(failures) : ok({ mode, planDir, failOn })
}

const unknown = (name: string, given: string, choices: readonly string[]): Failure =>
  failure(
    'bad-value',
    `The input ${name} is "${oneLine(given)}", which this version does not know.`,
    `What it knows: ${list(choices)}.`,
  )
