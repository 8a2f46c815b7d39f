/**
 * Blocks read line by line, for text that is too tangled for a parser of CommonMark: headings, fences, comments, items and lines of
 * text, and no nesting. Linear whatever stands there; that this was done is marked, so that a reader of the file is told.
 */
import type { Block, Item } from './blocks.ts'

const HEADING = /^ {0,3}(#{1,6})[ \t]+(?=\S)/
const FENCE = /^[ \t>]*(`{3,}(?=[^`]*$)|~{3,})/
const ITEM = /^[ \t>]*(?:[-*+]|(\d{1,9})[.)])[ \t]+(?=\S)/
const LEAD = /^[ \t>]*/

interface Place {
  at: number
  line: number
}

/**
 * Reads from `from` to the first of the ends (`endOf(0)`, `endOf(1)` …: offsets, ascending) that no fence or comment goes on over, or
 * to the end of the text. `taken`: how many ends were reached.
 */
export function lineBlocks(
  text: string,
  from: Place,
  endOf: (index: number) => number | undefined,
): { blocks: Block[]; taken: number } {
  const mark = { kind: 'other' as const, line: from.line, until: from.line }
  const blocks: Block[] = [mark]
  let [start, line, taken] = [from.at, from.line, 0]
  /** What closes the fence or comment that is open. */
  let open: string | undefined
  let isBehindBlank = true
  for (const { 0: whole, 1: written = '' } of linesFrom(text, from.at)) {
    if (start >= (endOf(taken) ?? Infinity)) {
      taken += 1
      if (open === undefined) break
    }
    if (open === undefined) {
      open = opened(written)
      if (open === undefined) readLine(blocks, written, { at: start, line }, isBehindBlank)
    } else if (isClosed(written, open)) open = undefined
    isBehindBlank = written.trim() === '' || open !== undefined
    start += whole.length
    mark.until = line
    line += 1
  }
  // at the end of the text the end behind the last place is reached too
  const isEnd = endOf(taken) === undefined && start >= text.length
  return { blocks, taken: isEnd ? taken + 1 : taken }
}

function* linesFrom(text: string, at: number): Generator<RegExpExecArray> {
  const line = /([^\r\n]*)(?:\r\n|\r|\n|$)/g
  line.lastIndex = at
  for (let found = line.exec(text); found !== null && found[0] !== ''; found = line.exec(text)) yield found
}

function opened(written: string): string | undefined {
  const fence = FENCE.exec(written)?.[1]
  if (fence !== undefined) return fence
  return /^[ \t>]*<!--/.test(written) && !written.includes('-->') ? '-->' : undefined
}

const isClosed = (written: string, open: string): boolean =>
  open === '-->' ? written.includes(open) : (FENCE.exec(written)?.[1] ?? '').startsWith(open)

function readLine(blocks: Block[], written: string, { at, line }: Place, isBehindBlank: boolean): void {
  const ink = written.trimEnd()
  const last = blocks.at(-1)
  const heading = HEADING.exec(ink)
  if (heading !== null) {
    const [lead, signs = ''] = heading
    blocks.push({
      kind: 'heading',
      level: signs.length,
      text: ink.slice(lead.length),
      start: at + lead.length,
      line,
    })
    return
  }
  const item = ITEM.exec(ink)
  if (item !== null) {
    const [lead, number] = item
    const ordinal = number === undefined ? undefined : Number(number)
    const one: Item = { text: ink.slice(lead.length), start: at + lead.length, line, ordinal, blocks: [] }
    if (last?.kind === 'list') last.items.push(one)
    else blocks.push({ kind: 'list', line, items: [one] })
    return
  }
  const lead = LEAD.exec(ink)?.[0].length ?? 0
  if (lead === ink.length) return
  const piece = { text: ink.slice(lead), start: at + lead, line }
  if (last?.kind === 'paragraph' && !isBehindBlank) last.lines.push(piece)
  else blocks.push({ kind: 'paragraph', line, lines: [piece] })
}
