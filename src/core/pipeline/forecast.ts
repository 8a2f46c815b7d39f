import { unitsOf } from '../execute/units.ts'
import { formatOf } from '../ingest/formats/index.ts'
import type { Config } from '../model/config.ts'
import { leftOutOf, withoutTasks } from '../model/optional-tasks.ts'
import type { PhaseResult } from '../model/phase-result.ts'
import type { PhaseStep } from '../model/phase-step.ts'
import type { Phase, Plan } from '../model/plan.ts'
import { READ_ONLY_STEPS } from '../model/step.ts'
import type { Ports } from '../pipeline-types.ts'
import type { Forecast } from '../report/execution-plan.ts'
import type { RunState } from '../run/state.ts'
import { allRuns } from './runs.ts'

/** Reviews of a phase: always. */
const REVIEWS = 3
/** Fixers of a red build or test, three passes over findings and a look at them: what a phase may need besides. */
const FIXES = 6
/** Runs that are read, newest first: older ones had other models and prices. */
const RUNS = 20

type Kind = 'implement' | 'review' | 'fix'
type Range = readonly [least: number, most: number]

/** Steps of agents in this repository's earlier runs, as their results tell them. */
export async function earlierSteps(ports: Ports): Promise<PhaseStep[]> {
  const books = (await allRuns(ports)).slice(0, RUNS)
  return books.flatMap(({ state }) => stepsIn(state))
}

/** Steps of agents that a run's phases ended with. */
export const stepsIn = (state: RunState): PhaseStep[] =>
  [...state.phases.values()].flatMap(({ result }) => {
    // Written by us: PHASE_RESULT of an attempt that ended.
    const { steps = [] } = (result ?? {}) as Partial<PhaseResult>
    return steps.filter(({ agent, durationMs }) => agent !== undefined && durationMs !== undefined)
  })

/**
 * What a run may come to, by the size of its plan and what steps of the same agent and model took before: from the lower quartile with
 * nothing found to the upper one with everything to mend. Pure.
 */
export function forecast(plan: Plan, config: Config, earlier: readonly PhaseStep[]): Forecast {
  const open = plan.phases.filter(
    ({ id, status }) =>
      status !== 'completed' && status !== 'skipped' && (config.phases?.includes(id) ?? true),
  )
  const sizes = new Map(open.map((phase) => [phase.id, sizeOf(phase, plan, config)]))
  const units = [...sizes.values()].reduce((sum, n) => sum + n, 0)
  const steps: Range = [units + open.length * REVIEWS, units + open.length * (REVIEWS + FIXES)]
  const known = ofSame(earlier, config)
  if (known.length === 0) return { steps, restsOn: 0 }
  const took = (kind: Kind): Range => quartiles(known, kind, ({ durationMs }) => durationMs)
  const paid = (kind: Kind): Range => quartiles(known, kind, ({ costUsd }) => costUsd)
  const sum = ([implement, review, fix]: [Range, Range, Range], at: 0 | 1): number =>
    units * implement[at] + open.length * (REVIEWS * review[at] + (at === 0 ? 0 : FIXES * fix[at]))
  const each = (range: (kind: Kind) => Range): [Range, Range, Range] => [
    range('implement'),
    range('review'),
    range('fix'),
  ]
  const costs = each(paid)
  const durations = each(took)
  const path = (at: 0 | 1): number => longestPath(open, (phase) => phaseMs(sizes.get(phase.id) ?? 1, at))
  /** Reviews run beside each other; units at best as many at a time as may. */
  function phaseMs(n: number, at: 0 | 1): number {
    const [implement, review, fix] = durations
    const inRow = at === 0 ? Math.ceil(n / config.maxParallel) : n
    return inRow * implement[at] + review[at] + (at === 0 ? 0 : FIXES * fix[at])
  }
  const hasCosts = known.some(({ costUsd }) => costUsd !== undefined)
  return {
    steps,
    restsOn: known.length,
    ...(hasCosts ? { usd: [sum(costs, 0), sum(costs, 1)] as const } : {}),
    ms: [path(0), path(1)],
  }
}

const sizeOf = (written: Phase, plan: Plan, config: Config): number =>
  unitsOf(withoutTasks(written, leftOutOf(written, config)), formatOf(plan.mode)).length

/** Of the same agent and model; where there are none, of the same agent. */
function ofSame(earlier: readonly PhaseStep[], { agent, model }: Config): PhaseStep[] {
  const named = model === undefined ? agent : `${agent} ${model}`
  const exact = earlier.filter((step) => step.agent === named)
  return exact.length > 0 ? exact : earlier.filter((step) => step.agent?.split(' ')[0] === agent)
}

const kindOf = (step: string): Kind =>
  step === 'implement' || step === 'phase'
    ? 'implement'
    : (READ_ONLY_STEPS as readonly string[]).includes(step)
      ? 'review'
      : 'fix'

/** Of a kind that never ran, of all. */
function quartiles(
  steps: readonly PhaseStep[],
  kind: Kind,
  of: (step: PhaseStep) => number | undefined,
): Range {
  const values = (some: readonly PhaseStep[]): number[] =>
    some.flatMap((step) => of(step) ?? []).sort((a, b) => a - b)
  const own = values(steps.filter(({ step }) => kindOf(step) === kind))
  const sorted = own.length > 0 ? own : values(steps)
  const at = (part: number): number => sorted[Math.round((sorted.length - 1) * part)] ?? 0
  return [at(0.25), at(0.75)]
}

function longestPath(phases: readonly Phase[], length: (phase: Phase) => number): number {
  const ends = new Map<string, number>()
  // In written order what a phase comes after stands before it, mostly; what does not counts from the start.
  for (const phase of phases) {
    const begins = Math.max(0, ...phase.after.map((id) => ends.get(id) ?? 0))
    ends.set(phase.id, begins + length(phase))
  }
  return Math.max(0, ...ends.values())
}
