/** `task_plan.md`: phases are sections, list items or rows of one file. */
import type { Diagnostic } from '../../model/diagnostic.ts'
import { phaseId } from '../../model/ids.ts'
import type { Phase, Status, Task, WrittenPlan } from '../../model/plan.ts'
import { type Block, parseBlocks, type Piece } from '../../text/blocks.ts'
import { plain } from '../../text/inline.ts'
import { linesOf } from '../../text/lines.ts'
import { readBody, type Body } from '../body.ts'
import {
  dependsOnItself,
  MAX_DEPENDENCIES,
  type PhaseOrder,
  phaseOrder,
  readDependencies,
  tooManyDependencies,
} from '../dependencies.ts'
import { readDependencyNotes } from '../dependency-notes.ts'
import { findPhases } from '../find-phases.ts'
import type { PlanFiles, PlanFormat } from '../format.ts'
import type { FoundPhase } from '../found-phase.ts'
import { locateByIndex, OWN_FILES, writeOwnStatus } from '../own-status.ts'
import { overviewRows, type OverviewRow, rowFinder } from '../tables.ts'
import { STRICT, type TaskHabits } from '../tasks.ts'
import { toTasks } from '../to-tasks.ts'
import { unreadWork } from '../unread.ts'

const INDEX = 'task_plan.md'

export const taskPlan: PlanFormat = {
  id: 'task-based',
  marker: INDEX,
  words: { phase: 'phase', task: 'task' },
  isOurs: true,
  own: OWN_FILES,
  locate: (path) => locateByIndex(path, INDEX),
  detect: ({ names, file = INDEX }) =>
    Promise.resolve(
      file === INDEX && names.includes(INDEX)
        ? { confidence: 'certain', index: INDEX, files: [INDEX] }
        : undefined,
    ),
  read: (files: PlanFiles): WrittenPlan => readTaskPlan(files.text(INDEX) ?? '', INDEX, files.blocks(INDEX)),
  write: writeOwnStatus,
}

/** How the files of a format write phases. */
export interface PlanHabits {
  find(blocks: readonly Block[]): FoundPhase[]
  tasks: TaskHabits
  /** What is told about the phases apart from them. */
  notes(source: string, blocks: readonly Block[], found: readonly FoundPhase[]): PhaseNotes
}

export interface PhaseNotes {
  /** Where neither the phase nor a ticked box says it. `boxes`: whether the phase has boxes, which are all open then. */
  status(id: string, boxes: boolean): Status | undefined
  dependsOn(id: string): readonly string[]
}

const SILENT: PhaseNotes = { status: () => undefined, dependsOn: () => [] }
const HABITS: PlanHabits = { find: findPhases, tasks: STRICT, notes: orderNotes }

/** A section "Dependencies", a flowchart. What a phase says itself counts before it; people draw waves of work with arrows too. */
function orderNotes(source: string, _: readonly Block[], found: readonly FoundPhase[]): PhaseNotes {
  const phases = found.map(({ id, title }) => ({ id, title: '', label: title }))
  const { stated } = readDependencyNotes(source, linesOf(source), phases, { drawn: false })
  return { ...SILENT, dependsOn: (id) => stated.get(id) ?? [] }
}

/** Reads one file of phases. `blocks` are those of the text, where they are known. */
export function readTaskPlan(
  source: string,
  file: string,
  blocks: readonly Block[] = parseBlocks(source),
  habits = HABITS,
): WrittenPlan {
  const found = habits.find(blocks)
  const overview = overviewRows(blocks)
  const notes = habits.notes(source, blocks, found)
  const order = phaseOrder(found.map((p) => p.id))
  const purse = { left: MAX_DEPENDENCIES }
  const rows = rowFinder(overview)
  const diagnostics = [
    ...found.flatMap((phase) => repeated(phase, file)),
    ...unreadWork(blocks, found, { source, file }),
  ]
  const ends = found.map((p, i) => Math.max(p.textStart, sectionEnd(p, found[i + 1], source)))
  const phases = found.map((p, i) => {
    const body = bodyOf(p, file, habits.tasks)
    const texts = [
      source.slice(p.textStart, ends[i]),
      ...(p.more ?? []).map((m) => textOf(m.section, source)),
    ]
    const text = texts
      .map((part) => part.trim())
      .join('\n\n')
      .trim()
    return toPhase({ found: p, body, rows: rows(p), order, purse, text, notes, file }, diagnostics)
  })
  return { mode: 'task-based', title: documentTitle(blocks, found), phases, diagnostics }
}

