import type { AgentActivity, AgentFailure, AgentOutcome, AgentRequest } from '../src/core/ports.ts'
import type { ModelTurn } from '../test/support/scripted-model.ts'
import type { Speech } from './speech.ts'

/** What the scripted model does in answer to one request. */
export type Move =
  | { write: { path: string; text: string } }
  | { shell: string }
  /** The artifact, in whatever way the program hands it in. */
  | { answer: object }
  /** Plain words. */
  | { say: string }
  | { status: number }

/** One of these happens to every answer of the model's server on its way. */
export type Fault = 'cut' | 'stalled' | 'refused'

export interface Script {
  /** One after the other; the last again and again. */
  moves: Move[] | ((turn: number) => Move)
  fault?: Fault
  /** Tokens that each answer says it cost. */
  tokens?: { input: number; output: number }
}

/** One try of a program: a working directory, a model that follows a script, and the outcome of the one call. */
export interface Rig {
  speech: Speech
  /** Holds `cwd`; nothing of the host's lies in it. */
  root: string
  cwd: string
  /** The run of this try: its processes carry it. */
  run: string
  /** In the environment of ours, so that none of it may be seen by tools. */
  secrets: readonly string[]
  call(
    script: Script,
    more?: Partial<AgentRequest>,
    around?: { signal?: AbortSignal; onActivity?: (activity: AgentActivity) => void; maxCalls?: number },
  ): Promise<AgentOutcome>
  /** Starts the program as people do, without our flags and our cage; false where nobody knows how. */
  plainly(script: Script): Promise<boolean>
  /** Starts the same call in a process of its own, to be killed. */
  callApart(script: Script): Promise<{ kill(): Promise<void> }>
  /** What the model was asked so far. */
  requests(): ModelTurn[]
  /** Command of a process that is easily found again, however it was started. */
  sleeper(): Sleeper
}

export interface Sleeper {
  command: string
  /** How many of it run now. */
  alive(): Promise<number>
  /** Resolves when one runs; rejects where none comes within 40 s. */
  started(): Promise<void>
}

/** How one case came out for one program. */
export interface Finding {
  ok: boolean
  /** Short: it stands in the table. */
  seen: string
}

export interface Case {
  name: string
  /** What has to be, for the table. */
  wanted: string
  run(rig: Rig): Promise<Finding>
}

export const good = (seen: string): Finding => ({ ok: true, seen })
export const bad = (seen: string): Finding => ({ ok: false, seen })
export const judged = (ok: boolean, seen: string): Finding => ({ ok, seen })

/** The outcome in a word of the union. */
export const outcomeWord = (outcome: AgentOutcome): string =>
  outcome.kind === 'completed'
    ? outcome.artifact === undefined
      ? 'no artifact'
      : 'completed'
    : outcome.reason

/** For findings that are red: what it said. */
export const outcomeText = (outcome: AgentOutcome): string =>
  outcome.kind === 'completed' ? outcomeWord(outcome) : `${outcome.reason}: ${outcome.message}`

export function failedAs(outcome: AgentOutcome, ...reasons: AgentFailure['reason'][]): Finding {
  const ok = outcome.kind === 'failed' && reasons.includes(outcome.reason)
  return judged(ok, ok ? outcomeWord(outcome) : outcomeText(outcome))
}

/** Whether the call completed and handed exactly this in; why not, where it did not. */
export function handedIn(outcome: AgentOutcome, artifact: object): Finding {
  if (outcome.kind === 'failed') return bad(`${outcome.reason}: ${outcome.message}`)
  if (outcome.artifact === undefined) return bad('no artifact')
  try {
    const same = JSON.stringify(sorted(JSON.parse(outcome.artifact))) === JSON.stringify(sorted(artifact))
    return judged(same, same ? 'completed' : `another artifact: ${outcome.artifact.slice(0, 200)}`)
  } catch {
    return bad(`no JSON: ${outcome.artifact.slice(0, 200)}`)
  }
}

const sorted = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value

export const DONE = { nonce: 'nonce-1', summary: 'It is done.' }
