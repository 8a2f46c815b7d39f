import { clip, displayWidth as width, wrap } from './display.ts'

export const padEnd = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - width(text)))

export const padStart = (text: string, columns: number): string =>
  ' '.repeat(Math.max(0, columns - width(text))) + text

export interface Column {
  title: string
  align?: 'left' | 'right'
  /** May be made narrower, down to so many columns (at least 10), where the table is too wide; its cells then wrap. */
  min?: number
  /** May be left out where the table is too wide in spite of that; the lowest number goes first. */
  drop?: number
}

/**
 * A table in at most `columns` columns, header first, two blanks between cells. Columns with `min` give way, the widest
 * first, and wrap; then columns with `drop` are left out; when that is not enough the cells are cut with "…". Plain
 * text; nothing stands after the last cell.
 */
export function table(
  head: readonly Column[],
  rows: readonly (readonly string[])[],
  columns: number,
): string[] {
  const natural = head.map((column, i) =>
    Math.max(width(column.title), ...rows.map((row) => width(row[i] ?? ''))),
  )
  const kept = keep(head, natural, columns)
  const cols = kept.flatMap((i) => head[i] ?? [])
  const widths = kept.map((i) => natural[i] ?? 0)
  shrink(widths, cols, columns)
  const line = (cells: readonly string[]): string =>
    cols
      .map((column, i) => {
        const cell = clip(cells[i] ?? '', widths[i] ?? 0)
        return column.align === 'right' ? padStart(cell, widths[i] ?? 0) : padEnd(cell, widths[i] ?? 0)
      })
      .join('  ')
      .trimEnd()
  const body = rows.flatMap((row) => {
    const cells = cols.map((column, i) => {
      const text = row[kept[i] ?? 0] ?? ''
      return column.min === undefined ? [text] : wrap(text, widths[i] ?? 1)
    })
    const height = Math.max(...cells.map((cell) => cell.length))
    return Array.from({ length: height }, (_, at) => line(cells.map((cell) => cell[at] ?? '')))
  })
  return [line(cols.map((column) => column.title)), line(widths.map((w) => '─'.repeat(w))), ...body]
}

/** Indexes of the columns that stay: all, or fewer where even the narrowest form does not fit. */
function keep(head: readonly Column[], natural: readonly number[], columns: number): number[] {
  const narrowest = (i: number) => Math.min(natural[i] ?? 0, head[i]?.min ?? natural[i] ?? 0)
  const kept = head.map((_, i) => i)
  const going = kept
    .filter((i) => head[i]?.drop !== undefined)
    .sort((a, b) => (head[a]?.drop ?? 0) - (head[b]?.drop ?? 0))
  while (going.length > 0 && kept.reduce((sum, i) => sum + narrowest(i) + 2, -2) > columns) {
    const gone = going.shift()
    if (gone !== undefined) kept.splice(kept.indexOf(gone), 1)
  }
  return kept
}

function shrink(widths: number[], head: readonly Column[], columns: number): void {
  const total = () => widths.reduce((sum, w) => sum + w, 0) + 2 * (widths.length - 1)
  const floor = (i: number) => head[i]?.min ?? 3
  const giving = (wanted: (i: number) => boolean) =>
    widths
      .map((w, i) => ({ w, i }))
      .filter(({ w, i }) => wanted(i) && w > floor(i))
      .sort((a, b) => b.w - a.w)[0]?.i
  for (;;) {
    if (total() <= columns) return
    const next = giving((i) => head[i]?.min !== undefined) ?? giving(() => true)
    if (next === undefined) return
    widths[next] = (widths[next] ?? 0) - 1
  }
}
