/** Fits Markdown into the room that GitHub leaves, and says what is left out. All figures are characters (UTF-16 units). */
import { clip, count } from '../text/display.ts'
import { escapeMarkdown, markdownTable } from '../text/markdown.ts'

export interface Section {
  /** Kept free for it, however long the sections before it are. */
  keep: number
  /** At most `room` characters; "" where nothing is to be said or nothing of use fits. */
  render: (room: number) => string
}

/** The sections in order, in at most `max` characters. What one leaves of its room goes to those after it. */
export function fit(sections: readonly Section[], max: number): string {
  let left = max - sections.reduce((sum, { keep }) => sum + keep, 0)
  const parts: string[] = []
  for (const { keep, render } of sections) {
    const room = Math.max(0, left + keep - SEPARATOR.length)
    const text = render(room)
    const used = text === '' ? 0 : text.length + SEPARATOR.length
    left += keep - used
    if (text !== '') parts.push(text)
  }
  return parts.join(SEPARATOR)
}
const SEPARATOR = '\n\n'

/** A text that is shown whole or not at all. */
export const fixed = (text: string): Section => ({
  keep: text === '' ? 0 : text.length + SEPARATOR.length,
  render: (room) => (text.length <= room ? text : ''),
})

/** Columns that one text of a plan may take. */
const WIDEST = 300

/** Text of a plan, of an agent or a person as Markdown that shows just this. Cut first: counting columns is slow. */
export const plain = (text: string, widest = WIDEST): string =>
  escapeMarkdown(text.length <= widest ? text : clip(text.slice(0, 2 * widest), widest))

/**
 * A table under a heading, with as many rows as there is room for and a line that says how many are left out. Cells are made
 * only while there is room: of ten thousand findings a few hundred are ever shown.
 */
export function tableSection<T>(
  heading: string,
  head: readonly string[],
  items: readonly T[],
  cells: (item: T) => readonly string[],
  noun: string,
  keep = 0,
): Section {
  const top = markdownTable(head, [[]]).split('\n').slice(0, 2).join('\n')
  return rowsSection(heading, top, items, (item) => `| ${cells(item).join(' | ')} |`, noun, keep)
}

/** A list under a heading; `line` makes the Markdown of an item, one line. */
export const listSection = <T>(
  heading: string,
  items: readonly T[],
  line: (item: T) => string,
  noun: string,
  keep = 0,
): Section => rowsSection(heading, '', items, (item) => `- ${line(item)}`, noun, keep)

function rowsSection<T>(
  heading: string,
  head: string,
  items: readonly T[],
  row: (item: T) => string,
  noun: string,
  keep: number,
): Section {
  const start = `${heading === '' ? '' : `### ${heading}\n\n`}${head === '' ? '' : `${head}\n`}`
  const more = (n: number): string => `\n\nand ${count(n, `more ${noun}`)} for which there is no room here.`
  return {
    keep: items.length === 0 ? 0 : keep,
    render: (room) => {
      if (items.length === 0) return ''
      const closing = more(items.length).length
      const rows: string[] = []
      let used = start.length
      // where the closing line has no room any more: all rows or none further
      let withMore = 0
      for (const item of items) {
        const next = row(item)
        used += next.length + (rows.length === 0 ? 0 : 1)
        if (used > room) break
        rows.push(next)
        if (used + closing <= room) withMore = rows.length
      }
      if (rows.length === items.length) return start + rows.join('\n')
      if (withMore > 0) return start + rows.slice(0, withMore).join('\n') + more(items.length - withMore)
      const only = `${heading === '' ? '' : `${heading}: `}${count(items.length, noun)}, for which there is no room here.`
      return only.length <= room ? only : ''
    },
  }
}

/** At most `max` characters, cut with "…". For titles. */
export const cut = (text: string, max: number): string =>
  text.length <= max ? text : `${text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`
