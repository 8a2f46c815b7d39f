/** Tasks that a plan leaves to whoever approves it (Kiro's `*`): left out unless somebody asks for them at the gate. */
import type { Config } from './config.ts'
import type { Phase, Plan, Task } from './plan.ts'

/** What the approver said: nothing is no. A phase that is optional as a whole is asked for by its name too. */
export type OptionalChoice = Pick<Config, 'withOptional' | 'phases'>

/** The tasks of a phase that a run does not do; in written order. */
export function leftOutOf(phase: Pick<Phase, 'id' | 'tasks'>, choice: OptionalChoice): Task[] {
  if (choice.withOptional === true) return []
  if (isOptional(phase) && choice.phases?.includes(phase.id) === true) return []
  return optionalTasks(phase)
}

/** Whether nothing but optional tasks is open in it. */
export function isOptional(phase: Pick<Phase, 'tasks'>): boolean {
  const open = phase.tasks.filter(({ done }) => !done)
  return open.length > 0 && open.every(({ optional }) => optional === true)
}

/** The open ones. */
export const optionalTasks = ({ tasks }: Pick<Phase, 'tasks'>): Task[] =>
  tasks.filter(({ done, optional }) => !done && optional === true)

/** Those of the phases that are neither completed nor skipped. */
export const optionalTasksOf = ({ phases }: Pick<Plan, 'phases'>): Task[] =>
  phases
    .filter(({ status }) => status !== 'completed' && status !== 'skipped')
    .flatMap((phase) => optionalTasks(phase))

/** The phase as its agents see it: without the tasks that are left out, and with a line that says so. */
export function withoutTasks(phase: Phase, left: readonly Task[]): Phase {
  if (left.length === 0) return phase
  const gone = new Set(left.map(({ id }) => id))
  const named = left.map(({ id, title }) => `${id} ${title}`).join('; ')
  return {
    ...phase,
    tasks: phase.tasks.filter(({ id }) => !gone.has(id)),
    text: `${phase.text.trimEnd()}\n\nNot to be done, as whoever approved the plan decided: ${named}.`,
  }
}
