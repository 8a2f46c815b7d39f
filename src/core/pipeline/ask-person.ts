import type { Problem } from '../model/event.ts'
import type { PhaseId } from '../model/ids.ts'
import type { Ports } from '../pipeline-types.ts'
import type { Person } from '../ports.ts'
import type { Decision } from '../run/decide.ts'
import type { RunState } from '../run/state.ts'
import { plural } from '../text/display.ts'
import { capital } from '../text/sentence.ts'

const DIFF_BYTES = 200_000

/** The choices after a phase stopped and its retries are used up. */
export async function askAboutPhase(
  person: Person,
  { words }: Pick<RunState, 'words'>,
  phase: PhaseId,
  problem: Problem,
): Promise<{ decision: Decision; text?: string } | undefined> {
  const answer = await person.choose(
    `${capital(words.phase)} ${phase} needs you. What now?`,
    `${problem.message}\n${problem.hint}`,
    [
      { value: 'resume', label: 'I mended it by hand in its worktree: go on' },
      { value: 'fix', label: 'Tell the agents what is wrong' },
      { value: 'retry', label: `Start the ${words.phase} again from scratch` },
      { value: 'skip', label: `Skip the ${words.phase}; what waits for it goes on without` },
      { value: 'abort', label: 'Abort the run' },
      { value: 'leave', label: 'Leave it for now' },
    ],
  )
  if (answer === undefined || answer === 'leave') return undefined
  if (answer !== 'fix') return { decision: answer }
  const text = await person.ask('What is wrong?')
  return text ? { decision: 'fix', text } : undefined
}

/** `between_phases: manual` asks, `review` shows the diff of what was merged and asks. */
export async function askToContinue(
  ports: Ports,
  state: RunState,
  after: PhaseId,
): Promise<boolean | undefined> {
  const phase = state.phases.get(after)
  let shown = ''
  if (state.policy.betweenPhases === 'review' && phase?.state === 'merged' && phase.merge) {
    const before = (await ports.repository.resolve(`${phase.merge}^1`)) ?? state.base
    shown = await ports.repository.patch(before, phase.merge, DIFF_BYTES)
  }
  const answer = await ports.person.choose(
    `${capital(state.words.phase)} ${after} is merged. Go on?`,
    shown,
    [
      { value: 'yes', label: `Go on with the next ${plural(state.words.phase)}` },
      { value: 'no', label: 'Stop here; orchestrate resume goes on' },
    ],
  )
  return answer === undefined ? undefined : answer === 'yes'
}
