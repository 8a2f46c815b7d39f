/** Replacement of spans of a text; every other byte stays. */
import type { Span } from './inline.ts'

export interface Edit extends Span {
  text: string
}

/** Applies edits that do not overlap; of two that do, the one that starts first counts. */
export function applyEdits(source: string, edits: readonly Edit[]): string {
  const ordered = [...edits].sort((a, b) => a.start - b.start || a.end - b.end)
  let text = ''
  let from = 0
  for (const edit of ordered) {
    if (edit.start < from) continue
    text += source.slice(from, edit.start) + edit.text
    from = edit.end
  }
  return text + source.slice(from)
}

/** The line end that a text uses; LF where it has none. */
export const lineEndOf = (text: string): string => /\r\n|\n/.exec(text)?.[0] ?? '\n'

/** `lines` at the end of `text`, a blank line between, in the text's own line ends. */
export function appendBlock(text: string, lines: readonly string[]): string {
  const end = lineEndOf(text)
  const body = lines.join(end) + end
  if (text.trim() === '') return text + body
  const gap = /(?:\r\n|\n)[ \t]*(?:\r\n|\n)$/.test(text) ? '' : /\n$/.test(text) ? end : end + end
  return text + gap + body
}
