import * as z from 'zod'
import type { Forge, PullFacts } from '../../forge.ts'
import type { Sha } from '../../model/ids.ts'
import { err, ok, type Result } from '../../model/result.ts'
import { foldRun } from '../../run/book.ts'
import { open, type RunState } from '../../run/state.ts'
import { anchorProblem } from './anchors.ts'
import { runningAttempts, type StepsSoFar, stepsSoFar } from './steps.ts'

/** A run as its ledger tells it, with how many entries that was. */
export interface KnownRun {
  state: RunState
  entries: number
  /** Commit of the newest entry. */
  head: Sha
  /** What phases that run did so far, where their chains were read. */
  steps: ReadonlyMap<string, StepsSoFar>
}

/**
 * What is drawn from a phase's result. Whoever may push can write a ledger, so one that does not have this shape is left out
 * instead of drawn.
 */
const drawn = z.looseObject({
  commits: z.array(z.looseObject({ sha: z.string(), subject: z.string() })),
  build: z.looseObject({ status: z.string() }),
  tests: z.looseObject({ status: z.string() }),
  reviews: z.looseObject({}),
  criteria: z.looseObject({
    met: z.array(z.string()),
    unmet: z.array(z.string()),
    notJudged: z.array(z.string()),
  }),
  fixesApplied: z.array(z.looseObject({ id: z.string(), title: z.string() })),
  deferred: z.array(z.looseObject({ id: z.string(), file: z.string(), title: z.string() })),
  conflictFiles: z.array(z.string()),
  decisions: z.array(z.string()),
  questions: z.array(z.string()),
  notes: z.array(z.string()),
  durationMs: z.number(),
  usage: z.looseObject({}),
  steps: z
    .array(
      z.looseObject({
        step: z.string(),
        unit: z.string(),
        state: z.enum(['running', 'ok', 'failed']),
        agent: z.string().optional(),
        note: z.string().optional(),
        commits: z.array(z.string()).optional(),
        durationMs: z.number().optional(),
        costUsd: z.number().optional(),
      }),
    )
    .optional(),
})

function withoutMisfits(state: RunState): RunState {
  const phases = [...state.phases].map(([id, phase]) => {
    if (phase.result === undefined || drawn.safeParse(phase.result).success) return [id, phase] as const
    const { result: _, ...rest } = phase
    return [id, rest] as const
  })
  return { ...state, phases: new Map(phases) }
}

/** A pull request has one run, or few; whoever makes more of them does not get them all read. */
const MAX_RUNS = 8

/** The newest run of the pull request, by when it began. Undefined where none has a ledger yet. */
export async function newestRun(forge: Forge, facts: PullFacts): Promise<Result<KnownRun | undefined>> {
  const names = facts.runs.slice(-MAX_RUNS)
  const chains = await Promise.all(
    names.map(async (run) => ({ run, read: await forge.ledger(run, runningAttempts(facts, run)) })),
  )
  let newest: KnownRun | undefined
  for (const { run, read } of chains) {
    if (!read.ok) return read
    const { entries, attempts } = read.value
    const head = entries.at(-1)?.commit
    if (head === undefined) continue
    const rewritten = anchorProblem(facts, run, entries)
    if (rewritten !== undefined) return err([rewritten])
    const folded = foldRun(run, entries)
    if (!folded.ok) return err([folded.error])
    const state = withoutMisfits(folded.value)
    if (state.state === 'reviewed') continue
    if (newest === undefined || state.startedAt > newest.state.startedAt)
      newest = { state, entries: entries.length, head, steps: stepsSoFar(attempts) }
  }
  return ok(newest)
}

/** Whether the run itself put the pull request's branch where it is: then nobody pushed since the approval. */
export function isOwnHead(state: RunState, head: Sha): boolean {
  return head === state.base || head === state.landedTip || state.merges.some(({ merge }) => merge === head)
}

/** Everything is merged, skipped or outside of the scope. */
export const isSettled = ({ state }: Pick<KnownRun, 'state'>): boolean =>
  state.state === 'landed' || (state.state === 'approved' && open(state).length === 0)

/** The pull request's branch has all of it, whoever moved it there. */
export const isLanded = (run: Pick<KnownRun, 'state'>, head: Sha): boolean =>
  isSettled(run) && (run.state.state === 'landed' || run.state.planTip === head)
