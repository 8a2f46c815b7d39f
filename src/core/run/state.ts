import type { Config } from '../model/config.ts'
import type {
  PlannedPhase,
  Problem,
  RecordedSheet,
  RecordedSkill,
  RunEvent,
  RunPolicy,
} from '../model/event.ts'
import type { PhaseId, Sha } from '../model/ids.ts'
import { OUR_WORDS, type PlanWords } from '../model/plan.ts'
import { unreachable } from '../model/result.ts'
import { withModel } from '../model/routing.ts'
import { addUsage, type Usage } from '../model/step.ts'

/**
 * A phase of a run:
 *
 *     pending ─claim→ running ─→ merged
 *        ↑               ├─→ needs-input ─→ (retry | resume | fix) pending again, with the next attempt's mode
 *        │               │                └→ skipped
 *        └───────────────┘  a dead holder is taken over: it stays running, with another holder
 *     excluded: outside the approved scope
 *
 * Running it may wait for the model's service: its holder ends where that takes long, and no other takes it over before then.
 * A dead holder's claim that was taken over too often becomes needs-input (`lost`). A merged phase that a person found
 * something in (`fix`) is pending again and goes on from its branch; a run that had landed is under way again then.
 */
export type PhaseState = {
  planned: PlannedPhase
  /** The last attempt that was claimed; 0 before the first. */
  attempt: number
  /** How often it was begun from scratch. */
  scratch: number
  /** Attempts in a row that ended in needs-input without a person's decision between. */
  failures: number
  /** How often a dead job's claim was taken over since a person last decided about it. */
  takeOvers: number
  /** A person said last that it goes on as it stands (`resume`, `fix`): commits on its branch since it stopped are taken over. */
  handed?: true
  /** What people found about it (`fix`), for the next attempt. */
  personFindings: { by: string; text: string }[]
  usage: Usage
  /** The result of the last attempt that ended, as recorded. */
  result?: unknown
} & (
  | { state: 'pending'; mode: 'fresh' | 'continue' }
  | { state: 'running'; holder: string; base: Sha; mode: 'fresh' | 'continue'; waiting?: Waiting }
  | { state: 'needs-input'; problem: Problem }
  | { state: 'merged'; merge?: Sha }
  | { state: 'skipped' }
  | { state: 'excluded' }
)

/** The model's service has no room for a phase before `until`, milliseconds since the epoch. */
export interface Waiting {
  until: number
  /** "rate limit of Anthropic". */
  why: string
  /** When that was told. */
  since: number
}

/** `draft` until it was created, `reviewed` until approved, then `approved` until it ends. */
export interface RunState {
  state: 'draft' | 'reviewed' | 'approved' | 'landed' | 'aborted'
  run: string
  planDir: string
  index: string
  title: string
  words: PlanWords
  branch: string
  base: Sha
  digest: string
  policy: RunPolicy
  config: Record<string, unknown>
  /** What agents cost that worked before its gate. */
  spent: Usage
  /** What was taken from catalogues for it. */
  skills: readonly RecordedSkill[]
  /** Cheat sheets that its agents get; undefined where it keeps none, and they are made anew. */
  sheets: readonly RecordedSheet[] | undefined
  phases: Map<PhaseId, PhaseState>
  /** What every merge starts from; never read from the branch itself. */
  planTip: Sha
  /** Every merge into the plan branch, oldest first: `merge` on top of `from`. A phase that was mended has several. */
  merges: readonly { phase: PhaseId; from: Sha; merge: Sha }[]
  /** What the user's branch was last fast-forwarded to. */
  landedTip: Sha
  /** `between_phases: manual | review`: a phase has merged and nobody said go on. */
  waitingAfter: PhaseId | undefined
  /** The pull request that it is for. */
  pull: number | undefined
  approval: Approval | undefined
  /** Places on the forge whose decision is in the chain. */
  sources: ReadonlySet<string>
  /** The last look at the plan branch as a whole. */
  checked: Omit<Extract<RunEvent, { type: 'run-checked' }>, 'type' | 'schema' | 'engine' | 'at'> | undefined
  startedAt: number
  updatedAt: number
  engine: string
}

