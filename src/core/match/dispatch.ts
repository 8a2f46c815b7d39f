import type { Config } from '../model/config.ts'
import type { Phase, Task } from '../model/plan.ts'
import { count } from '../text/display.ts'

export interface Dispatch {
  mode: 'classic' | 'team'
  why: string
}

/**
 * How the agents of a phase work together, by the reference pipeline's table:
 *
 *     1–2 tasks                                 classic
 *     low or medium confidence and 3+ tasks     team
 *     4+ tasks with shared files or dependencies team
 *     3+ independent tasks                      classic
 *
 * A spec-driven phase counts its specs. `team` and `classic` of the configuration force it.
 */
export function dispatchMode(
  phase: Phase,
  confidence: 'high' | 'medium' | 'low',
  dispatch: Config['dispatch'],
): Dispatch {
  if (dispatch !== 'auto')
    return { mode: dispatch, why: `asked for with --${dispatch === 'team' ? 'team' : 'no-team'}` }
  const specs = phase.specs.filter((spec) => spec.status !== 'completed' && spec.status !== 'skipped')
  const bySpec = phase.specs.length > 0
  const tasks = phase.tasks.filter((task) => !task.done)
  const n = bySpec ? specs.length : tasks.length
  const units = count(n, bySpec ? 'spec' : 'task')
  if (n <= 2) return { mode: 'classic', why: n === 0 ? 'one piece of work' : units }
  if (confidence !== 'high') return { mode: 'team', why: `${units} with ${confidence} confidence` }
  const tie = bySpec ? tieOfSpecs(specs) : tieOfTasks(tasks)
  if (n >= 4 && tie !== undefined) return { mode: 'team', why: `${units}, ${tie}` }
  return { mode: 'classic', why: tie === undefined ? `${units}, independent` : units }
}

function tieOfSpecs(specs: Phase['specs']): string | undefined {
  const names = new Set(specs.map((spec) => spec.name))
  if (specs.some((spec) => spec.dependsOn.some((name) => names.has(name)))) return 'that depend on each other'
  return shared(specs.map((spec) => spec.files.map((file) => file.path)))
}

function tieOfTasks(tasks: Task[]): string | undefined {
  const ids = new Set(tasks.map((task) => task.id))
  const waits = tasks.some(
    ({ id, title }) =>
      /\b(?:depends on|blocked by|after task|requires task|once task)\b|依赖于?任务/i.test(title) &&
      (title.match(/\d+(?:\.\d+)+/g) ?? ['?']).some(
        (other) => other === '?' || (other !== id && ids.has(other)),
      ),
  )
  return waits ? 'that depend on each other' : shared(tasks.map((task) => task.files))
}

function shared(groups: string[][]): string | undefined {
  const seen = new Set<string>()
  for (const group of groups) {
    for (const file of new Set(group)) {
      if (seen.has(file)) return `sharing ${file}`
      seen.add(file)
    }
  }
  return undefined
}
