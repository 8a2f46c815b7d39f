import { count } from '../text/display.ts'
import type { Sheet } from './research.ts'
import { sheetHeader } from './sheet.ts'

/**
 * How a sheet came about, for people: "looked up today at https://hono.dev/llms.txt for 4.1.0". Without `dated` it says nothing of
 * its age: for what is read later.
 */
export function sheetFrom(
  { source, text, version = '', ageDays }: Omit<Sheet, 'phases' | 'path'>,
  { dated = true }: { dated?: boolean } = {},
): string {
  if (source === 'cached') return dated ? `cheat sheet, ${count(ageDays, 'day')} old` : 'cheat sheet'
  if (source === 'package') return `installed package ${version}`.trim()
  const { by = 'an agent', from = 'the network' } = sheetHeader(text)
  const age = !dated ? '' : ageDays === 0 ? ' today' : ` ${count(ageDays, 'day')} ago`
  const pinned = version === '' ? '' : ` for ${version}`
  if (source === 'online') return `looked up${age} at ${from}${pinned}`
  return `written by ${by}${age} from ${from === 'memory' ? 'what it remembers' : from}${pinned}`
}