export type Approval = Pick<
  Extract<RunEvent, { type: 'run-approved' }>,
  'by' | 'head' | 'digest' | 'scope' | 'source' | 'base' | 'limits'
>

/** The fold of the run's chain. An event that does not fit is a defect of the chain: it throws, the store reports it. */
export function evolve(state: RunState | undefined, event: RunEvent): RunState {
  if (event.type === 'run-created') {
    if (state) throw new Error('a second run-created')
    return {
      state: 'reviewed',
      run: event.run,
      planDir: event.planDir,
      index: event.index,
      title: event.title,
      words: event.words ?? OUR_WORDS,
      branch: event.branch,
      base: event.base,
      digest: event.digest,
      policy: event.policy,
      config: event.config,
      spent: event.spent ?? {},
      skills: event.skills ?? [],
      sheets: event.sheets,
      phases: new Map(event.phases.map((planned) => [planned.id, initial(planned)])),
      planTip: event.base,
      merges: [],
      landedTip: event.base,
      waitingAfter: undefined,
      pull: event.pull,
      approval: undefined,
      sources: new Set(),
      checked: undefined,
      startedAt: event.at,
      updatedAt: event.at,
      engine: event.engine,
    }
  }
  if (!state) throw new Error(`${event.type} before run-created`)
  const next = { ...state, updatedAt: event.at }
  switch (event.type) {
    case 'run-approved': {
      const { by, head, digest, scope, source, base, limits } = event
      const approval = {
        ...{ by, head, digest, scope, source },
        ...(base === undefined ? {} : { base }),
        ...(limits === undefined ? {} : { limits }),
      }
      return { ...next, state: 'approved', approval, sources: new Set([source]) }
    }
    case 'phase-claimed':
      return withPhase(next, event.phase, (phase) => ({
        ...common(phase),
        ...(phase.handed ? { handed: true } : {}),
        attempt: event.attempt,
        scratch: phase.scratch + (event.mode === 'fresh' ? 1 : 0),
        state: 'running',
        holder: event.holder,
        base: event.base,
        mode: event.mode,
      }))
    case 'phase-taken-over':
      return withPhase(next, event.phase, (phase) => {
        if (phase.state !== 'running') return misfit(event.type, phase)
        const { waiting, ...going } = phase
        // One that ended because there was no room did not die.
        const takeOvers = phase.takeOvers + (waiting === undefined ? 1 : 0)
        return { ...going, holder: event.holder, takeOvers }
      })
    case 'phase-waits':
      return withPhase(next, event.phase, (phase) => {
        if (phase.state !== 'running') return misfit(event.type, phase)
        return { ...phase, waiting: { until: event.until, why: event.why, since: event.at } }
      })
    case 'phase-goes-on':
      return withPhase(next, event.phase, (phase) => {
        if (phase.state !== 'running') return misfit(event.type, phase)
        const { waiting: _, ...going } = phase
        return going
      })
    case 'phase-lost':
      return withPhase(next, event.phase, (phase) => ({
        ...common(phase),
        state: 'needs-input',
        problem: event.problem,
      }))
    case 'phase-stopped':
      return withPhase(next, event.phase, (phase) => ({
        ...common(phase),
        failures: phase.failures + 1,
        result: event.result,
        usage: addUsage(phase.usage, event.usage),
        state: 'needs-input',
        problem: event.problem,
      }))
    case 'phase-merged': {
      const merged = withPhase(next, event.phase, (phase) => ({
        ...common(phase),
        takeOvers: 0,
        result: event.result,
        usage: addUsage(phase.usage, event.usage),
        state: 'merged',
        merge: event.merge,
      }))
      const waits = state.policy.betweenPhases !== 'auto' && open(merged).length > 0
      const { phase, from, merge } = event
      return {
        ...merged,
        planTip: merge,
        merges: [...state.merges, { phase, from, merge }],
        waitingAfter: waits ? phase : undefined,
      }
    }
    case 'decided':
      return decided(
        event.source === undefined ? next : { ...next, sources: new Set([...next.sources, event.source]) },
        event,
      )
    case 'run-checked': {
      const { sha, build, test, tail } = event
      return { ...next, checked: { sha, build, test, ...(tail === undefined ? {} : { tail }) } }
    }
    case 'run-landed':
      return {
        ...next,
        landedTip: event.sha,
        state: event.sha === next.planTip && open(next).length === 0 ? 'landed' : next.state,
      }
    default:
      return unreachable(event)
  }
}

