/**
 * Where a Markdown file may be cut for parsing, so that no block is cut. A parser of CommonMark walks back over all it has read where
 * a list or quote ends, so its work grows with the square of the file; with the file in segments it does not.
 */
import type { Root } from 'mdast'

/** A line on which a block may begin that has nothing to do with those before it. */
export interface Cut {
  /** Offset of the line's first character. */
  at: number
  /** From 1. */
  line: number
  /** An item of a list begins here, which may belong to the list before it. */
  item?: true
}

/**
 * Headings, and text behind a blank line, both at the very left: they end every list, quote, paragraph and table. What goes on over
 * them is a fence, front matter or HTML; fences and front matter are left whole here as far as lines tell, `isComplete` sees the rest.
 * Where no such line stands in `far` characters, an item at the very left is a place too.
 */
export function cuts(source: string, from = 0, far = Infinity): Cut[] {
  const found: Cut[] = []
  let fence: string | undefined
  let behindBlank = false
  const first = from + frontMatterEnd(source.slice(from))
  let line = 0
  let next = 0
  for (let start = from; start < source.length; start = next) {
    line += 1
    const end = lineEnd(source, start)
    next = behindLineEnd(source, end)
    if (start < first) continue
    const at = firstInk(source, start, end)
    const sign = at === end ? '' : source.charAt(at)
    if (sign === '`' || sign === '~') {
      const text = source.slice(at, end)
      if (fence === undefined) fence = opening(text)
      else if (closes(text, fence)) fence = undefined
    } else if (fence === undefined && at === start) {
      if (isStart(source, at, behindBlank)) found.push({ at: start, line })
      else if (start - (found.at(-1)?.at ?? from) >= far && ITEM.test(source.slice(start, end)))
        found.push({ at: start, line, item: true })
    }
    behindBlank = sign === ''
  }
  return found
}

/** Not empty, and no rule: such an item begins whatever stands above it. */
const ITEM = /^[-*+] {1,4}[\p{L}\p{N}[]/u

/** False where the last block may go on behind the text that was parsed: a fence that is not closed, HTML. */
export function isComplete(tree: Root, source: string): boolean {
  const last = tree.children.at(-1)
  if (last?.type === 'html') return false
  if (last?.type !== 'code') return true
  const [from, to] = [last.position?.start.offset ?? 0, last.position?.end.offset ?? 0]
  const lines = source.slice(from, to).split(/\r\n|\r|\n/)
  const fence = opening(lines[0] ?? '')
  return fence !== undefined && lines.length > 1 && closes(lines.at(-1) ?? '', fence)
}

const opening = (text: string): string | undefined => /^(?:`{3,}(?=[^`]*$)|~{3,})/.exec(text)?.[0]

function closes(line: string, fence: string): boolean {
  const text = line.trim()
  return text.startsWith(fence) && text === fence.charAt(0).repeat(text.length)
}

/** A heading; or, behind a blank line, no sign of a list, quote, rule or HTML: those may go on with what stands above, or over what follows. */
function isStart(source: string, at: number, behindBlank: boolean): boolean {
  const text = source.slice(at, at + 7)
  return /^#{1,6}[ \t]/.test(text) || (behindBlank && /^(?:\p{L}|\*\*|__|\[)/u.test(text))
}

/** Offset behind the front matter, 0 where there is none. */
export function frontMatterEnd(source: string): number {
  if (!/^---[ \t]*(?:\r|\n)/.test(source)) return 0
  const end = /(?:\r\n|\r|\n)---[ \t]*(?:\r\n|\r|\n|$(?![\s\S]))/.exec(source)
  return end === null ? 0 : end.index + end[0].length
}

function lineEnd(source: string, from: number): number {
  for (let at = from; at < source.length; at += 1) {
    const code = source.charCodeAt(at)
    if (code === 10 || code === 13) return at
  }
  return source.length
}

const behindLineEnd = (source: string, end: number): number =>
  source.charCodeAt(end) === 13 && source.charCodeAt(end + 1) === 10 ? end + 2 : end + 1

function firstInk(source: string, from: number, end: number): number {
  let at = from
  while (at < end && (source.charCodeAt(at) === 32 || source.charCodeAt(at) === 9)) at += 1
  return at
}
