/** Writes the status of a phase or spec into plan files, in the file's own manner, and nothing else. */
import type { Status } from '../model/plan.ts'
import { allBlocks, type Block, type Item, parseBlocks, type Piece } from './blocks.ts'
import { fold, labelled } from './inline.ts'
import { phaseLabel } from './phase-label.ts'
import { splitMarks } from './heading-status.ts'
import { phaseSectionEnd, taskHeadingForm } from './sections.ts'
import { readStatus, rewriteStatus, type StatusToken } from './status.ts'
import {
  blockedBy,
  boxOf,
  headingMarks,
  isStatusColumn,
  isStatusLabel,
  itemSign,
  labelledStatus,
  moved,
  statusTokens,
  tailTokens,
  WAS,
} from './status-spans.ts'
import { SIGN_OF } from './status-words.ts'
import { applyEdits, type Edit } from './edits.ts'
import { statusRows } from './status-rows.ts'

export interface PhaseRef {
  id: string
  /** Line of the phase's heading, item or row when it was read. */
  line: number
}

/**
 * The task plan with a phase's status set: heading mark, status line, list mark, table cell, whatever states it; a sign behind
 * the heading where nothing does. `completed` ticks the phase's open boxes too. The same text where the phase is not found.
 */
export function setPhaseStatus(source: string, phase: PhaseRef, status: Status): string {
  const blocks = parseBlocks(source)
  const words = vocabulary(blocks, source)
  const edit = new Editor(source, status, words)
  const stated = atHeading(blocks, phase, edit) ?? atItem(blocks, phase, edit) ?? atRow(blocks, phase, edit)
  if (stated === undefined) return source
  elsewhere(blocks, phase, edit)
  return applyEdits(source, edit.edits)
}

/** The words that a file itself uses for statuses, first come first served. */
export function vocabulary(blocks: readonly Block[], source: string): Map<Status, string> {
  const words = new Map<Status, string>()
  for (const token of statusTokens(blocks)) {
    if (token.word === undefined || words.has(token.status)) continue
    words.set(token.status, source.slice(token.word.start, token.word.end))
  }
  return words
}

/** Collects edits; knows the source, the status to write and the file's words for it. */
class Editor {
  readonly edits: Edit[] = []
  readonly source: string
  readonly status: Status
  readonly #words: ReadonlyMap<Status, string>

  constructor(source: string, status: Status, words: ReadonlyMap<Status, string>) {
    this.source = source
    this.status = status
    this.#words = words
  }

