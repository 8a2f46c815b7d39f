import type { PhaseId } from '../model/ids.ts'
import { phaseId } from '../model/ids.ts'
import type { Phase, Plan, Task } from '../model/plan.ts'
import { list } from '../text/display.ts'
import { openTasks } from './facts.ts'
import { CONCERNS } from './vocabulary.ts'

/** Sizing limits of the reference pipeline's review. */
export const MAX_TASKS = 5
export const MAX_MODULES = 3

/** A phase that should become several. `parts` hold every open task once, in written order within a part. */
export interface Split {
  phase: PhaseId
  parts: { id: PhaseId; title: string; tasks: string[] }[]
}

/** What a task is about, in the order of `CONCERNS`; most tasks have one or none. */
export function concernsOf(task: Task): string[] {
  const byFile = Object.entries(CONCERNS).filter(([, { files }]) =>
    task.files.some((file) => files.test(file)),
  )
  const by =
    byFile.length > 0 ? byFile : Object.entries(CONCERNS).filter(([, { words }]) => words.test(task.title))
  return by.map(([name]) => name)
}

/** In equal runs of at most `MAX_TASKS`, in written order. */
export function splitBySize(plan: Plan, phase: Phase): Split {
  const tasks = openTasks(phase)
  const pieces = Math.max(2, Math.ceil(tasks.length / MAX_TASKS))
  const parts: Task[][] = []
  for (let piece = 0, from = 0; piece < pieces; piece++) {
    const to = from + Math.ceil((tasks.length - from) / (pieces - piece))
    parts.push(tasks.slice(from, to))
    from = to
  }
  return named(
    plan,
    phase,
    parts.filter((part) => part.length > 0).map((part, at) => [`part ${at + 1}`, part]),
  )
}

/** One part per concern; a task that shows none stays with the one before it. */
export function splitByConcern(plan: Plan, phase: Phase): Split {
  const groups = new Map<string, Task[]>()
  const tasks = openTasks(phase)
  let current = tasks.map((task) => concernsOf(task)[0]).find((name) => name !== undefined) ?? ''
  for (const task of tasks) {
    current = concernsOf(task)[0] ?? current
    const group = groups.get(current)
    if (group === undefined) groups.set(current, [task])
    else group.push(task)
  }
  return named(plan, phase, [...groups])
}

function named(plan: Plan, phase: Phase, parts: [string, Task[]][]): Split {
  const ids = idsOf(plan)
  const free = freeIds(phase.id, ids)
  return {
    phase: phase.id,
    parts: parts.map(([name, tasks]) => {
      const id = free.next().value
      return { id: phaseId(id), title: `${phase.title} — ${name}`, tasks: tasks.map((task) => task.id) }
    }),
  }
}

const idsByPlan = new WeakMap<Plan, ReadonlySet<string>>()

function idsOf(plan: Plan): ReadonlySet<string> {
  const ids = idsByPlan.get(plan) ?? new Set<string>(plan.phases.map(({ id }) => id))
  idsByPlan.set(plan, ids)
  return ids
}

/** "4" gives 4a, 4b; "4a" gives 4a1, 4a2: as many as are asked for, none twice. */
function* freeIds(id: string, taken: ReadonlySet<string>): Generator<string, never> {
  const isLettered = /[a-z]$/i.test(id)
  for (const letter of isLettered ? '' : 'abcdefghijklmnopqrstuvwxyz')
    if (!taken.has(id + letter)) yield id + letter
  for (let number = 1; ; number += 1) {
    const one = isLettered ? `${id}${number}` : `${id}-${number}`
    if (!taken.has(one)) yield one
  }
}

/** "4a (4.1–4.5) and 4b (4.6, 4.9)". */
export const describeSplit = (split: Split): string =>
  list(
    split.parts.map(
      ({ id, tasks }) => `${id} (${tasks.length > 3 ? `${tasks[0]} … ${tasks.at(-1)}` : tasks.join(', ')})`,
    ),
    8,
  )
