import type { Place } from '../model/diagnostic.ts'
import type { Phase, Plan } from '../model/plan.ts'
import { openPhases, placeOfFile, tasksOf } from './facts.ts'
import { applyEdits, type Edit, hasId, idPattern, withId } from './line-edits.ts'
import { untiedPairs } from './rules/dependencies.ts'
import { isTooLarge } from './rules/sizing.ts'
import type { Split } from './split.ts'
import { describeSplit, splitBySize } from './split.ts'

/** One change of the plan that the review proposes, with its reason. */
export interface Change {
  /** "Split phase 4 into 4a (…) and 4b (…)". */
  what: string
  why: string
  place: Place
}

/** A revised plan as text of its files. Nothing is written: a person accepts it, adjusts it or keeps the original. */
export interface Revision {
  /** The changed files, whole, by path from the plan directory. Empty where nothing is proposed. */
  files: Map<string, string>
  changes: Change[]
  /** Titles of tasks that the plan has not yet. */
  added?: readonly string[]
  /** Whether phases stand in another order. */
  moved?: boolean
}

/**
 * Whether a revision, read again, still has every task in its order, no task but those that were to be added, and every dependency
 * resolved. People write in more ways than line edits foresee: what does not read back so is not offered. `moved`: phases may stand in
 * another order.
 */
export function isFaithful(
  original: Plan,
  revised: Plan,
  { added = [], moved = false }: Pick<Revision, 'added' | 'moved'> = {},
): boolean {
  const isNew = new Set(added)
  const byPhase = (plan: Plan, without: ReadonlySet<string>) => {
    const phases = plan.phases.map((phase) =>
      [...tasksOf(phase)]
        .filter(({ title }) => !without.has(title))
        .map((task) => `${task.title}\n${task.done}`)
        .join('\n'),
    )
    return (moved ? phases.sort() : phases.filter((text) => text !== '')).join('\n')
  }
  const open = (plan: Plan) => plan.phases.reduce((sum, phase) => sum + phase.unknownDependencies.length, 0)
  const known = new Set(original.phases.flatMap((phase) => tasksOf(phase).map(({ title }) => title)))
  const fresh = new Set([...isNew].filter((title) => !known.has(title)))
  const read = revised.phases.flatMap((phase) => tasksOf(phase).map(({ title }) => title))
  return (
    byPhase(original, new Set()) === byPhase(revised, fresh) &&
    open(revised) <= open(original) &&
    [...fresh].every((title) => read.includes(title))
  )
}

/** Says what a phase waits for. */
const DEPENDENCY_LINE = /depends?(?: on)?\b|dependenc|blocked by|\bafter phase|requires phase|依赖|前置/i

/**
 * Splits phases that are too large, and states dependencies that a shared file implies. Task-based plans only: in a
 * spec-driven one both are a matter of the manifest's rows. Every line of the author stays, in its order; what cannot be
 * done that way is left to the hints of the findings.
 */
export function restructure(plan: Plan): Revision {
  const none = { files: new Map<string, string>(), changes: [] }
  const source = plan.files.find(({ path }) => path === plan.index)
  if (plan.mode !== 'task-based' || source === undefined || isReadInPart(plan)) return none
  const lines = source.text.split('\n')
  const edits = new Map<number, Edit>()
  const changes: Change[] = []
  /** All of one change or nothing of it: two changes of one line would undo each other. */
  const take = (wanted: Edit[] | undefined, change: Change): void => {
    if (wanted === undefined || wanted.some(({ at }) => edits.has(at))) return
    for (const edit of wanted) edits.set(edit.at, edit)
    changes.push(change)
  }
  for (const phase of openPhases(plan).filter(isTooLarge)) {
    const split = splitBySize(plan, phase)
    take(splitEdits(plan, phase, split, lines), {
      what: `Split phase ${phase.id} into ${describeSplit(split)}`,
      why: 'A smaller phase gets closer reviews and costs less to try again.',
      place: phase.place,
    })
  }
  for (const { first, second, files } of untiedPairs(plan)) {
    take(dependencyEdit(plan, second, first, lines), {
      what: `Let phase ${second.id} depend on phase ${first.id}`,
      why: `Both change ${files[0] ?? 'the same file'}, and neither waits for the other.`,
      place: placeOfFile(second, files[0] ?? ''),
    })
  }
  if (changes.length === 0) return none
  return { files: new Map([[plan.index, applyEdits(lines, edits).join('\n')]]), changes }
}

