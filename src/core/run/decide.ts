import type { Problem, RunEvent, Unstamped } from '../model/event.ts'
import { type Failure, failure } from '../model/failure.ts'
import type { PhaseId, Sha } from '../model/ids.ts'
import { err, ok, type Result, unreachable } from '../model/result.ts'
import type { Usage } from '../model/step.ts'
import { sentence } from '../text/sentence.ts'
import { canClaim } from './schedule.ts'
import { type Approval, open, type PhaseState, type RunState } from './state.ts'

export type Decision = 'retry' | 'resume' | 'fix' | 'skip' | 'continue' | 'abort'

/** What somebody wants of a run: a person, the scheduler, or the holder of a phase. */
export type Command =
  | ({ type: 'approve' } & Approval)
  | { type: 'claim'; phase: PhaseId; holder: string }
  | { type: 'take-over'; phase: PhaseId; attempt: number; holder: string }
  | { type: 'wait'; phase: PhaseId; attempt: number; holder: string; until: number; why: string }
  | { type: 'go-on'; phase: PhaseId; attempt: number; holder: string }
  | { type: 'lose'; phase: PhaseId; attempt: number; problem: Problem }
  | {
      type: 'stop'
      phase: PhaseId
      attempt: number
      holder: string
      problem: Problem
      result: unknown
      usage: Usage
    }
  | {
      type: 'merge'
      phase: PhaseId
      attempt: number
      holder: string
      from: Sha
      merge: Sha
      head: Sha
      result: unknown
      usage: Usage
    }
  | {
      type: 'decide'
      decision: Decision
      by: string
      phase?: PhaseId
      text?: string
      source?: string
      config?: { maxCostUsd?: number; model?: string }
    }
  | ({ type: 'check' } & NonNullable<RunState['checked']>)
  | { type: 'land'; branch: string; sha: Sha }

type Events = Unstamped<RunEvent>[]

/** What a command means for this state: the events to append, or why not. Pure; whoever loses a race asks again. */
export function decide(state: RunState, command: Command): Result<Events, Failure> {
  if (state.state === 'aborted' || (state.state === 'landed' && !goesBeyondLanding(command))) {
    return refuse(`Run ${state.run} is ${state.state}.`, '`orchestrate run DIR` starts a new one.')
  }
  switch (command.type) {
    case 'approve': {
      if (state.state !== 'reviewed')
        return refuse(`Run ${state.run} is ${state.state} already.`, 'Nothing is needed.')
      if (command.digest !== state.digest || command.head !== state.base) {
        return refuse(
          'The plan changed after it was reviewed.',
          'Run the review again and approve what it shows.',
        )
      }
      if (command.scope.length === 0) return refuse('No phase is approved.', 'Approve at least one phase.')
      const { type: _, ...approval } = command
      return ok([{ type: 'run-approved', ...approval }])
    }
    case 'claim': {
      if (state.state !== 'approved') return refuse(`Run ${state.run} is not approved.`, 'Approve it first.')
      const phase = state.phases.get(command.phase)
      if (!phase) return refuse(`This run has no phase ${command.phase}.`, known(state))
      const reason = canClaim(state, phase)
      if (reason !== undefined || phase.state !== 'pending') {
        return refuse(
          sentence(reason ?? `phase ${command.phase} is ${phase.state}`),
          'It starts by itself when it can.',
        )
      }
      const { phase: id, holder } = command
      const attempt = phase.attempt + 1
      const mode = phase.attempt === 0 ? 'fresh' : phase.mode
      return ok([{ type: 'phase-claimed', phase: id, attempt, holder, base: state.planTip, mode }])
    }
    case 'take-over': {
      const held = running(state, command)
      if (!held.ok) return held
      const { phase, attempt, holder } = command
      return ok([{ type: 'phase-taken-over', phase, attempt, holder }])
    }
    case 'wait': {
      const held = running(state, command, command.holder)
      if (!held.ok) return held
      const { phase, attempt, until, why } = command
      return ok([{ type: 'phase-waits', phase, attempt, until, why }])
    }
    case 'go-on': {
      const held = running(state, command, command.holder)
      if (!held.ok) return held
      const { phase, attempt } = command
      const waiting = held.value.state === 'running' && held.value.waiting !== undefined
      return ok(waiting ? [{ type: 'phase-goes-on', phase, attempt }] : [])
    }
    case 'lose': {
      const held = running(state, command)
      if (!held.ok) return held
      const { phase, attempt, problem } = command
      return ok([{ type: 'phase-lost', phase, attempt, problem }])
    }
    case 'stop': {
      const held = running(state, command, command.holder)
      if (!held.ok) return held
      const { phase, attempt, problem, result, usage } = command
      return ok([{ type: 'phase-stopped', phase, attempt, problem, result, usage }])
    }
    case 'merge': {
      const held = running(state, command, command.holder)
      if (!held.ok) return held
      if (command.from !== state.planTip) {
        return refuse('The plan branch moved.', 'The merge is simulated again on its new tip.')
      }
      const { phase, attempt, from, merge, head, result, usage } = command
      return ok([{ type: 'phase-merged', phase, attempt, from, merge, head, result, usage }])
    }
    case 'decide':
      // Delivered twice, or by App and workflow both: it was done.
      if (command.source !== undefined && state.sources.has(command.source)) return ok([])
      return person(state, command)
    case 'check': {
      if (open(state).length > 0 || command.sha !== state.planTip)
        return refuse('The plan branch is not at its end.', 'It is looked at once more when it is.')
      const { type: _, ...checked } = command
      return ok([{ type: 'run-checked', ...checked }])
    }
    case 'land':
      // Two jobs that end at the same moment both land: the second finds it done.
      if (command.sha === state.landedTip) return ok([])
      return ok([{ type: 'run-landed', branch: command.branch, sha: command.sha }])
    default:
      return unreachable(command)
  }
}

