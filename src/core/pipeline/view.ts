import type { PhaseResult } from '../model/phase-result.ts'
import type { PhaseView, RunView } from '../pipeline-types.ts'
import { settled, totalUsage, type PhaseState, type RunState } from '../run/state.ts'

/** A run's state as people and `status --json` see it. */
export function viewOf(state: RunState): RunView {
  const phases = [...state.phases.values()].map(phaseView)
  const done = [...state.phases.values()].every(settled)
  return {
    run: state.run,
    state: state.state === 'draft' ? 'reviewed' : state.state === 'approved' && done ? 'merged' : state.state,
    planDir: state.planDir,
    words: state.words,
    branch: state.branch,
    base: state.base,
    planTip: state.planTip,
    ...(state.landedTip === state.base ? {} : { landed: state.landedTip }),
    phases,
    usage: totalUsage(state),
    deferred: phases.flatMap((phase) =>
      (phase.result?.deferred ?? []).map(({ id, severity, file, line, title }) => ({
        phase: phase.id,
        id,
        severity,
        file,
        line,
        title,
      })),
    ),
    startedAt: state.startedAt,
    updatedAt: state.updatedAt,
  }
}

function phaseView(phase: PhaseState): PhaseView {
  const { planned, attempt } = phase
  return {
    id: planned.id,
    title: planned.title,
    after: planned.after,
    state: phase.state,
    attempt,
    branch: planned.branch,
    ...(phase.state === 'running' && phase.waiting !== undefined ? { waiting: phase.waiting } : {}),
    ...(phase.state === 'needs-input' ? { stopped: phase.problem } : {}),
    // Written by us and validated as part of its event's chain; its shape is PhaseResult's.
    ...(phase.result === undefined ? {} : { result: phase.result as PhaseResult }),
    ...(phase.state === 'merged' && phase.merge !== undefined ? { merge: phase.merge } : {}),
  }
}
