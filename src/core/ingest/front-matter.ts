/** YAML front matter of plan files, with the lines of its values. */
import { isMap, isScalar, LineCounter, parseDocument, type Document } from 'yaml'
import type { Block } from '../text/blocks.ts'

export interface FrontMatter {
  /** Plain values; empty where the YAML has an error. */
  values: Record<string, unknown>
  /** Line in the file of the value at `path`, or of its nearest parent that is there. */
  lineOf(path: readonly PropertyKey[]): number
  errors: { message: string; line: number }[]
}

/** The front matter of a parsed file; undefined where it has none. */
export function frontMatter(blocks: readonly Block[]): FrontMatter | undefined {
  const first = blocks[0]
  if (first?.kind !== 'frontmatter') return undefined
  const counter = new LineCounter()
  const document = parseDocument(first.text, { lineCounter: counter, prettyErrors: false })
  const line = (offset: number): number => first.line + counter.linePos(offset).line - 1
  const errors = document.errors.map((e) => ({ message: e.message, line: line(e.pos[0]) }))
  return {
    values: errors.length > 0 ? {} : plainValues(document),
    lineOf: (path) => lineOf(document, path, line, first.line),
    errors,
  }
}

function plainValues(document: Document): Record<string, unknown> {
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 })
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
  } catch {
    // too many aliases: a "billion laughs" document has no values for us
    return {}
  }
}

function lineOf(
  document: Document,
  path: readonly PropertyKey[],
  line: (offset: number) => number,
  fallback: number,
): number {
  for (let length = path.length; length > 0; length -= 1) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true)
    if (!isMap(parent)) continue
    const pair = parent.items.find((p) => isScalar(p.key) && p.key.value === path[length - 1])
    if (pair !== undefined && isScalar(pair.key) && pair.key.range) return line(pair.key.range[0])
  }
  return fallback
}
