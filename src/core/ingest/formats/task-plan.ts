/** `task_plan.md`: phases are sections, list items or rows of one file. */
import type { Diagnostic } from '../../model/diagnostic.ts'
import { phaseId } from '../../model/ids.ts'
import type { Phase, Status, Task, WrittenPlan } from '../../model/plan.ts'
import { type Block, parseBlocks, type Piece } from '../../text/blocks.ts'
import { fold, plain } from '../../text/inline.ts'
import { readBody, type Body } from '../body.ts'
import { readDependencies } from '../dependencies.ts'
import { findPhases } from '../find-phases.ts'
import type { PlanFiles, PlanFormat } from '../format.ts'
import type { FoundPhase } from '../found-phase.ts'
import { locateByIndex, OWN_FILES, writeOwnStatus } from '../own-status.ts'
import { overviewRows, type OverviewRow } from '../tables.ts'
import { toTasks } from '../to-tasks.ts'

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

/** Reads one file of phases. `blocks` are those of the text, where they are known. */
export function readTaskPlan(
  source: string,
  file: string,
  blocks: readonly Block[] = parseBlocks(source),
): WrittenPlan {
  const found = findPhases(blocks)
  const overview = overviewRows(blocks)
  const ids = found.map((p) => p.id)
  const diagnostics = found.flatMap((phase) => repeated(phase, file))
  const ends = found.map((p, i) => Math.max(p.textStart, sectionEnd(p, found[i + 1], source)))
  const phases = found.map((p, i) => {
    const body = readBody(p.blocks, file)
    const text = source.slice(p.textStart, ends[i]).trim()
    return toPhase({ found: p, body, rows: rowsOf(p, overview), ids, text, file }, diagnostics)
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

interface Reading {
  found: FoundPhase
  body: Body
  rows: OverviewRow[]
  ids: string[]
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
  const stated = body.status ?? found.status ?? rows.find((r) => r.status !== undefined)?.status
  if (stated !== undefined) return stated
  const done = tasks.filter((t) => t.done).length
  if (done === 0) return 'pending'
  return done === tasks.length ? 'completed' : 'in_progress'
}

function dependenciesOf(
  { found, body, rows, ids, file }: Reading,
  diagnostics: Diagnostic[],
): { ids: string[]; unknown: Phase['unknownDependencies'] } {
  const result = { ids: [] as string[], unknown: [] as Phase['unknownDependencies'] }
  const pieces: Piece[] = [
    ...found.dependencies,
    ...body.dependencies,
    ...rows.flatMap((r) => (r.dependencies === undefined ? [] : [r.dependencies])),
  ]
  for (const piece of pieces) {
    const stated = readDependencies(piece.text, ids, found.id)
    for (const id of stated.ids) if (!result.ids.includes(id)) result.ids.push(id)
    for (const text of stated.unknown) result.unknown.push({ text, place: { file, line: piece.line } })
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
  return result
}

/** Overview rows of a phase: by id, or by a name that is the phase's title. */
function rowsOf(phase: FoundPhase, overview: readonly OverviewRow[]): OverviewRow[] {
  const name = fold(phase.title)
  return overview.filter((row) => (row.id === undefined ? row.name === name : row.id === phase.id))
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