const repeated = ({ id, line, repeatedAt }: FoundPhase, file: string): Diagnostic[] =>
  repeatedAt.map((at) => ({
    rule: 'duplicate-phase',
    severity: 'warning',
    file,
    line: at,
    message: `Phase ${id} stands twice, at line ${line} and at line ${at}. The one at line ${line} counts, this one is left out with all its tasks.`,
    hint: 'Give it a number of its own, or put its tasks into the other.',
    phase: id,
  }))

/** What stands in the phase's section, and in the further ones about it. */
function bodyOf(found: FoundPhase, file: string, habits: TaskHabits): Body {
  const body = readBody(found.blocks, file, habits)
  for (const { section, work } of found.more ?? []) {
    const more = readBody(section.blocks, file, habits)
    body.status ??= more.status ?? section.status
    if (work) body.tasks.push(...more.tasks)
    body.targets.push(...more.targets.filter(({ path }) => !body.targets.some((t) => t.path === path)))
    body.mentioned.push(...more.mentioned)
    body.dependencies.push(...section.dependencies, ...more.dependencies)
    if (body.criteria.length === 0) body.criteria = more.criteria
    if (body.requirements.length === 0) body.requirements = more.requirements
  }
  return body
}

const textOf = (section: FoundPhase, source: string): string =>
  source.slice(
    lineStart(source, section.start),
    Math.max(section.textStart, sectionEnd(section, undefined, source)),
  )

interface Reading {
  found: FoundPhase
  notes: PhaseNotes
  body: Body
  rows: OverviewRow[]
  order: PhaseOrder
  /** How many dependencies may still be read, over all phases. */
  purse: { left: number }
  text: string
  file: string
}

function toPhase(reading: Reading, diagnostics: Diagnostic[]): Omit<Phase, 'after'> {
  const { found, body, file, rows } = reading
  const tasks = toTasks(body.tasks, found.id, file)
  const place = { file, line: found.line }
  const dependencies = dependenciesOf(reading, diagnostics)
  return {
    id: phaseId(found.id),
    title: found.title,
    status: statusOf(reading, tasks, diagnostics),
    text: reading.text,
    tasks,
    specs: [],
    files: [
      ...new Set([...body.targets.map((t) => t.path), ...tasks.flatMap((t) => t.files), ...body.mentioned]),
    ].sort(),
    targets: body.targets,
    criteria: [...body.requirements, ...body.criteria],
    dependsOn: dependencies.ids.map(phaseId),
    unknownDependencies: dependencies.unknown,
    place: rows.length === 0 || found.from !== 'table' ? place : { file, line: found.line },
  }
}

/**
 * What is stated wins, in this order: the phase's own status line, the mark in its heading or list item, an overview table.
 * Where nothing is stated, ticked boxes speak: all done is completed, some done is in progress.
 */
function statusOf(reading: Reading, tasks: readonly Task[], diagnostics: Diagnostic[]): Status {
  const { found, body, rows, file } = reading
  for (const value of body.unread) {
    diagnostics.push({
      rule: 'unknown-status',
      severity: 'warning',
      file,
      line: value.line,
      message: `Phase ${found.id} has the status "${plain(value.text).slice(0, 80)}", which is none we know.`,
      hint: 'Write pending, in_progress, completed, blocked, skipped or failed.',
      phase: found.id,
    })
  }
  const [stated, ...others] = [
    { status: body.status, line: body.statusLine ?? found.line },
    found,
    ...rows,
  ].flatMap(({ status, line }) => (status === undefined ? [] : [{ status, line }]))
  if (stated !== undefined) {
    const other = others.find(({ status }) => (status === 'completed') !== (stated.status === 'completed'))
    if (other !== undefined) diagnostics.push(twoStatuses(found.id, stated, other, file))
    return stated.status
  }
  const done = tasks.filter((t) => t.done).length
  const boxes = body.tasks.some(({ form }) => form === 'check')
  if (done === 0) return reading.notes.status(found.id, boxes) ?? 'pending'
  return done === tasks.length ? 'completed' : 'in_progress'
}

