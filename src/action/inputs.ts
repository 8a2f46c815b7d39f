import { failure, type Failure } from '../core/model/failure.ts'
import { err, ok, type Result } from '../core/model/result.ts'
import { oneLine } from '../core/text/clean.ts'
import { list } from '../core/text/display.ts'

export const MODES = ['plan', 'phase', 'advance'] as const
export const FAIL_ON = ['error', 'warning', 'never'] as const

/** The least severity of a finding that fails the job. */
export type FailOn = (typeof FAIL_ON)[number]

export interface Inputs {
  mode: (typeof MODES)[number]
  /** "" where none is given: then the mode finds it out from the event. */
  planDir: string
  failOn: FailOn
  token: string
  run: string
  phase: string
  /** The job's name as the forge shows it; "" where the mode is no phase's. */
  job: string
  /** Phases that were dispatched by jobs of this workflow run. */
  dispatched: string[]
  /** Milliseconds from the start of the job in which it may take on another phase. */
  timeMs: number
  /** Whether an App writes check and comment. */
  app: boolean
  /** Id of the App whose buttons count; undefined: that of the App which started the workflow. */
  appId: number | undefined
  /** Where the job installed what makes cages; "" where it did not. */
  sandboxRuntime: string
  /** Whether the repository's administrators accept agents, builds and tests without a cage. */
  uncaged: boolean
  /** Keys of providers, by the variables that hold them elsewhere; "" where none is given. */
  keys: Record<'ANTHROPIC_API_KEY' | 'OPENAI_API_KEY' | 'GEMINI_API_KEY', string>
}

const RUN = /^[a-z0-9][a-z0-9-]{0,79}$/
const MINUTES = /^(0|[1-9]\d{0,3})$/

/** The inputs of action.yml, checked; `input` gives "" for one that is left out. All problems in one pass. */
export function readInputs(input: (name: string) => string): Result<Inputs> {
  const failures: Failure[] = []
  const wrong = (name: string, given: string, takes: string): void => {
    failures.push(failure('bad-value', `The input ${name} is "${oneLine(given)}".`, `It takes ${takes}.`))
  }
  const oneOf = <T extends string>(name: string, choices: readonly T[], initial: T): T => {
    const given = input(name)
    const chosen = given === '' ? initial : choices.find((choice) => choice === given)
    if (chosen === undefined) failures.push(unknown(name, given, choices))
    return chosen ?? initial
  }
  const mode = oneOf('mode', MODES, 'plan')
  const failOn = oneOf('fail-on', FAIL_ON, 'error')
  const app = oneOf('app', ['true', 'false'] as const, 'false') === 'true'
  const uncaged = oneOf('uncaged', ['', 'accept'] as const, '') === 'accept'
  const [planDir, token, run, phase, job] = [
    input('plan-dir'),
    input('token'),
    input('run'),
    input('phase'),
    input('job'),
  ]
  if (run !== '' && !RUN.test(run)) wrong('run', run, 'the name of a run, as `orchestrate status` prints it')
  const appId = input('app-id')
  if (!/^([1-9]\d{0,14})?$/.test(appId))
    wrong('app-id', appId, 'the id of a GitHub App, digits only, or nothing')
  const minutes = input('minutes') || '240'
  if (!MINUTES.test(minutes)) wrong('minutes', minutes, 'a number of minutes, e.g. 240')
  const dispatched = readList(input('dispatched'))
  if (dispatched === undefined)
    wrong('dispatched', input('dispatched'), 'a JSON list of phase ids, or nothing')
  const needs = (name: string, given: string, hint: string): void => {
    if (mode !== 'plan' && given === '')
      failures.push(failure('missing-argument', `The input ${name} is empty; mode ${mode} needs it.`, hint))
  }
  needs('token', token, 'Give it `token: ${{ github.token }}`.')
  if (mode === 'phase' || mode === 'advance') needs('run', run, 'Take it from the output `run` of mode plan.')
  if (mode === 'phase') {
    needs('phase', phase, 'Take it from the matrix: `phase: ${{ matrix.id }}`.')
    needs('job', job, 'Give the `name` that the job has: others ask by it whether the job still works.')
  }
  if (failures.length > 0) return err(failures)
  return ok({
    ...{ mode, planDir, failOn, token, run, phase, job, app },
    dispatched: dispatched ?? [],
    appId: appId === '' ? undefined : Number(appId),
    timeMs: Number(minutes) * 60_000,
    sandboxRuntime: input('sandbox-runtime'),
    uncaged,
    keys: {
      ANTHROPIC_API_KEY: input('anthropic-api-key'),
      OPENAI_API_KEY: input('openai-api-key'),
      GEMINI_API_KEY: input('gemini-api-key'),
    },
  })
}

/** A JSON list of strings; "" is an empty one. */
export function readList(text: string): string[] | undefined {
  if (text === '') return []
  try {
    const json: unknown = JSON.parse(text)
    return Array.isArray(json) && json.every((each) => typeof each === 'string') ? json : undefined
  } catch {
    return undefined
  }
}

const unknown = (name: string, given: string, choices: readonly string[]): Failure =>
  failure(
    'bad-value',
    `The input ${name} is "${oneLine(given)}", which this version does not know.`,
    `What it knows: ${list(choices)}.`,
  )
