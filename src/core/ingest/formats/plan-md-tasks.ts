/** What the tasks of a phase are in a plan of nobody's format. */
import { chooseTasks, type FoundTask, type OfferedTask, type TaskHabits } from '../tasks.ts'

export const PLAN_MD_TASKS: TaskHabits = { choose, workTables: true }

/**
 * A checklist of the phase before its steps' headings: its boxes say what is done. Then what a task plan takes. A phase that names
 * no task so is worked off by what it changes, what it delivers, or by the boxes of its acceptance.
 */
function choose(candidates: readonly FoundTask[], offered: readonly OfferedTask[]): FoundTask[] {
  const headings = candidates.filter(({ form }) => form === 'heading')
  const checklist = candidates.filter(({ form, within }) => form === 'check' && within === undefined)
  if (headings.length > 0 && checklist.length >= 2) return checklist
  const tasks = chooseTasks(candidates)
  if (tasks.length > 0) return tasks
  for (const kind of ['changes', 'outputs'] as const) {
    const of = offered.filter((task) => task.kind === kind)
    if (of.length > 0) return of
  }
  return offered.filter(({ form }) => form === 'check')
}
