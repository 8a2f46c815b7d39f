/** The Markdown of our own comments and checks, for a terminal: no marker, no graph, tables in columns. */
import stringWidth from 'string-width'

export function forTerminal(markdown: string, columns: number): string {
  const text = markdown
    .replace(/<!--[\s\S]*?-->\n?/g, '')
    .replace(/```mermaid\n[\s\S]*?```\n?/g, '')
    .replace(/<\/?(?:sub|details|summary)>/g, '')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/\\([\\`*_{}[\]()#+\-.!|:@~<>])/g, '$1')
  return tables(text.split('\n'))
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
    .split('\n')
    .map((line) => (stringWidth(line) > columns ? `${line.slice(0, columns - 1)}…` : line))
    .join('\n')
}

function tables(lines: string[]): string[] {
  const shown: string[] = []
  for (let at = 0; at < lines.length; at++) {
    const rows: string[][] = []
    for (; lines[at]?.startsWith('|'); at++) rows.push(cells(lines[at] ?? ''))
    shown.push(...aligned(rows.filter((row) => !row.every((cell) => /^:?-+:?$/.test(cell)))))
    if (at < lines.length) shown.push(lines[at] ?? '')
  }
  return shown
}

const cells = (line: string): string[] =>
  line
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => cell.trim())

function aligned(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => stringWidth(row[i] ?? ''))))
  return rows.map((row) =>
    row
      .map((cell, i) => cell + ' '.repeat(Math.max(0, (widths[i] ?? 0) - stringWidth(cell))))
      .join('  ')
      .trimEnd(),
  )
}
