import stringWidth from 'fast-string-width'
import { wrapAnsi } from 'fast-wrap-ansi'

/**
 * Text of which every character takes one column: ASCII, Latin, dashes and quotes, arrows, lines. Most is, and needs no
 * look at each character. No soft hyphen, which takes none.
 */
const isPlain = (text: string): boolean =>
  /^[\x20-\x7e\xa1-\xac\xae-\u02ff\u2010-\u2027\u2190-\u21ff\u2500-\u257f]*$/.test(text)

/** Columns a text takes in a terminal (CJK and emoji take two). */
export const displayWidth = (text: string): number => (isPlain(text) ? text.length : stringWidth(text))

/** Lines of at most `width` columns, broken at spaces, words longer than a line broken hard. */
export function wrap(text: string, width: number): string[] {
  const columns = Math.max(10, width)
  if (isPlain(text) && text.length <= columns) return [text.trim()]
  return wrapAnsi(text, columns, { hard: true }).split('\n')
}

/** At most `width` columns, cut with "…". */
export function clip(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  let used = 0
  let kept = ''
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)) {
    used += displayWidth(segment)
    if (used > width - 1) break
    kept += segment
  }
  return `${kept}…`
}

/** "phases", "stories". */
export const plural = (noun: string): string =>
  /[^aeiou]y$/iu.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`

/** "1 phase", "3 phases". */
export const count = (n: number, noun: string, many = plural(noun)): string => `${n} ${n === 1 ? noun : many}`

/** "a", "a and b", "a, b and c"; more than `max` end in "and 4 more". */
export function list(items: readonly string[], max = 5): string {
  if (items.length > max) return `${items.slice(0, max - 1).join(', ')} and ${items.length - max + 1} more`
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`
}
