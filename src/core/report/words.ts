import { OUR_WORDS } from '../model/plan.ts'
import type { PhaseView, RunView } from '../pipeline-types.ts'
import { timeOfDay } from '../text/format.ts'

/** A run's state as people read it: `approved` is what a run is until it ends. */
export const runWord = (state: string): string =>
  state === 'approved' ? 'not finished' : state === 'reviewed' ? 'not approved' : state

/** "waiting until 14:05 UTC (rate limit of Anthropic)". */
export const waitingText = ({ until, why }: { until: number; why: string }, now: number): string =>
  `waiting until ${timeOfDay(until, now)} (${why})`

/** What the plan calls a phase: "story". */
export const phaseNoun = ({ words = OUR_WORDS }: Pick<RunView, 'words'>): string => words.phase

/** A phase's state. `over`: the process that ran it has ended, so what was running goes on only when somebody resumes it. */
export const phaseWord = ({ state, waiting }: PhaseView, run: RunView, over: boolean): string =>
  waiting !== undefined && run.state !== 'aborted'
    ? waitingText(waiting, waiting.since)
    : state === 'running' && (over || run.state === 'aborted')
      ? 'paused'
      : state
