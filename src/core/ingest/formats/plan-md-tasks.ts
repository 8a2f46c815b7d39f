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
  const work = candidates.filter((task) => !besideTasks(task, candidates))
  const labelled = work.some(({ underTasks }) => underTasks)
  const tasks = chooseTasks(labelled ? work.map((task) => ({ ...task, underTasks: true })) : work)
  if (tasks.length > 0) return tasks
  for (const kind of ['changes', 'outputs'] as const) {
    const of = offered.filter((task) => task.kind === kind)
    if (of.length > 0) return of
  }
  return offered.filter(({ form }) => form === 'check')
}

/**
 * A label "Tasks" speaks for the section that it stands in: "Search" and "Remote access" of a phase may both list work, and only one of
 * them call it that. Right below the phase's heading it speaks for the phase.
 */
function besideTasks(task: FoundTask, candidates: readonly FoundTask[]): boolean {
  if (task.underTasks) return false
  return candidates.some(
    (other) => other.underTasks && (other.section === task.section || other.section === 0),
  )
}
