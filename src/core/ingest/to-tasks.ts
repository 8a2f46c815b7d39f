import type { Task } from '../model/plan.ts'
import { type FoundTask, taskName } from './tasks.ts'

/** Tasks with ids: the one written, or the phase's (spec's) name and a running number. */
export function toTasks(found: readonly FoundTask[], owner: string, file: string): Task[] {
  return found.map((task, index) => {
    const name = taskName(task.text)
    return {
      id: taskId(name.id, owner, index),
      title: name.title,
      done: task.status === 'completed',
      files: [...new Set(task.files)],
      place: { file, line: task.line },
    }
  })
}

/** A bare number ("Task 3") counts within its phase or through the plan; with the owner's name it is one of a kind. */
function taskId(written: string | undefined, owner: string, index: number): string {
  if (written === undefined) return `${owner}.${index + 1}`
  return /^\d+[a-z]?$/u.test(written) ? `${owner}.${written}` : written
}