/** Done in one place and not in another; other differences are only more or less exact. */
const twoStatuses = (id: string, counts: StatusAt, other: StatusAt, file: string): Diagnostic => ({
  rule: 'contradicting-status',
  severity: 'warning',
  file,
  line: counts.line,
  message: `Phase ${id} is ${said(counts)} in line ${counts.line} and ${said(other)} in line ${other.line}; it counts as ${said(counts)}.`,
  hint: 'Write the same status in both.',
  phase: id,
})

interface StatusAt {
  status: Status
  line: number
}

const said = ({ status }: StatusAt): string => status.replace('_', ' ')

function dependenciesOf(
  { found, body, rows, order, purse, notes, file }: Reading,
  diagnostics: Diagnostic[],
): { ids: string[]; unknown: Phase['unknownDependencies'] } {
  const result = { ids: new Set<string>(), unknown: [] as Phase['unknownDependencies'] }
  const pieces: Piece[] = [
    ...found.dependencies,
    ...body.dependencies,
    ...rows.flatMap((r) => (r.dependencies === undefined ? [] : [r.dependencies])),
  ]
  const elsewhere = pieces.length === 0 ? notes.dependsOn(found.id) : []
  for (const id of elsewhere) if (id !== found.id) result.ids.add(id)
  for (const piece of pieces) {
    if (purse.left <= 0) break
    const stated = readDependencies(piece.text, order, found.id)
    for (const id of stated.ids) result.ids.add(id)
    purse.left -= stated.ids.length
    if (purse.left <= 0) diagnostics.push(tooManyDependencies(found.id, { file, line: piece.line }))
    for (const text of stated.unknown) result.unknown.push({ text, place: { file, line: piece.line } })
    if (stated.self)
      diagnostics.push(dependsOnItself(`Phase ${found.id}`, { file, line: piece.line }, found.id))
    if (!stated.understood) {
      diagnostics.push({
        rule: 'dependency-not-understood',
        severity: 'info',
        file,
        line: piece.line,
        message: `Phase ${found.id} depends on "${plain(piece.text).slice(0, 80)}", which names no phase; it does not change the order.`,
        hint: 'Name phases by their number, for example "Depends on: Phase 1, Phase 2".',
        phase: found.id,
      })
    }
  }
  return { ids: [...result.ids], unknown: result.unknown }
}

/** A phase's text ends where its last block does; blocks carry starts only, so the next heading or phase bounds it. */
function sectionEnd(phase: FoundPhase, next: FoundPhase | undefined, source: string): number {
  const last = lastLine(phase.blocks)
  const bound =
    next === undefined || next.start <= phase.start ? source.length : lineStart(source, next.start)
  if (phase.from === 'table') return phase.textStart
  let end = phase.textStart
  for (let line = phase.line; line <= last || insideBlock(source, end, bound); line += 1) {
    const at = source.indexOf('\n', end)
    if (at < 0 || at + 1 > bound) return bound
    end = at + 1
  }
  return Math.min(end, bound)
}

/** True while lines of the last block go on: neither a blank line nor a heading. */
function insideBlock(source: string, at: number, bound: number): boolean {
  return at < bound && !/^[ \t]*(?:\r?\n|$|#{1,6}\s)/.test(source.slice(at, at + 80))
}

const lineStart = (source: string, offset: number): number => source.lastIndexOf('\n', offset - 1) + 1

function lastLine(blocks: readonly Block[]): number {
  let last = 0
  for (const block of blocks) {
    last = Math.max(last, block.line)
    if (block.kind === 'list')
      for (const item of block.items) last = Math.max(last, item.line, lastLine(item.blocks))
    if (block.kind === 'table') last = Math.max(last, block.rows.at(-1)?.[0]?.line ?? 0)
    if (block.kind === 'code') last += block.text.split('\n').length
  }
  return last
}

function documentTitle(blocks: readonly Block[], phases: readonly FoundPhase[]): string {
  const starts = new Set(phases.map((p) => p.start))
  const heading = blocks.find((b) => b.kind === 'heading')
  return heading?.kind === 'heading' && !starts.has(heading.start) ? plain(heading.text) : ''
}
