import type { Phase, Plan, Task } from '../../src/core/model/plan.ts'

/** The files of a plan, by path. */
export type Files = Readonly<Record<string, string>>

/** One defect, put into an otherwise unchanged plan. */
export interface Planted {
  files: Files
  /** Where and what, for who looks at a miss. */
  what: string
}

export interface Mutation {
  rule: string
  /** The plan with this defect, once for each place that fits. Empty where the plan has none. */
  plant(plan: Plan, files: Files): Planted[]
}

const lines = (files: Files, file: string): string[] => (files[file] ?? '').split('\n')

/** The same files, one of them with lines put in after line `after` (from 1; 0 is before the first). */
export function inserted(files: Files, file: string, after: number, ...text: string[]): Files {
  const all = lines(files, file)
  return { ...files, [file]: [...all.slice(0, after), ...text, ...all.slice(after)].join('\n') }
}

/** The same files, one line of one of them changed. */
export function changed(files: Files, file: string, line: number, change: (text: string) => string): Files {
  return {
    ...files,
    [file]: lines(files, file)
      .map((text, at) => (at === line - 1 ? change(text) : text))
      .join('\n'),
  }
}

export const appended = (files: Files, file: string, ...text: string[]): Files => ({
  ...files,
  [file]: `${(files[file] ?? '').trimEnd()}\n\n${text.join('\n')}\n`,
})

export const isTaskBased = ({ mode }: Plan): boolean => mode === 'task-based'

/** Open phases that are written as sections, with tasks that are items of a list. */
export function phasesToChange(plan: Plan, files: Files): Phase[] {
  if (!isTaskBased(plan)) return []
  return plan.phases.filter(
    (phase) =>
      phase.status !== 'completed' &&
      phase.status !== 'skipped' &&
      phase.place.file === plan.index &&
      /^#{1,6}\s/.test(lines(files, plan.index)[phase.place.line - 1] ?? '') &&
      phase.tasks.some((task) => !task.done && markOf(files, task) !== ''),
  )
}

/** "- [ ] ", "3. ": what a task's line begins with; empty where it is no item of a list. */
export const markOf = (files: Files, { place }: Pick<Task, 'place'>): string =>
  /^\s*(?:[-*+]|\d+[.)])\s+(?:\[[ x]\]\s+)?/.exec(lines(files, place.file)[place.line - 1] ?? '')?.[0] ?? ''

/** The plan with one more open task at the end of a phase's list. */
export function withTasks(files: Files, phase: Phase, ...titles: string[]): Files {
  const last = phase.tasks.findLast((task) => !task.done && markOf(files, task) !== '')
  if (last === undefined) return files
  const mark = markOf(files, last)
  // Below whatever belongs to the last one.
  const all = lines(files, last.place.file)
  let end = last.place.line
  while (end < all.length && /^\s+\S/.test(all[end] ?? '')) end++
  return inserted(files, last.place.file, end, ...titles.map((title) => `${mark}${title}`))
}

/** A source file of the phase, for text that has to name one. */
export const fileOf = (phase: Phase): string | undefined =>
  phase.files.find((file) => /\.[a-z]+$/.test(file) && !/test|spec|\.md$/i.test(file))

/** The directory of that file, so that what is added lies in a module that the phase has already. */
export const folderOf = (phase: Phase): string =>
  (fileOf(phase) ?? 'src/extra/a.ts').split('/').slice(0, -1).join('/') || 'src'

/** Ids that no phase of the plan has. */
export function freeIds(plan: Plan, count: number): string[] {
  const taken = Math.max(0, ...plan.phases.map(({ id }) => Number.parseInt(id, 10) || 0))
  return Array.from({ length: count }, (_, at) => String(taken + at + 1))
}

export interface NewPhase {
  id: string
  title: string
  dependsOn?: string
  tasks: string[]
  criteria?: string[]
}

/** The plan with phases behind its last one, written in the usual way, and nothing wrong with them by themselves. */
export function withPhases(plan: Plan, files: Files, ...phases: NewPhase[]): Files {
  return appended(
    files,
    plan.index,
    ...phases.flatMap(({ id, title, dependsOn, tasks, criteria = [`\`npm run part-${id}\` exits 0`] }) => [
      `## Phase ${id}: ${title}`,
      '',
      ...(dependsOn === undefined ? [] : [`Depends on: Phase ${dependsOn}`, '']),
      ...(tasks.length === 0 ? [] : ['### Tasks', '', ...tasks.map((task) => `- [ ] ${task}`), '']),
      ...(criteria.length === 0
        ? []
        : ['### Acceptance criteria', '', ...criteria.map((text) => `- ${text}`), '']),
    ]),
  )
}