/** What was not read as it stands cannot be written again, and what was read line by line need not mean what was read. */
export const isReadInPart = ({ diagnostics, index }: Plan): boolean =>
  diagnostics.some(
    ({ rule, file }) => file === index && ['file-too-long', 'not-utf-8', 'too-tangled'].includes(rule),
  )

/** New headings at the borders between parts, and the new ids where others wait for the phase. */
function splitEdits(plan: Plan, phase: Phase, split: Split, lines: string[]): Edit[] | undefined {
  const heading = lines[phase.place.line - 1] ?? ''
  const [first, ...others] = split.parts
  // Only such an id is sure to read back with a letter behind it.
  if (!/^\d+(?:\.\d+)*$/.test(phase.id)) return undefined
  if (first === undefined || !/^#{1,6}\s/.test(heading) || !hasId(heading, phase.id)) return undefined
  const place = new Map(tasksOf(phase).map((task) => [task.id, task.place]))
  const edits: Edit[] = [{ at: phase.place.line - 1, replace: withId(heading, phase.id, first.id) }]
  let [previous, border] = [first.id as string, phase.place.line]
  for (const { id, tasks } of others) {
    const start = place.get(tasks[0] ?? '')
    if (start === undefined || start.file !== plan.index || start.line <= border) return undefined
    border = start.line
    // No heading fits between two rows of a table.
    if (!/^\s*(?:[-*+]|\d+[.)]|#{2,6})\s/.test(lines[border - 1] ?? '')) return undefined
    const waits = plan.dependenciesStated ? [`**Depends on:** Phase ${previous}`, ''] : []
    edits.push({
      at: beforeSubheading(lines, border - 1),
      insert: [withId(heading, phase.id, id), '', ...waits],
    })
    previous = id
  }
  for (const waiter of plan.phases.filter(({ dependsOn }) => dependsOn.includes(phase.id))) {
    const at = dependencyLine(plan, waiter, lines, phase.id)
    if (at === undefined) return undefined
    edits.push({ at, replace: withId(lines[at] ?? '', phase.id, previous) })
  }
  return edits
}

/** A border just below a sub-heading ("### Tasks") belongs above it. */
function beforeSubheading(lines: string[], at: number): number {
  let border = at
  while (border > 0 && (lines[border - 1] ?? '').trim() === '') border--
  return border > 0 && /^#{2,6}\s/.test(lines[border - 1] ?? '') ? border - 1 : at
}

/** Names one more phase on the line that states what a phase waits for, or adds such a line. */
function dependencyEdit(plan: Plan, phase: Phase, other: Phase, lines: string[]): Edit[] | undefined {
  const [stated] = phase.dependsOn
  if (stated === undefined) {
    const at = phase.place.line
    return at < lines.length ? [{ at, insert: [`**Depends on:** Phase ${other.id}`] }] : undefined
  }
  const at = dependencyLine(plan, phase, lines, stated)
  if (at === undefined) return undefined
  const line = lines[at] ?? ''
  const last = [...line.matchAll(idPattern(phase.dependsOn.at(-1) ?? stated, 'g'))].at(-1)
  if (last === undefined) return undefined
  const end = last.index + last[0].length
  return [{ at, replace: `${line.slice(0, end)}, Phase ${other.id}${line.slice(end)}` }]
}

/** The line of a phase that says it waits for `id`. */
function dependencyLine(plan: Plan, phase: Phase, lines: string[], id: string): number | undefined {
  const next = plan.phases.map(({ place }) => place.line).filter((line) => line > phase.place.line)
  const end = Math.min(...next, lines.length + 1) - 1
  for (let at = phase.place.line; at < end; at++) {
    const line = lines[at] ?? ''
    if (DEPENDENCY_LINE.test(line) && hasId(line, id)) return at
  }
  return undefined
}