/** Landing may be told twice; and what landed may still be mended, which opens the run again. */
const goesBeyondLanding = (command: Command): boolean =>
  command.type === 'land' || (command.type === 'decide' && command.decision === 'fix')

function person(state: RunState, command: Extract<Command, { type: 'decide' }>): Result<Events, Failure> {
  const { decision, by, text } = command
  const said = {
    ...(command.source === undefined ? {} : { source: command.source }),
    ...(command.config === undefined ? {} : { config: command.config }),
  }
  if (decision === 'abort') return ok([{ type: 'decided', decision, by, ...said }])
  if (decision === 'continue') {
    return state.waitingAfter === undefined
      ? refuse('The run does not wait for anybody.', 'Nothing is needed.')
      : ok([{ type: 'decided', decision, by, ...said }])
  }
  const phase = command.phase === undefined ? undefined : state.phases.get(command.phase)
  if (!phase) return refuse(`This run has no phase ${command.phase ?? ''}.`, known(state))
  if (decision === 'fix' && (text ?? '').trim() === '') {
    return refuse('A fix needs its text.', `Say what is wrong: \`orchestrate fix ${phase.planned.id} "…"\`.`)
  }
  const allowed =
    phase.state === 'needs-input' ||
    (decision === 'skip' && phase.state === 'pending') ||
    // What is merged is mended where it was made: on its branch, through the same gates, and merged again.
    (decision === 'fix' && phase.attempt > 0 && (phase.state === 'merged' || phase.state === 'pending'))
  if (!allowed) return refuse(`Phase ${phase.planned.id} is ${phase.state}.`, advice(phase))
  return ok([
    {
      ...{ type: 'decided', decision, by, phase: phase.planned.id },
      ...(text === undefined ? {} : { text }),
      ...said,
    },
  ])
}

function running(
  state: RunState,
  at: { phase: PhaseId; attempt: number },
  holder?: string,
): Result<PhaseState, Failure> {
  const phase = state.phases.get(at.phase)
  if (!phase) return refuse(`This run has no phase ${at.phase}.`, known(state))
  if (phase.state !== 'running' || phase.attempt !== at.attempt) {
    return refuse(
      `Attempt ${at.attempt} of phase ${at.phase} is not running.`,
      'Somebody else went on with it.',
    )
  }
  if (holder !== undefined && phase.holder !== holder) {
    return refuse(`Phase ${at.phase} is held by ${phase.holder}.`, 'Somebody else went on with it.')
  }
  return ok(phase)
}

function advice(phase: PhaseState): string {
  if (phase.state === 'merged' && phase.attempt === 0) return 'The plan says that it is completed.'
  if (phase.state === 'merged') return 'It is merged; `fix` takes what you found in it.'
  if (phase.state === 'running') return 'Wait until it stops, or end the run with `orchestrate abort`.'
  return 'Only a phase that needs input takes this; `orchestrate status` shows which do.'
}

const known = (state: RunState): string =>
  `Its phases: ${[...state.phases.keys()].join(', ')}; open: ${
    open(state)
      .map((p) => p.planned.id)
      .join(', ') || 'none'
  }.`

const refuse = (message: string, hint: string): { ok: false; error: Failure } =>
  err(failure('refused', message, hint))
