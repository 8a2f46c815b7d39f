import type { PhaseView, RunView } from '../pipeline-types.ts'

/** A run's state as people read it: `approved` is what a run is until it ends. */
export const runWord = (state: string): string =>
  state === 'approved' ? 'not finished' : state === 'reviewed' ? 'not approved' : state

/** A phase's state. `over`: the process that ran it has ended, so what was running goes on only when somebody resumes it. */
export const phaseWord = ({ state }: PhaseView, run: RunView, over: boolean): string =>
  state === 'running' && (over || run.state === 'aborted') ? 'paused' : state