  /** Puts the status in place of a token. A token that goes on ("blocked by A") is kept behind "— was:". */
  token(token: StatusToken, piece?: Piece): void {
    if (token.status === this.status) return
    const text = rewriteStatus(this.source, token, this.status, this.#words)
    const rest = piece === undefined ? '' : piece.text.slice(token.end - piece.start)
    // an earlier "completed — was: blocked by A" already keeps the sentence
    const goesOn =
      /^[*_`~"']*[ \t]+(?:[*_`~"']*[\p{L}])/u.test(rest) ||
      (token.status === 'blocked' && blockedBy(rest) !== undefined)
    const sentence = token.word !== undefined && goesOn && !rest.startsWith(WAS)
    const old = this.source.slice(token.start, token.end)
    this.edits.push({ start: token.start, end: token.end, text: sentence ? text + WAS + old : text })
  }

  box(item: Item): boolean {
    const box = boxOf(item)
    if (box === undefined) return false
    const word = readStatus(box.inner)
    if (word?.word !== undefined) this.token(moved(word, box.start))
    else {
      const mark = {
        completed: 'x',
        skipped: '-',
        in_progress: '/',
        failed: 'failed',
        blocked: '!',
        pending: ' ',
        draft: ' ',
      }[this.status]
      const done = /^[xX✓✔√vV]$/u.test(box.inner.trim())
      if (!(done && this.status === 'completed') && box.inner !== mark)
        this.edits.push({ start: box.start, end: box.end, text: mark })
    }
    return true
  }

  insert(at: number, text: string): void {
    this.edits.push({ start: at, end: at, text })
  }
}

// ── where a phase stands ─────────────────────────────────────────────────────────────────────────────────────────

/** True: found and stated or marked. Undefined: the phase is no heading. */
function atHeading(blocks: readonly Block[], phase: PhaseRef, edit: Editor): true | undefined {
  const isPhase = (b: Block): b is Extract<Block, { kind: 'heading' }> =>
    b.kind === 'heading' && phaseLabel(b.text)?.id === phase.id
  let index = blocks.findIndex((b) => b.kind === 'heading' && b.line === phase.line)
  if (index < 0) index = blocks.findIndex(isPhase)
  const heading = blocks[index]
  if (heading?.kind !== 'heading') return undefined
  const tokens = headingMarks(heading).flatMap((m) => m.token ?? [])
  for (const token of tokens) edit.token(token)
  const section = blocks.slice(index + 1, phaseSectionEnd(blocks, index, heading.level, phase.id))
  const lines = ownStatusLines(section)
  for (const { token, piece } of lines) edit.token(token, piece)
  if (tokens.length === 0 && lines.length === 0)
    edit.insert(heading.start + heading.text.trimEnd().length, ` ${SIGN_OF[edit.status]}`)
  if (edit.status === 'completed')
    finish(
      section,
      edit,
      lines.map((l) => l.piece),
    )
  return true
}

/** Status lines of the phase itself: those that stand under no task heading. */
function ownStatusLines(section: readonly Block[]): { token: StatusToken; piece: Piece }[] {
  const found: { token: StatusToken; piece: Piece }[] = []
  const take = (piece: Piece): void => {
    const token = labelledStatus(piece)?.token
    if (token !== undefined) found.push({ token, piece })
  }
  let task: number | undefined
  for (const block of section) {
    if (block.kind === 'heading') {
      if (task !== undefined && block.level <= task) task = undefined
      if (task === undefined && taskHeadingForm(splitMarks(block.text).text) !== undefined) task = block.level
    }
    if (task !== undefined) continue
    if (block.kind === 'paragraph') block.lines.forEach(take)
    if (block.kind === 'list') block.items.forEach(take)
    if (block.kind === 'quote')
      for (const inner of block.blocks) if (inner.kind === 'paragraph') inner.lines.forEach(take)
  }
  return found
}

/** Ticks what is open in a phase that is done: boxes, signs, status lines of tasks, status cells. */
function finish(section: readonly Block[], edit: Editor, done: readonly Piece[]): void {
  const handled = new Set(done.map((p) => p.start))
  const line = (piece: Piece): void => {
    if (handled.has(piece.start)) return
    const token = labelledStatus(piece)?.token
    if (token !== undefined && isOpen(token.status)) edit.token(token, piece)
  }
  for (const block of allBlocks(section)) {
    if (block.kind === 'paragraph') block.lines.forEach(line)
    if (block.kind === 'list') for (const item of block.items) tick(item, edit, line)
    if (block.kind === 'heading')
      for (const { token } of headingMarks(block))
        if (token !== undefined && isOpen(token.status)) edit.token(token)
    if (block.kind === 'table') {
      for (const [column, cell] of block.header.entries()) {
        if (!isStatusColumn(fold(cell.text))) continue
        for (const row of block.rows) tickCell(row[column], edit)
      }
    }
  }
}

const isOpen = (status: Status): boolean =>
  status === 'pending' || status === 'in_progress' || status === 'draft'

function tick(item: Item, edit: Editor, line: (piece: Piece) => void): void {
  const box = boxOf(item)
  if (box !== undefined) {
    const mark = readStatus(box.inner)?.status
    if (mark === undefined ? /^[ /~>.*oO\\]?$/u.test(box.inner.trim()) : isOpen(mark)) edit.box(item)
    return
  }
  const sign = itemSign(item)
  if (sign !== undefined && isOpen(sign.status)) edit.token(sign)
  line(item)
}

function tickCell(cell: Piece | undefined, edit: Editor): void {
  const token = cell === undefined ? undefined : readStatus(cell.text)
  if (cell !== undefined && token !== undefined && isOpen(token.status))
    edit.token(moved(token, cell.start), cell)
}

function atItem(blocks: readonly Block[], phase: PhaseRef, edit: Editor): true | undefined {
  for (const block of blocks) {
    if (block.kind !== 'list') continue
    const item = block.items.find((i) => i.line === phase.line)
    if (item === undefined) continue
    itemStatus(item, edit)
    if (edit.status === 'completed') finish(item.blocks, edit, [])
    return true
  }
  return undefined
}

/** The box, sign or mark of an item; a sign behind it where it has none. */
function itemStatus(item: Item, edit: Editor): void {
  if (edit.box(item)) return
  const sign = itemSign(item)
  if (sign !== undefined) return edit.token(sign)
  const tokens = tailTokens(item)
  for (const token of tokens) edit.token(token)
  if (tokens.length === 0) edit.insert(item.start + item.text.trimEnd().length, ` ${SIGN_OF[edit.status]}`)
}

function atRow(blocks: readonly Block[], phase: PhaseRef, edit: Editor): true | undefined {
  for (const block of blocks) {
    if (block.kind !== 'table') continue
    const row = block.rows.find((r) => r[0]?.line === phase.line)
    if (row === undefined) continue
    const header = block.header.map((cell) => fold(cell.text))
    const cell = row[header.findIndex(isStatusColumn)]
    const token = cell === undefined ? undefined : readStatus(cell.text)
    if (cell !== undefined && token !== undefined) edit.token(moved(token, cell.start), cell)
    else {
      const named = row.filter((c) => c !== cell && /\p{L}{2}/u.test(c.text))[0] ?? row[0]
      if (named !== undefined)
        edit.insert(named.start + named.text.trimEnd().length, ` ${SIGN_OF[edit.status]}`)
    }
    return true
  }
  return undefined
}

/** Overviews: rows and list items anywhere that name the phase and state a status. */
function elsewhere(blocks: readonly Block[], phase: PhaseRef, edit: Editor): void {
  for (const block of blocks) {
    if (block.kind === 'table') {
      for (const row of statusRows(block)) {
        const token = row.id === phase.id ? readStatus(row.cell.text) : undefined
        if (token !== undefined && row.cell.line !== phase.line)
          edit.token(moved(token, row.cell.start), row.cell)
      }
    }
    if (block.kind !== 'list') continue
    for (const item of block.items) {
      if (item.line === phase.line || phaseOf(item) !== phase.id) continue
      if (boxOf(item) !== undefined) edit.box(item)
      else {
        const sign = itemSign(item)
        if (sign !== undefined) edit.token(sign)
      }
    }
  }
}

/** The phase that an item of an overview names ("- [ ] Phase 2: Build"); a "Status: …" item names none. */
function phaseOf(item: Item): string | undefined {
  const text = item.text.replace(/^\s*[*_]{0,2}\[[^\]\n]{0,24}\]\s*/u, '')
  if (isStatusLabel(labelled(text)?.label ?? '')) return undefined
  const label = phaseLabel(text)
  return label?.separated === true ? label.id : undefined
}
