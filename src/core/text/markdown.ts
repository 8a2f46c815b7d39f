import { oneLine } from './clean.ts'

/** Whatever starts something in GitHub's Markdown: code, emphasis, links, HTML, entities, tables, math, emoji, addresses. */
const SPECIAL = /[\\`*_[\]<>|~&$]|:(?=\S)/g
/** What makes a heading, list or rule only where a line begins. */
const LEADING = /^(?:[#+-]|\d{1,9}(?=[.)]))/
/** "@name" would notify a person, "#12" would refer to an issue, "www." and "https://" would become links, escaped or not. */
const REFERENCE = /[@#](?=\S)|www(?=\.)|(?:https?|ftp)(?=\\?:\/\/)/gi

/**
 * Text of a plan as one line of Markdown that shows just this text: no mark-up, link, mention or HTML comes out of it. A
 * zero-width space breaks what cannot be escaped.
 */
export function escapeMarkdown(text: string): string {
  const line = oneLine(text)
  const lead = LEADING.exec(line)?.[0] ?? ''
  const head = /^\d/.test(lead) ? `${lead}\\` : lead === '' ? '' : `\\${lead}`
  const rest = line.slice(lead.length).replace(SPECIAL, '\\$&')
  return `${head}${rest}`.replace(REFERENCE, '$&&#8203;')
}

/** A table whose cells are Markdown already. Ends with a line feed; empty where there is no row. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return ''
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`
  return [head, head.map(() => '---'), ...rows].map(line).join('')
}
