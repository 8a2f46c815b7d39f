import type { Place } from '../model/diagnostic.ts'
import type { Phase, Plan, Spec, Task } from '../model/plan.ts'
import { capital } from '../text/sentence.ts'

/** Still to be done. What is finished is not reviewed: nobody will run it. */
export const isOpen = (phase: Phase): boolean => phase.status !== 'completed' && phase.status !== 'skipped'

export const openPhases = (plan: Plan): Phase[] => plan.phases.filter(isOpen)

export interface Located {
  phase: Phase
  spec: Spec
}

/** Specs that are still to be done, with their phases. */
export const openSpecs = (plan: Plan): Located[] =>
  plan.phases
    .filter(isOpen)
    .flatMap((phase) => phase.specs.map((spec) => ({ phase, spec })))
    .filter(({ spec }) => spec.status !== 'completed' && spec.status !== 'skipped')

const tasksByPhase = new WeakMap<Phase, readonly Task[]>()

/** A phase's tasks and those of its specs, each once. */
export function tasksOf(phase: Phase): readonly Task[] {
  const known = tasksByPhase.get(phase)
  if (known !== undefined) return known
  const byPlace = new Map<string, Task>()
  for (const task of [...phase.tasks, ...phase.specs.flatMap((spec) => spec.tasks)]) {
    byPlace.set(`${task.place.file}:${task.place.line}:${task.id}`, task)
  }
  const tasks = [...byPlace.values()]
  tasksByPhase.set(phase, tasks)
  return tasks
}

export const openTasks = (phase: Phase): Task[] => tasksOf(phase).filter((task) => !task.done)

/** Criteria of the phase and of its specs. */
export const criteriaOf = (phase: Phase) => [
  ...phase.criteria,
  ...phase.specs.flatMap((spec) => spec.criteria.filter((c) => !phase.criteria.includes(c))),
]

/** Everything a phase says. */
export const textOf = (phase: Phase): string =>
  [
    phase.title,
    phase.text,
    ...phase.tasks.map((t) => t.title),
    ...phase.specs.map((s) => `${s.name}\n${s.text}`),
  ].join('\n')

/** Directories that hold modules rather than being one. */
const CONTAINERS = new Set(
  'src lib apps packages crates services internal pkg cmd modules source sources'.split(' '),
)
/** Tests and documentation go with what they are about and are no module of their own. */
const COMPANIONS =
  /(^|\/)(tests?|__tests__|specs?|e2e|docs?|documentation|fixtures|scripts|\.github)(\/|$)|(^|\/)[^/]*\.(test|spec)\.[^/]+$|\.mdx?$/i

/** The modules (top-level directories, one deeper below `src`, `packages` and the like) that paths lie in, sorted. */
export function modulesOf(files: readonly string[]): string[] {
  const modules = new Set<string>()
  for (const file of files) {
    if (COMPANIONS.test(file)) continue
    const directories = file
      .replace(/^\.\//, '')
      .split('/')
      .slice(0, file.endsWith('/') ? undefined : -1)
      .filter((part) => part !== '')
    const [first, second] = directories
    if (first === undefined) continue
    modules.add(CONTAINERS.has(first) && second !== undefined ? `${first}/${second}` : first)
  }
  return [...modules].sort()
}

/** Where a phase names a path: its Files entry, a task, or its heading. */
export function placeOfFile(phase: Phase, path: string): Place {
  const targets = [...phase.targets, ...phase.specs.flatMap((spec) => spec.files)]
  return (
    targets.find((target) => target.path === path)?.place ??
    tasksOf(phase).find((task) => task.files.includes(path))?.place ??
    phase.place
  )
}

type Worded = Pick<Plan, 'words'>

/** "Phase 3 (API routes)", "Story 2.3 (Sign in)": in the plan's own words. */
export const named = (phase: Phase, { words }: Worded): string =>
  phase.title === ''
    ? `${capital(words.phase)} ${phase.id}`
    : `${capital(words.phase)} ${phase.id} (${phase.title})`

/** "phase 3", "story 2.3". */
export const phaseOf = (id: string, { words }: Worded): string => `${words.phase} ${id}`

/** "Task 3.2", "Subtask 5.2", at the start of a sentence. */
export const taskOf = (id: string, { words }: Worded): string => `${capital(words.task)} ${id}`