/** A model that is named while the run goes on is that of every step, as `--model` is. */
function over(
  config: RunState['config'],
  now: NonNullable<Extract<RunEvent, { type: 'decided' }>['config']>,
): RunState['config'] {
  const { model, maxCostUsd } = now
  const merged = { ...config, ...(maxCostUsd === undefined ? {} : { maxCostUsd }) }
  // Written by us from a checked Config.
  return model === undefined ? merged : { ...withModel(merged as Partial<Config>, model) }
}

function decided(before: RunState, event: Extract<RunEvent, { type: 'decided' }>): RunState {
  const state = event.config === undefined ? before : { ...before, config: over(before.config, event.config) }
  if (event.decision === 'abort') return { ...state, state: 'aborted' }
  if (event.decision === 'continue') return { ...state, waitingAfter: undefined }
  if (event.phase === undefined) throw new Error(`${event.decision} without a phase`)
  const { decision, by, text } = event
  const going: RunState = state.state === 'landed' ? { ...state, state: 'approved' } : state
  return withPhase(going, event.phase, (phase) => {
    const kept = by === 'policy' ? common(phase) : { ...common(phase), failures: 0, takeOvers: 0 }
    if (decision === 'skip') return { ...kept, state: 'skipped' }
    if (decision === 'retry') return { ...kept, personFindings: [], state: 'pending', mode: 'fresh' }
    const personFindings =
      decision === 'fix' ? [...phase.personFindings, { by, text: text ?? '' }] : phase.personFindings
    const handed = by === 'policy' ? {} : ({ handed: true } as const)
    return { ...kept, ...handed, personFindings, state: 'pending', mode: 'continue' }
  })
}

function initial(planned: PlannedPhase): PhaseState {
  const start = { planned, attempt: 0, scratch: 0, failures: 0, takeOvers: 0, personFindings: [], usage: {} }
  return planned.state === 'pending'
    ? { ...start, state: 'pending', mode: 'fresh' }
    : { ...start, state: planned.state }
}

function common(phase: PhaseState) {
  const { planned, attempt, scratch, failures, takeOvers, personFindings, usage, result } = phase
  return {
    planned,
    attempt,
    scratch,
    failures,
    takeOvers,
    personFindings,
    usage,
    ...(result === undefined ? {} : { result }),
  }
}

function withPhase(state: RunState, id: PhaseId, change: (phase: PhaseState) => PhaseState): RunState {
  const phase = state.phases.get(id)
  if (!phase) throw new Error(`no phase ${id} in this run`)
  return { ...state, phases: new Map(state.phases).set(id, change(phase)) }
}

function misfit(type: string, phase: PhaseState): never {
  throw new Error(`${type} of phase ${phase.planned.id}, which is ${phase.state}`)
}

/** Whether nobody is asked for it before a time that has not come. */
export const waits = (phase: PhaseState, now: number): boolean =>
  phase.state === 'running' && phase.waiting !== undefined && phase.waiting.until > now

/** Phases that are not at their end yet. */
export function open(state: RunState): PhaseState[] {
  return [...state.phases.values()].filter(
    (p) => p.state === 'pending' || p.state === 'running' || p.state === 'needs-input',
  )
}

/** Whether what waits for this phase may go on. A phase outside the scope holds nobody up: the gate saw to that. */
export function settled(phase: PhaseState): boolean {
  return phase.state === 'merged' || phase.state === 'skipped' || phase.state === 'excluded'
}

export function totalUsage(state: RunState): Usage {
  return [...state.phases.values()].reduce<Usage>((sum, phase) => addUsage(sum, phase.usage), state.spent)
}
