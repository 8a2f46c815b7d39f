/** The Markdown of our own comments and checks, for a terminal: no marker, no graph, tables in columns, text in lines. */
import { clip, displayWidth, wrap } from '../../src/core/text/display.ts'

export function forTerminal(markdown: string, columns: number): string {
  const text = markdown
    .replace(/<!--[\s\S]*?-->\n?/g, '')
    .replace(/```mermaid\n[\s\S]*?```\n?/g, '')
    .replace(/<\/?(?:sub|details|summary)>/g, '')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/\\([\\`*_{}[\]()#+\-.!|:@~<>])/g, '$1')
  return withTables(text.split('\n'), columns)
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

/** What goes on below an item of a list stands under its text. */
function wrapped(line: string, columns: number): string {
  if (displayWidth(line) <= columns) return line
  const indent = ' '.repeat(/^\s*(?:- )?/.exec(line)?.[0].length ?? 0)
  return wrap(line, columns - indent.length).join(`\n${indent}`)
}

function withTables(lines: string[], columns: number): string[] {
  const shown: string[] = []
  for (let at = 0; at < lines.length; at++) {
    const rows: string[][] = []
    for (; lines[at]?.startsWith('|'); at++) rows.push(cells(lines[at] ?? ''))
    const body = rows.filter((row) => !row.every((cell) => /^:?-+:?$/.test(cell)))
    shown.push(...aligned(body).map((row) => (displayWidth(row) > columns ? clip(row, columns) : row)))
    if (at < lines.length) shown.push(wrapped(lines[at] ?? '', columns))
  }
  return shown
}

const cells = (line: string): string[] =>
  line
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => cell.trim())

function aligned(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => displayWidth(row[i] ?? ''))))
  return rows.map((row) =>
    row
      .map((cell, i) => cell + ' '.repeat(Math.max(0, (widths[i] ?? 0) - displayWidth(cell))))
      .join('  ')
      .trimEnd(),
  )
}
