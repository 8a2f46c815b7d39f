import { stripVTControlCharacters } from 'node:util'
import { makeVisible, withoutInvisible } from '../../text/sanitize.ts'

/**
 * Text from outside as it may stand in a prompt: no terminal sequences, no zero-width, bidi and control characters, no HTML
 * comments, line feeds only. What is invisible goes first, since it can hide a comment's mark. A comment that is never closed
 * only loses its mark: in a log the rest is not comment.
 */
export function cleaned(text: string): string {
  return withoutInvisible(lineFeeds(text))
    .replace(/<!--[\s\S]*?-->/g, ' ')
    .replaceAll('<!--', '<! --')
}

/** Code under review: nothing is taken away, since that may be what is wrong with it; invisible characters are shown. */
export const revealed = (text: string): string => makeVisible(lineFeeds(text))

const lineFeeds = (text: string): string =>
  stripVTControlCharacters(text.replace(/^\uFEFF/, '')).replace(/\r\n?/g, '\n')

/** Outside text within one of our own lines: cleaned, on one line, at most `max` characters. */
export function inline(text: string, max = 300): string {
  const line = cleaned(text).replace(/\s+/g, ' ').trim()
  return line.length <= max ? line : `${line.slice(0, max).trimEnd()}…`
}

const encoder = new TextEncoder()
export const bytes = (text: string): number => encoder.encode(text).length

/**
 * At most `max` bytes of `text`, whole lines where there are any, and in `note` what was cut ("" where nothing was). A log keeps its end.
 */
export function cut(
  text: string,
  max: number,
  keep: 'start' | 'end' = 'start',
): { text: string; note: string } {
  const all = encoder.encode(text)
  if (all.length <= max) return { text, note: '' }
  const decoder = new TextDecoder()
  const raw = decoder.decode(keep === 'start' ? all.subarray(0, max) : all.subarray(all.length - max))
  // A character that was cut in two decodes to replacement characters at the edge.
  const whole = keep === 'start' ? raw.replace(/\uFFFD{1,3}$/, '') : raw.replace(/^\uFFFD{1,3}/, '')
  const edge = keep === 'start' ? whole.lastIndexOf('\n') : whole.indexOf('\n')
  const wholeLines = edge < 0 ? whole : keep === 'start' ? whole.slice(0, edge) : whole.slice(edge + 1)
  const kept = wholeLines.length < whole.length / 2 ? whole : wholeLines
  const which = keep === 'start' ? 'first' : 'last'
  return { text: kept, note: `Cut: these are the ${which} ${bytes(kept)} of ${all.length} bytes.` }
}
