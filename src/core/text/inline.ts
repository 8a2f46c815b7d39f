/** Inline Markdown as text: linear helpers that work on the source, so that positions stay those of the file. */

export interface Span {
  /** Offset of the first character. */
  start: number
  /** Offset after the last character. */
  end: number
}

const LINK = /!?\[([^[\]]{0,300})\]\([^()\s]{0,500}(?:\s"[^"]{0,200}")?\)/g
const COMMENT = /<!--.*?-->/g

/** Text of a heading, list item or cell without emphasis, code marks, links and comments; white space becomes one blank. */
export function plain(source: string): string {
  // most texts have no mark at all
  if (!/[<\\*_`~]|\]\(/.test(source)) return source.replace(/\s+/g, ' ').trim()
  return withoutComments(source)
    .replace(LINK, '$1')
    .replace(/\\([|*_`#[\]~])/g, '$1')
    .replace(/\*\*|__|~~|`/g, '')
    .replace(/(^|[^\p{L}\p{N}*])\*(?=\S)/gu, '$1')
    .replace(/(\S)\*(?=$|[^\p{L}\p{N}*])/gu, '$1')
    .replace(/(^|[\s([{"'])_(?=\S)/g, '$1')
    .replace(/(\S)_(?=$|[\s)\]}"'.,:;!?])/g, '$1')
    .replace(/\s+/g, ' ')
    .trim()
}

/** Behind the last end nothing is a comment: a pattern would look for an end from each place that opens one. */
function withoutComments(source: string): string {
  const end = source.lastIndexOf('-->') + 3
  return end < 3 ? source : source.slice(0, end).replace(COMMENT, ' ') + source.slice(end)
}

/** A text without the marks of bold; everything else stays as written. */
export const boldless = (source: string): string =>
  source.replace(/\*\*/gu, '').replace(/(?<![\p{L}\p{N}_])__(?=\S)([^_]+)__(?![\p{L}\p{N}_])/gu, '$1')

/** A letter case and width free form for comparing names of sections, columns and phases. */
export function fold(text: string): string {
  return plain(text)
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

/** What stands before and after the first colon where the part before is short: "**Status:** done". */
export interface Labelled {
  /** The label, folded. */
  label: string
  value: string
  /** Offset of the value in the text given. */
  at: number
}

/**
 * Reads "Label: value" as people write it: bold or plain, the colon inside or outside the bold, full-width or not.
 * Undefined where there is no colon or where what stands before it is longer than a label (60 characters).
 */
export function labelled(text: string): Labelled | undefined {
  // what stands before a label is taken once: a pattern for all of it looks at a run of marks from each of its places
  const lead = /^[\s>*_`~]*/u.exec(text)?.[0].length ?? 0
  const match = /^([^\n:：]{1,60}?)[\s*_`~]*[:：](?!\/\/)[*_~]*[ \t]*/u.exec(text.slice(lead))
  if (match === null) return undefined
  const label = fold(match[1] ?? '')
  if (label === '') return undefined
  const at = lead + match[0].length
  return { label, value: text.slice(at), at }
}
