/**
 * The blocks of a stretch of Markdown that holds nothing but what most of a plan is made of: headings, lines of text, flat lists and
 * tables, all at the very left. A parser of CommonMark takes a tenth of a millisecond for each of these lines; here it is a look. A
 * stretch with anything else in it is not read at all (undefined), so that the parser alone says what it means. That both agree is
 * held by a property of the tests.
 */
import type { Block, Item, Piece } from './blocks.ts'

/** Where no block but a paragraph begins: no sign of a list, quote, fence, rule, table, heading or HTML. */
const TEXT =
  /^(?:[^ \t\r\n#>|<=:+\-*_~`\d\\&\0]|\d(?!\d{0,8}[.)](?:[ \t]|$))|\*{1,2}(?=[\p{L}\p{N}"“(])|_{1,2}(?=[\p{L}\p{N}"“(])|`(?!`)|~~(?=[\p{L}\p{N}]))/u
const HEADING = /^(#{1,6}) +(?=[^ \t#])/
const ITEM = /^(?:([-*+])|(\d{1,9})([.)])) {1,4}(?=[^ \t])/
const DELIMITERS = /^\|(?: *:?-+:? *\|)+ *$/
/** A longer line is blanked out for the parser (see `guarded`). */
const MAX_LINE = 20_000

interface Reading {
  text: string
  blocks: Block[]
  /** The sign of the list that an item would go on with. */
  sign: string | undefined
  before: 'blank' | 'heading' | 'text' | 'item' | 'row'
}

/**
 * Reads `text` from offset `at` to `to`, whose first line has the number `line`; undefined where it is not that simple. A stretch
 * begins where a block does.
 */
export function simpleBlocks(
  text: string,
  { at, to, line: first }: { at: number; to: number; line: number },
): Block[] | undefined {
  const reading: Reading = { text, blocks: [], sign: undefined, before: 'blank' }
  let line = first
  for (let start = at; start < to; line += 1) {
    const end = lineEnd(text, start, to)
    const next = behindLineEnd(text, end)
    if (end - start > MAX_LINE) return undefined
    const written = text.slice(start, end)
    if (written.includes('\t')) return undefined
    if (written.startsWith('|')) {
      const behind = readTable(reading, { start, to, line })
      if (behind === undefined) return undefined
      ;[start, line] = [behind.at, behind.line - 1]
      continue
    }
    if (!readLine(reading, written, start, line)) return undefined
    start = next
  }
  finishText(reading)
  return reading.blocks
}

function readLine(reading: Reading, written: string, start: number, line: number): boolean {
  if (inkEnd(written) === 0) {
    reading.before = 'blank'
    finishText(reading)
    return true
  }
  const heading = HEADING.exec(written)
  if (heading !== null) return readHeading(reading, written, { start, line, heading })
  const item = ITEM.exec(written)
  if (item !== null) return readItem(reading, written, { start, line, item })
  // a line right below an item or a row belongs to it
  if (!TEXT.test(written) || written.includes('|')) return false
  if (reading.before === 'item' || reading.before === 'row') return false
  const piece = { text: written, start, line }
  const last = reading.blocks.at(-1)
  if (reading.before === 'text' && last?.kind === 'paragraph') last.lines.push(piece)
  else reading.blocks.push({ kind: 'paragraph', line, lines: [piece] })
  reading.before = 'text'
  reading.sign = undefined
  return true
}

interface Read {
  start: number
  line: number
}

function readHeading(
  reading: Reading,
  written: string,
  { start, line, heading }: Read & { heading: RegExpExecArray },
): boolean {
  const [lead, signs = ''] = heading
  if (/#[ ]*$/.test(written)) return false
  finishText(reading)
  reading.blocks.push({
    kind: 'heading',
    level: signs.length,
    ...pieceOf(written, { start, line, from: lead.length }),
  })
  reading.before = 'heading'
  reading.sign = undefined
  return true
}

function readItem(
  reading: Reading,
  written: string,
  { start, line, item }: Read & { item: RegExpExecArray },
): boolean {
  const [lead, bullet, number, delimiter] = item
  const text = written.slice(lead.length)
  if (!TEXT.test(text)) return false
  const sign = bullet ?? delimiter ?? ''
  const last = reading.blocks.at(-1)
  const goesOn = last?.kind === 'list' && reading.sign === sign
  // only a list that begins at 1 may stand right below a line of text
  if (!goesOn && number !== undefined && number !== '1' && ['text', 'item', 'row'].includes(reading.before))
    return false
  if (reading.before === 'row') return false
  finishText(reading)
  const one: Item = {
    ...pieceOf(written, { start, line, from: lead.length }),
    ordinal: number === undefined ? undefined : Number(number),
    blocks: [],
  }
  if (goesOn) last.items.push(one)
  else reading.blocks.push({ kind: 'list', line, items: [one] })
  reading.before = 'item'
  reading.sign = sign
  return true
}

/** The text of a line from one of its characters, without blanks at its end. */
function pieceOf(written: string, { start, line, from }: Read & { from: number }): Piece {
  return { text: written.slice(from, inkEnd(written)), start: start + from, line }
}

/** Blanks at the end of a paragraph are none of its text. */
function finishText({ blocks, before }: Reading): void {
  const last = blocks.at(-1)
  if (last?.kind !== 'paragraph') return
  const piece = last.lines.at(-1)
  if (piece !== undefined && before !== 'row') piece.text = piece.text.slice(0, inkEnd(piece.text))
}

/** A whole table, up to a blank line; where it goes on. Every row begins and ends with a pipe, and no cell escapes one. */
function readTable(
  reading: Reading,
  { start, to, line }: Read & { to: number },
): { at: number; line: number } | undefined {
  if (reading.before !== 'blank' && reading.before !== 'heading') return undefined
  const { text } = reading
  const rows: Piece[][] = []
  let at = start
  let number = line
  for (; at < to; number += 1) {
    const end = lineEnd(text, at, to)
    const written = text.slice(at, end)
    if (inkEnd(written) === 0) break
    if (number === line + 1) {
      const columns = written.split('|').length - 2
      if (!DELIMITERS.test(written) || columns !== rows[0]?.length) return undefined
    } else {
      const cells = cellsOf(written, { start: at, line: number })
      if (cells === undefined) return undefined
      rows.push(cells)
    }
    at = behindLineEnd(text, end)
  }
  const [header, ...others] = rows
  if (header === undefined || number < line + 2) return undefined
  reading.blocks.push({ kind: 'table', line, header, rows: others })
  reading.before = 'row'
  reading.sign = undefined
  return { at, line: number }
}

function cellsOf(written: string, { start, line }: Read): Piece[] | undefined {
  if (/[\t\\]/.test(written) || written.length > MAX_LINE) return undefined
  if (!written.startsWith('|') || written.charAt(inkEnd(written) - 1) !== '|' || inkEnd(written) < 2)
    return undefined
  const cells: Piece[] = []
  const end = inkEnd(written)
  for (let from = 1; from < end;) {
    const pipe = written.indexOf('|', from)
    const cell = written.slice(from, pipe)
    const ink = cell.slice(0, inkEnd(cell)).replace(/^ +/, '')
    // an empty cell stands at its end, the last one with its pipe
    const at = ink === '' ? (pipe === end - 1 ? end : pipe) : from + cell.indexOf(ink)
    cells.push({ text: ink, start: start + at, line })
    from = pipe + 1
  }
  return cells
}

/** Where the blanks at the end of a line begin. */
function inkEnd(line: string): number {
  let end = line.length
  while (end > 0 && line.charCodeAt(end - 1) === 32) end -= 1
  return end
}

function lineEnd(text: string, from: number, to: number): number {
  for (let at = from; at < to; at += 1) {
    const code = text.charCodeAt(at)
    if (code === 10 || code === 13) return at
  }
  return to
}

const behindLineEnd = (text: string, end: number): number =>
  text.charCodeAt(end) === 13 && text.charCodeAt(end + 1) === 10 ? end + 2 : end + 1
