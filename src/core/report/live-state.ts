import type { FindingSeverity } from '../model/finding.ts'
import type { ProgressEvent } from '../model/progress-event.ts'
import { addUsage, type Usage } from '../model/step.ts'
import { oneLine } from '../text/clean.ts'
import { waitingText } from './words.ts'

export type LivePhaseState = 'pending' | 'running' | 'stopped' | 'merged' | 'skipped' | 'excluded'

/** A step or check that runs now. */
export interface LiveStep {
  step: string
  unit: string
  startedAt: number
  /** What its agent does at the moment; empty until it says something. */
  activity: string
  /** Of its call so far, US dollars. */
  costUsd?: number
  estimated?: boolean
  /** How often its model was asked again. */
  retries?: number
}

export interface LivePhase {
  id: string
  title: string
  after: string[]
  state: LivePhaseState
  attempt: number
  startedAt?: number
  endedAt?: number
  /** In the order they started. */
  steps: LiveStep[]
  commits: number
  /** Open and fixed ones together, by the step that found them. */
  findings: Record<string, Partial<Record<FindingSeverity, number>>>
  usage: Usage
  stopped?: { reason: string; message: string; hint: string }
}

/** What a live view draws: the fold of all progress events so far. */
export interface LiveState {
  run?: string
  agent?: string
  startedAt?: number
  endedAt?: number
  stage?: string
  phases: LivePhase[]
  usage: Usage
  landed?: string
}

export const EMPTY: LiveState = { phases: [], usage: {} }

export function fold(state: LiveState, event: ProgressEvent): LiveState {
  switch (event.type) {
    case 'stage':
      return { ...state, stage: event.stage, startedAt: state.startedAt ?? event.at }
    case 'run-started':
      return {
        ...state,
        run: event.run,
        agent: event.agent,
        startedAt: event.at,
        phases: event.phases.map((phase) => ({
          ...phase,
          state: fromRun(phase.state),
          attempt: 1,
          steps: [],
          commits: 0,
          findings: {},
          usage: {},
        })),
      }
    case 'phase-started':
      return change(state, event.phase, (phase) => ({
        ...without(phase, 'stopped', 'endedAt'),
        title: event.title,
        state: 'running',
        attempt: event.attempt,
        startedAt: event.at,
        steps: [],
      }))
    case 'step-started':
      return change(state, event.phase, (phase) => start(phase, event.step, event.unit, event.at))
    case 'check-started':
      return change(state, event.phase, (phase) =>
        start(phase, event.check, '', event.at, oneLine(event.command)),
      )
    case 'step-activity':
      return change(state, event.phase, (phase) =>
        doing(phase, event, { activity: oneLine(event.text), ...soFar(event) }),
      )
    case 'step-waiting':
      return change(state, event.phase, (phase) =>
        doing(phase, event, { activity: waitingText(event, event.at) }),
      )
    case 'step-finished':
      return change({ ...state, usage: addUsage(state.usage, event.usage) }, event.phase, (phase) => ({
        ...phase,
        steps: phase.steps.filter((step) => !is(step, event.step, event.unit)),
        usage: addUsage(phase.usage, event.usage),
      }))
    case 'check-finished':
      return change(state, event.phase, (phase) => ({
        ...phase,
        steps: phase.steps.filter((step) => !is(step, event.check, '')),
      }))
    case 'findings':
      return change(state, event.phase, (phase) => ({
        ...phase,
        findings: { ...phase.findings, [event.step]: event.counts },
      }))
    case 'commit':
      return change(state, event.phase, (phase) => ({ ...phase, commits: phase.commits + 1 }))
    case 'phase-stopped':
      return change(state, event.phase, (phase) => ({
        ...phase,
        state: 'stopped',
        endedAt: event.at,
        steps: [],
        stopped: { reason: event.reason, message: oneLine(event.message), hint: oneLine(event.hint) },
      }))
    case 'phase-merged':
      return change(state, event.phase, (phase) => ({
        ...without(phase, 'stopped'),
        state: 'merged',
        endedAt: event.at,
        steps: [],
      }))
    case 'phase-skipped':
      return change(state, event.phase, (phase) => ({
        ...without(phase, 'stopped'),
        state: 'skipped',
        endedAt: event.at,
        steps: [],
      }))
    case 'landed':
      return { ...state, landed: event.branch }
    case 'run-ended':
      return { ...state, endedAt: event.at }
    case 'diagnostics':
    case 'execution-plan':
    case 'phase-result':
    case 'published':
    case 'warning':
    case 'note':
      return state
  }
}

/** Findings of all reviewing steps of a phase, by severity. */
export function findingCounts(phase: LivePhase): Partial<Record<FindingSeverity, number>> {
  const sum: Partial<Record<FindingSeverity, number>> = {}
  for (const counts of Object.values(phase.findings)) {
    for (const severity of ['P0', 'P1', 'P2', 'P3'] as const) {
      if (counts[severity]) sum[severity] = (sum[severity] ?? 0) + counts[severity]
    }
  }
  return sum
}

/** States of the run's state machine as the view names them. */
function fromRun(state: string): LivePhaseState {
  if (state === 'merged' || state === 'skipped' || state === 'excluded') return state
  if (state === 'needs-input' || state === 'lost') return 'stopped'
  return 'pending'
}

function change(state: LiveState, id: string, update: (phase: LivePhase) => LivePhase): LiveState {
  return { ...state, phases: state.phases.map((phase) => (phase.id === id ? update(phase) : phase)) }
}

function start(phase: LivePhase, step: string, unit: string, startedAt: number, activity = ''): LivePhase {
  const others = phase.steps.filter((running) => !is(running, step, unit))
  return { ...phase, steps: [...others, { step, unit, startedAt, activity }] }
}

const doing = (phase: LivePhase, at: { step: string; unit: string }, now: Partial<LiveStep>): LivePhase => ({
  ...phase,
  steps: phase.steps.map((step) => (is(step, at.step, at.unit) ? { ...step, ...now } : step)),
})

const soFar = ({
  costUsd,
  estimated,
  retries,
}: Pick<LiveStep, 'costUsd' | 'estimated' | 'retries'>): Partial<LiveStep> => ({
  ...(costUsd === undefined ? {} : { costUsd }),
  ...(estimated === undefined ? {} : { estimated }),
  ...(retries === undefined ? {} : { retries }),
})

/** What all calls have used, with the cost of those under way. */
export const usageNow = (state: LiveState): Usage =>
  state.phases
    .flatMap(({ steps }) => steps)
    .reduce(
      (sum, { costUsd, estimated }) =>
        costUsd === undefined
          ? sum
          : addUsage(sum, { costUsd, ...(estimated === true ? { estimated } : {}) }),
      state.usage,
    )

const is = (running: LiveStep, step: string, unit: string): boolean =>
  running.step === step && running.unit === unit

function without<K extends 'stopped' | 'endedAt'>(phase: LivePhase, ...keys: K[]): Omit<LivePhase, K> {
  const copy: Partial<LivePhase> = { ...phase }
  for (const key of keys) delete copy[key]
  return copy as Omit<LivePhase, K>
}
