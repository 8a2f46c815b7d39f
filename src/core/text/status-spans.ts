/** Where statuses stand in a plan file: what the digest leaves out and what write-back may change. */
import { phaseLabel } from './phase-label.ts'
import { allBlocks, type Block, type Piece } from './blocks.ts'
import { fold, labelled, type Span } from './inline.ts'
import { splitMarks } from './heading-status.ts'
import { listsChoices, readStatus, wholeStatus, type StatusToken } from './status.ts'

const STATUS_LABEL =
  /^(?:current )?(?:status|state|estado|stato|statut|stav|статус|состояние|状态|狀態|ステータス|状況|상태|סטטוס|الحالة|durum)$/u

/** A `status:` line of front matter with one word or a known phrase as its value, to its end. */
export const FRONT_MATTER_STATUS =
  /^status[ \t]*:[ \t]*["']?([\p{L}\p{N}_-]{0,24}|in progress|not started|on hold)["']?[ \t]*(?:\r\n|\r|\n|$)/gmu

/** True for the folded name of a status label or column. */
export const isStatusLabel = (folded: string): boolean => STATUS_LABEL.test(folded)
/** True for the folded header of a status column: "Status", "Status / סטטוס". */
export const isStatusColumn = (folded: string): boolean =>
  STATUS_LABEL.test(folded) || STATUS_LABEL.test(folded.split(' ')[0] ?? '')

/** `marked` is the box of a list item ("[x]", "[in_progress]") without what stands behind. */
export interface BoxSpan extends Span {
  inner: string
}

const BOX = /^(\s*[*_]{0,2})\[([^\]\n]{0,24})\](?!\()/u

/** The box that a list item starts with; undefined where brackets hold anything but a mark or a status. */
export function boxOf(item: Piece): BoxSpan | undefined {
  const match = BOX.exec(item.text)
  if (match === null) return undefined
  const inner = match[2] ?? ''
  const mark = inner.trim()
  if (!/^[ xX✓✔√vV/~>.*oO\\!?-]?$/u.test(mark) && wholeStatus(mark) === undefined) return undefined
  const start = item.start + (match[1]?.length ?? 0) + 1
  return { inner, start, end: start + inner.length }
}

/** The sign that a list item starts with instead of a box: "✅ done". */
export function itemSign(item: Piece): StatusToken | undefined {
  const token = readStatus(item.text)
  if (token?.sign === undefined || item.text.startsWith('[', token.sign.start) || token.start > 2)
    return undefined
  return moved(
    { status: token.status, start: token.start, end: token.sign.end, sign: token.sign },
    item.start,
  )
}

/** The status in a "Status: …" piece (line, item, or one of several labels in a line), and where its value starts. */
export function labelledStatus(piece: Piece): { token: StatusToken; value: Span } | undefined {
  for (const part of parts(piece)) {
    const read = labelled(part.text)
    if (read === undefined || !isStatusLabel(read.label) || listsChoices(read.value)) continue
    const token = readStatus(part.text, read.at)
    if (token === undefined) continue
    return {
      token: moved(token, part.start),
      value: { start: part.start + read.at, end: part.start + part.text.length },
    }
  }
  return undefined
}

/** "**Owner:** x · **Status:** y" is several labels in one line. */
export function parts(line: Piece): Piece[] {
  const found: Piece[] = []
  let from = 0
  for (const match of line.text.matchAll(/(?<!\s)\s+(?:·|\||•)\s+(?=\**[\p{L} ]{1,30}\**[:：])|$/gu)) {
    found.push({ text: line.text.slice(from, match.index), start: line.start + from, line: line.line })
    from = match.index + match[0].length
  }
  return found
}

/** Marks of a heading, or of the title behind a phase's number: offsets are those of the file. */
export function headingMarks(heading: Piece): { span: Span; token: StatusToken | undefined }[] {
  const label = phaseLabel(heading.text)
  if (label === undefined) return splitMarks(heading.text).marks.map((m) => movedMark(m, heading.start))
  const titleAt = heading.text.length - label.title.length - trailingBlanks(heading.text)
  const lead = splitMarks(`${heading.text.slice(0, Math.max(0, titleAt))}x`).marks.filter(
    (m) => m.span.start === 0 || (m.token?.start ?? titleAt) < titleAt,
  )
  return [
    ...lead.map((m) => movedMark(m, heading.start)),
    ...splitMarks(label.title).marks.map((m) => movedMark(m, heading.start + Math.max(0, titleAt))),
  ]
}

const trailingBlanks = (text: string): number => text.length - text.trimEnd().length

function movedMark(
  mark: { span: Span; token: StatusToken | undefined },
  by: number,
): { span: Span; token: StatusToken | undefined } {
  return {
    span: { start: mark.span.start + by, end: mark.span.end + by },
    token: mark.token === undefined ? undefined : moved(mark.token, by),
  }
}

export function moved(token: StatusToken, by: number): StatusToken {
  const shift = (span: Span): Span => ({ start: span.start + by, end: span.end + by })
  return {
    status: token.status,
    ...shift(token),
    ...(token.sign === undefined ? {} : { sign: shift(token.sign) }),
    ...(token.word === undefined ? {} : { word: shift(token.word) }),
  }
}

/** Every status-bearing span of a file, in order, without overlaps. */
export function statusSpans(blocks: readonly Block[]): Span[] {
  const spans: Span[] = []
  for (const block of allBlocks(blocks)) spans.push(...spansOf(block))
  spans.sort((a, b) => a.start - b.start || b.end - a.end)
  let end = -1
  return spans.filter((span) => {
    if (span.start < end || span.end <= span.start) return false
    end = span.end
    return true
  })
}

function spansOf(block: Block): Span[] {
  switch (block.kind) {
    case 'heading':
      return headingMarks(block).map((m) => (m.token === undefined || isBare(block, m) ? m.span : m.token))
    case 'paragraph':
      return block.lines.flatMap((line) => valueSpan(line))
    case 'list':
      return block.items.flatMap((item) => {
        const box = boxOf(item)
        const sign = box === undefined ? itemSign(item) : undefined
        return [
          ...(box === undefined ? [] : [box]),
          ...(sign === undefined ? [] : [sign]),
          ...valueSpan(item),
          ...tailSigns(item),
        ]
      })
    case 'table': {
      const columns = block.header.flatMap((cell, index) => (isStatusColumn(fold(cell.text)) ? [index] : []))
      return block.rows.flatMap((row) =>
        row.flatMap((cell, column) => (columns.includes(column) ? cellSpan(cell) : tailSigns(cell))),
      )
    }
    case 'frontmatter':
      // the whole line: write-back adds one where there is none
      return [...block.text.matchAll(FRONT_MATTER_STATUS)].map((match) => ({
        start: block.start + match.index,
        end: block.start + match.index + match[0].length,
      }))
    default:
      return []
  }
}

/** Signs behind the text of an item or cell: "Set up ✅". */
function tailSigns(piece: Piece): Span[] {
  return splitMarks(piece.text).marks.flatMap((mark) =>
    mark.span.start > 0 &&
    mark.token?.sign !== undefined &&
    mark.token.word === undefined &&
    isBare(piece, movedMark(mark, piece.start))
      ? [{ start: mark.span.start + piece.start, end: mark.span.end + piece.start }]
      : [],
  )
}

/** The statuses that stand behind the text of an item ("Set up (done)"). */
export function tailTokens(piece: Piece): StatusToken[] {
  return splitMarks(piece.text).marks.flatMap((mark) =>
    mark.span.start > 0 && mark.token !== undefined ? [moved(mark.token, piece.start)] : [],
  )
}

/** Every status that blocks state in marks, status lines and status columns. */
export function* statusTokens(blocks: readonly Block[]): Generator<StatusToken> {
  for (const block of allBlocks(blocks)) {
    if (block.kind === 'heading')
      for (const { token } of headingMarks(block)) if (token !== undefined) yield token
    const lines = block.kind === 'paragraph' ? block.lines : block.kind === 'list' ? block.items : []
    for (const line of lines) {
      const stated = labelledStatus(line)
      if (stated !== undefined) yield stated.token
      const box = block.kind === 'list' ? boxOf(line) : undefined
      const word = box === undefined ? undefined : readStatus(box.inner)
      if (box !== undefined && word?.word !== undefined) yield moved(word, box.start)
    }
    if (block.kind !== 'table') continue
    for (const [column, header] of block.header.entries()) {
      if (!isStatusColumn(fold(header.text))) continue
      for (const row of block.rows) {
        const cell = row[column]
        const token = cell === undefined ? undefined : wholeStatus(cell.text)
        if (cell !== undefined && token !== undefined) yield moved(token, cell.start)
      }
    }
  }
}

/** True where a mark and its brackets hold nothing but a status, so that all of it may go. */
function isBare(block: Piece, mark: { span: Span; token: StatusToken | undefined }): boolean {
  const text = block.text.slice(mark.span.start - block.start, mark.span.end - block.start)
  const token = mark.token
  if (token === undefined) return true
  const rest = text.slice(0, token.start - mark.span.start) + text.slice(token.end - mark.span.start)
  return !/[\p{L}]/u.test(rest)
}

/** "completed — was: blocked": what we write before a status that is part of a sentence counts as that status. */
export const WAS = ' — was: '

function valueSpan(piece: Piece): Span[] {
  const read = labelledStatus(piece)
  return read === undefined ? [] : [throughWas(piece, read.token)]
}

function throughWas(piece: Piece, token: StatusToken): Span {
  const at = token.end - piece.start
  if (!piece.text.startsWith(WAS, at)) return token
  const earlier = statusBefore(piece.text, at)
  return {
    start: token.start,
    end: earlier === undefined ? token.end + WAS.length : piece.start + earlier.end,
  }
}

/** The status that was written over: "blocked" of "completed — was: blocked by A", where `end` is behind "completed". */
export const statusBefore = (text: string, end: number): StatusToken | undefined =>
  text.startsWith(WAS, end) ? readStatus(text, end + WAS.length) : undefined

/** What a status of being blocked names as its reason: "A" of "blocked by A", "Phase 1" of "blocked — waiting on Phase 1". */
export const blockedBy = (rest: string): string | undefined => /\b(?:by|on|until)\s+(.+)$/iu.exec(rest)?.[1]

function cellSpan(cell: Piece | undefined): Span[] {
  if (cell === undefined) return []
  const token = readStatus(cell.text)
  return token === undefined ? [] : [throughWas(cell, moved(token, cell.start))]
}
