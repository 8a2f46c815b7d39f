/**
 * Markdown line by line, for plans whose structure is headings and boxes. Faster than a tree, and sees what a tree hides: boxes in
 * HTML, items whose indentation makes them code. Text in fences, comments and front matter is `hidden`.
 */
import { firstFrom } from './sorted.ts'

export interface Line {
  /** Without its line end. */
  text: string
  /** Offset in the file. */
  start: number
  /** From 1. */
  number: number
  /** In a code fence, an HTML comment or the front matter. */
  hidden: boolean
  /** In a code fence or its border. */
  code: boolean
}

const FENCE = /^[ \t>]*(?:[-*+][ \t]+)?(`{3,}|~{3,})(.*)$/u

/** The lines of a file. A fence that is never closed hides nothing. */
export function linesOf(source: string): Line[] {
  const lines = split(source)
  const ends = new Ends(lines)
  let at = frontMatterEnd(lines)
  for (let i = 0; i < at; i += 1) hide(lines[i], false)
  while (at < lines.length) {
    const text = lines[at]?.text ?? ''
    const fence = FENCE.exec(text)
    const opened = fence !== null && !(fence[1]?.startsWith('`') && fence[2]?.includes('`'))
    const end = opened ? ends.ofFence(at, fence[1] ?? '') : ends.ofComment(at)
    if (end === undefined) {
      at += 1
      continue
    }
    for (let i = at; i <= end; i += 1) hide(lines[i], opened)
    at = end + 1
  }
  return lines
}

function split(source: string): Line[] {
  const lines: Line[] = []
  const ends = /\r\n|\n|\r/g
  let start = source.startsWith('\uFEFF') ? 1 : 0
  for (;;) {
    ends.lastIndex = start
    const end = ends.exec(source)
    const text = source.slice(start, end?.index ?? source.length)
    lines.push({ text, start, number: lines.length + 1, hidden: false, code: false })
    if (end === null) return lines
    start = end.index + end[0].length
  }
}

function hide(line: Line | undefined, code: boolean): void {
  if (line === undefined) return
  line.hidden = true
  line.code = code
}

/** Index of the first line behind the front matter. */
function frontMatterEnd(lines: readonly Line[]): number {
  if (lines[0]?.text.trimEnd() !== '---') return 0
  const end = lines.findIndex(({ text }, i) => i > 0 && /^(?:---|\.\.\.)[ \t]*$/u.test(text))
  return end < 0 ? 0 : end + 1
}

/** Where fences and comments end. What was looked for down to the end of the file and not found is looked for no more. */
class Ends {
  readonly #lines: readonly Line[]
  /** By the sign of a fence how long one is, at least, that nothing closes. */
  readonly #unclosed = new Map<string, number>()
  #commentsEnd = true

  constructor(lines: readonly Line[]) {
    this.#lines = lines
  }

  ofFence(from: number, opening: string): number | undefined {
    const sign = opening.charAt(0)
    if (opening.length >= (this.#unclosed.get(sign) ?? Infinity)) return undefined
    const close = new RegExp(`^[ \\t>]*[${sign}]{${opening.length},}[ \\t]*$`, 'u')
    for (let i = from + 1; i < this.#lines.length; i += 1)
      if (close.test(this.#lines[i]?.text ?? '')) return i
    this.#unclosed.set(sign, opening.length)
    return undefined
  }

  /** Last line of a comment that begins a line and goes on over it. One that ends in its line hides it where nothing follows. */
  ofComment(from: number): number | undefined {
    const text = this.#lines[from]?.text ?? ''
    const open = /^[ \t]*<!--/u.exec(text)
    if (open === null || !this.#commentsEnd) return undefined
    for (let i = from; i < this.#lines.length; i += 1) {
      const line = i === from ? text.slice(open[0].length) : (this.#lines[i]?.text ?? '')
      const close = line.indexOf('-->')
      if (close >= 0) return i === from && line.slice(close + 3).trim() !== '' ? undefined : i
    }
    this.#commentsEnd = false
    return undefined
  }
}

export interface Heading {
  level: number
  /** Without closing signs. */
  text: string
  /** Offset of the text. */
  start: number
  line: number
  /** Index among the lines. */
  index: number
}

/** The headings of a file (`#` to `######`). */
export function headingsOf(lines: readonly Line[]): Heading[] {
  return lines.flatMap((line, index) => {
    const match = line.hidden ? null : /^ {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$/u.exec(line.text)
    if (match === null) return []
    const [, signs = '', text = ''] = match
    return [
      {
        level: signs.length,
        text,
        start: line.start + line.text.indexOf(text, signs.length),
        line: line.number,
        index,
      },
    ]
  })
}

/** Index behind the last line of a heading's section: where the next heading of its level or above begins. */
export function sectionEnd(headings: readonly Heading[], heading: Heading, lines: readonly Line[]): number {
  const next = firstFrom(headings, heading.index + 1, ({ index }) => index)
  for (let at = next; at < headings.length; at += 1) {
    const other = headings[at]
    if (other !== undefined && other.level <= heading.level) return other.index
  }
  return lines.length
}

export interface BoxLine {
  status: 'pending' | 'in_progress' | 'completed'
  /** The mark inside the brackets, from its first to behind its last character. */
  start: number
  end: number
  /** Columns before the item's sign; a tab counts four. */
  indent: number
  /** What follows the brackets, trimmed. */
  text: string
  line: number
  /** Index among the lines. */
  index: number
}

const BOX = /^([ \t>]*)(?:[-*+•]|\d{1,9}[.)])[ \t]+(?:\*\*|__|~~)?\[([ xX✓✔√✅~\-/>\u00a0]?)\](?![(\[:])/u

/** The item with a box that a line is; undefined for any other line. */
export function boxOfLine(line: Line, index: number): BoxLine | undefined {
  if (line.hidden) return undefined
  const match = BOX.exec(line.text)
  if (match === null) return undefined
  const [whole, lead = '', mark = ''] = match
  const end = line.start + whole.length - 1
  return {
    status: /^[xX✓✔√✅]$/u.test(mark) ? 'completed' : /^[~\-/>]$/u.test(mark) ? 'in_progress' : 'pending',
    start: end - mark.length,
    end,
    indent: lead.replaceAll('\t', '    ').length,
    text: line.text.slice(whole.length).trim(),
    line: line.number,
    index,
  }
}

/** All items with a box, in order. */
export const boxesOf = (lines: readonly Line[]): BoxLine[] =>
  lines.flatMap((line, index) => boxOfLine(line, index) ?? [])

/** The source of some lines, without blank lines and rules around it. */
export function textOf(source: string, lines: readonly Line[], from: number, to: number): string {
  const [first, end] = [lines[from], lines[to]]
  if (first === undefined || from >= to) return ''
  return source
    .slice(first.start, end?.start ?? source.length)
    .replace(/^(?:[ \t]*(?:\r\n|\n|\r))+/u, '')
    .replace(/(?:[ \t\r\n]|(?<=[\r\n])(?:-{3,}|\*{3,}|_{3,})(?=[ \t\r\n]|$))+$/u, '')
}
