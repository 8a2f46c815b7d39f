/**
 * Markdown as blocks with places: what the readers of plans and the writer of statuses work on. Only block structure is
 * parsed (unified's mdast); text inside stays source, so that every piece keeps its offset in the file.
 */
import type { List, ListItem, Nodes, Paragraph, Root, RootContent, Table } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { frontmatterFromMarkdown } from 'mdast-util-frontmatter'
import { gfmTableFromMarkdown } from 'mdast-util-gfm-table'
import { frontmatter } from 'micromark-extension-frontmatter'
import { gfmTable } from 'micromark-extension-gfm-table'
import { withBoldHeadings } from './bold-headings.ts'
import { guarded } from './guard.ts'
import { labelled } from './inline.ts'
import { lineBlocks } from './line-blocks.ts'
import { parseCost } from './parse-cost.ts'
import { phaseLabel } from './phase-label.ts'
import { type Cut, cuts, frontMatterEnd, isComplete } from './segments.ts'
import { simpleBlocks } from './simple-blocks.ts'

/** A piece of source: `text` stands at offset `start`, on line `line` (from 1). */
export interface Piece {
  text: string
  start: number
  line: number
}

export interface Item extends Piece {
  /** The number of a numbered item. */
  ordinal: number | undefined
  /** What follows the item's first paragraph. */
  blocks: Block[]
}

export type Block =
  | (Piece & { kind: 'heading'; level: number })
  | { kind: 'paragraph'; line: number; lines: Piece[] }
  | { kind: 'list'; line: number; items: Item[] }
  | { kind: 'table'; line: number; header: Piece[]; rows: Piece[][] }
  | { kind: 'quote'; line: number; blocks: Block[] }
  | (Piece & { kind: 'frontmatter' })
  | (Piece & { kind: 'code' })
  /** `until`: what follows, to that line, was too tangled for the parser and was read line by line. */
  | { kind: 'other'; line: number; until?: number }

/** Inline constructs stay source text; a four-blank indent is a habit of nested lists here, not code. */
const DISABLED = [
  'attention',
  'autolink',
  'codeText',
  'codeIndented',
  'definition',
  'hardBreakEscape',
  'htmlText',
  'labelStartImage',
  'labelStartLink',
  'labelEnd',
]

/** Characters that are parsed at once; see `segments.ts`. */
const SEGMENT = 2_048

/** Milliseconds, as `parseCost` guesses them, that the parser gets for a file; what would cost more is read line by line. */
const BUDGET = 800

/**
 * Parses the blocks of a file. Never throws, and ends soon whatever stands there (see `BUDGET`). `looks`: stretches that need no
 * parser are read without one.
 */
export function parseBlocks(
  source: string,
  { segment = SEGMENT, looks = true, budget = BUDGET } = {},
): Block[] {
  const text = guarded(source)
  // a byte order mark is not counted by the parser
  const start: Cut = { at: source.startsWith('\uFEFF') ? 1 : 0, line: 1 }
  const places = [start, ...cuts(text, start.at, segment).filter(({ at }) => at > start.at)]
  const known = new Map<number, Block[] | undefined>()
  const mayLook = looks && !source.includes('\0')
  /** The blocks between a place and the next, where they need no parser. */
  const simple = (index: number): Block[] | undefined => {
    const from = places[index]
    if (!mayLook || from === undefined) return undefined
    if (!known.has(index))
      known.set(index, simpleBlocks(text, { ...from, to: places[index + 1]?.at ?? text.length }))
    return known.get(index)
  }
  const purse = { left: budget }
  const blocks: Block[] = []
  for (let at = 0; at < places.length;) {
    const found = simple(at)
    const read = found ?? parseFrom(at, { source, text, places, segment, simple, purse })
    append(blocks, Array.isArray(read) ? read : read.blocks, places[at]?.item === true ? source : undefined)
    at = Array.isArray(read) ? at + 1 : read.next
  }
  return withBoldHeadings(blocks)
}

/** `source`: the file, where what is added may begin with more items of the last list. */
function append(blocks: Block[], more: readonly Block[], source?: string): void {
  const [first, ...others] = more
  const last = blocks.at(-1)
  const goesOn = source !== undefined && last?.kind === 'list' && first?.kind === 'list'
  if (goesOn && signOf(last.items[0], source) === signOf(first.items[0], source)) {
    for (const one of first.items) last.items.push(one)
    for (const block of others) blocks.push(block)
  } else for (const block of more) blocks.push(block)
}

/** The sign before an item; undefined where no blank stands between: such items are made of a paragraph. */
function signOf(one: Item | undefined, source: string): string | undefined {
  let at = (one?.start ?? 0) - 1
  // an item with nothing in it ends with its sign
  if (one?.text === '' && /[-*+.)]/.test(source.charAt(at))) return source.charAt(at)
  if (!/\s/.test(source.charAt(at))) return undefined
  while (at >= 0 && /\s/.test(source.charAt(at))) at -= 1
  return source.charAt(at)
}

interface Parsing {
  source: string
  /** The source, guarded. */
  text: string
  places: readonly Cut[]
  segment: number
  simple: (index: number) => Block[] | undefined
  /** What the parser may still cost. */
  purse: { left: number }
}

/** What the parser makes of the text from a place on, up to the place `next`. */
function parseFrom(
  at: number,
  { source, text, places, segment, simple, purse }: Parsing,
): { blocks: Block[]; next: number } {
  const from = places[at] ?? { at: 0, line: 1 }
  let [next, wanted, isFirst] = [at + 1, segment, true]
  for (;;) {
    for (let to = places[next]; to !== undefined && to.at < from.at + wanted; to = places[next]) {
      if (isFirst && simple(next) !== undefined) break
      next += 1
    }
    const to = places[next]
    const part = text.slice(from.at, to?.at)
    const cost = parseCost(part)
    if (cost > purse.left) {
      const { blocks, taken } = lineBlocks(text, from, (index) => places[at + 1 + index]?.at)
      return { blocks, next: at + taken }
    }
    purse.left -= cost
    // a first line of dashes that opens no front matter makes that extension read what follows as one paragraph
    const tree = parse(part, from.line === 1 && frontMatterEnd(part) > 0)
    const own = source.slice(from.at, to?.at)
    if (to !== undefined && !isComplete(tree, own)) {
      wanted = Math.max((to.at - from.at) * 2, (places[next + 1]?.at ?? text.length) - from.at)
      isFirst = false
      continue
    }
    const blocks = tree.children.flatMap((node) => toBlocks(node, own))
    move(blocks, from)
    return { blocks, next }
  }
}

const parse = (text: string, hasFrontMatter: boolean): Root =>
  fromMarkdown(text, {
    extensions: [
      ...(hasFrontMatter ? [frontmatter(['yaml'])] : []),
      gfmTable(),
      { disable: { null: DISABLED } },
    ],
    mdastExtensions: [...(hasFrontMatter ? [frontmatterFromMarkdown(['yaml'])] : []), gfmTableFromMarkdown()],
  })

/** From places in a segment to places in the file. */
function move(blocks: readonly Block[], { at, line }: Cut): void {
  if (at === 0) return
  const piece = (one: Piece): void => {
    one.start += at
    one.line += line - 1
  }
  for (const block of allBlocks(blocks)) {
    if ('start' in block) piece(block)
    else block.line += line - 1
    if (block.kind === 'paragraph') block.lines.forEach(piece)
    if (block.kind === 'list') block.items.forEach(piece)
    if (block.kind === 'table') {
      block.header.forEach(piece)
      for (const row of block.rows) row.forEach(piece)
    }
  }
}

function toBlocks(node: RootContent, source: string): Block[] {
  const line = node.position?.start.line ?? 1
  switch (node.type) {
    case 'heading':
      return heading(node, node.depth, source)
    case 'paragraph':
      return paragraph(lines(node, source))
    case 'list':
      return list(node, source)
    case 'table':
      return [table(node, source)]
    case 'blockquote':
      return [{ kind: 'quote', line, blocks: node.children.flatMap((child) => toBlocks(child, source)) }]
    case 'yaml':
      return [{ kind: 'frontmatter', text: node.value, line: line + 1, start: lineEnd(source, offset(node)) }]
    case 'code':
      return [{ kind: 'code', text: node.value, line, start: offset(node) }]
    default:
      return [{ kind: 'other', line }]
  }
}

const offset = (node: Nodes): number => node.position?.start.offset ?? 0
const endOffset = (node: Nodes): number => node.position?.end.offset ?? 0

function lineEnd(source: string, from: number): number {
  const end = /\r\n|\r|\n/g
  end.lastIndex = from
  const found = end.exec(source)
  return found === null ? source.length : found.index + found[0].length
}

/** The content of a node that has inline children, from its first to its last. */
function content(node: Nodes & { children: Nodes[] }, source: string): Piece {
  const first = node.children[0]
  const last = node.children.at(-1)
  if (first === undefined || last === undefined) {
    return { text: '', start: endOffset(node), line: node.position?.start.line ?? 1 }
  }
  return {
    text: source.slice(offset(first), endOffset(last)),
    start: offset(first),
    line: first.position?.start.line ?? 1,
  }
}

/**
 * A rule right below a paragraph makes a heading of it in CommonMark. Where the paragraph has several lines or is a
 * "Label: value" line, the writer meant a rule; "Phase 1: Freeze" is a heading all the same.
 */
function heading(node: Nodes & { children: Nodes[] }, level: number, source: string): Block[] {
  const piece = content(node, source)
  const underlined = source.charAt(offset(node)) !== '#'
  const named = (): boolean =>
    labelled(piece.text) === undefined || phaseLabel(piece.text)?.separated === true
  if (!underlined || (!/[\r\n]/.test(piece.text) && named())) {
    return [{ kind: 'heading', level, ...piece }]
  }
  return paragraph(splitLines(piece))
}

const lines = (node: Paragraph, source: string): Piece[] => splitLines(content(node, source))

function splitLines(piece: Piece): Piece[] {
  const result: Piece[] = []
  let { line } = piece
  for (const match of piece.text.matchAll(/([^\r\n]*)(\r\n|\r|\n|$)/g)) {
    if (match[0] === '') break
    const text = match[1] ?? ''
    const indent = /^[ \t>]*/.exec(text)?.[0].length ?? 0
    result.push({ text: text.slice(indent), start: piece.start + match.index + indent, line })
    line += 1
  }
  return result
}

/** "-[ ] task" and "-**Label:** value": list items written without the blank that CommonMark asks for. */
const TIGHT_ITEM = /^(?:[-*+](?=\[[^\]\n]{0,20}\])|[-+](?=\*\*))/

function paragraph(pieces: Piece[]): Block[] {
  const result: Block[] = []
  for (const piece of pieces) {
    const last = result.at(-1)
    if (TIGHT_ITEM.test(piece.text)) {
      const item = tightItem(piece)
      if (last?.kind === 'list') last.items.push(item)
      else result.push({ kind: 'list', line: piece.line, items: [item] })
    } else if (last?.kind === 'paragraph') last.lines.push(piece)
    else result.push({ kind: 'paragraph', line: piece.line, lines: [piece] })
  }
  return result
}

const tightItem = (piece: Piece): Item => ({
  text: piece.text.slice(1),
  start: piece.start + 1,
  line: piece.line,
  ordinal: undefined,
  blocks: [],
})

function list(node: List, source: string): Block[] {
  const found: Block[] = []
  for (const [index, child] of node.children.entries()) {
    const items = item(child, node.ordered === true ? (node.start ?? 1) + index : undefined, source)
    const last = found.at(-1)
    if (last?.kind === 'list') last.items.push(...items)
    else found.push({ kind: 'list', line: child.position?.start.line ?? 1, items })
    const beside = labelsBelow(items.at(-1), source)
    if (beside.length > 0) found.push({ kind: 'paragraph', line: beside[0]?.line ?? 1, lines: beside })
  }
  return found
}

/**
 * "**Status:** pending" at the very left right below a list: CommonMark takes it for more of the last item, who wrote it meant the
 * section. Taken off the item.
 */
function labelsBelow(last: Item | undefined, source: string): Piece[] {
  const more = last?.blocks[0]
  if (last === undefined || more?.kind !== 'paragraph') return []
  const at = more.lines.findIndex(
    ({ text, start }) => BOLD_LABEL.test(text) && (start === 0 || /[\r\n]/.test(source.charAt(start - 1))),
  )
  if (at < 0) return []
  const below = more.lines.splice(at)
  if (at === 0) last.blocks.shift()
  return below
}

const BOLD_LABEL = /^\*\*[^*\n]{2,40}(?:[:：]\*\*|\*\*[ \t]*[:：])/u

function item(node: ListItem, ordinal: number | undefined, source: string): Item[] {
  const [first, ...rest] = node.children
  const line = node.position?.start.line ?? 1
  const blocks = rest.flatMap((child) => toBlocks(child, source))
  if (first === undefined)
    return [{ text: '', start: endOffset(node), line, ordinal: at(node, ordinal, source), blocks }]
  if (first.type !== 'paragraph') {
    return [
      {
        text: '',
        start: offset(first),
        line,
        ordinal: at(node, ordinal, source),
        blocks: [...toBlocks(first, source), ...blocks],
      },
    ]
  }
  const [head, ...more] = lines(first, source)
  const result: Item[] = []
  const own: Item = {
    text: head?.text ?? '',
    start: head?.start ?? offset(first),
    line,
    ordinal: at(node, ordinal, source),
    blocks: [],
  }
  result.push(own)
  // a lazy continuation line that is itself a tight item is a sibling
  const tight = more.findIndex((piece) => TIGHT_ITEM.test(piece.text))
  const continued = tight < 0 ? more : more.slice(0, tight)
  if (continued.length > 0)
    own.blocks.push({ kind: 'paragraph', line: continued[0]?.line ?? line, lines: continued })
  if (tight >= 0)
    for (const block of paragraph(more.slice(tight))) if (block.kind === 'list') result.push(...block.items)
  ;(result.at(-1) ?? own).blocks.push(...blocks)
  return result
}

/** The number as written ("0.", "4)"), not as CommonMark counts on. */
function at(node: ListItem, ordinal: number | undefined, source: string): number | undefined {
  if (ordinal === undefined) return undefined
  const written = /^\d{1,9}/.exec(source.slice(offset(node), offset(node) + 9))
  return written === null ? ordinal : Number(written[0])
}

function table(node: Table, source: string): Block {
  const rows = node.children.map((row) => row.children.map((cell) => content(cell, source)))
  return { kind: 'table', line: node.position?.start.line ?? 1, header: rows[0] ?? [], rows: rows.slice(1) }
}

/** Every block of a file, those inside items and quotes too, in written order. */
export function* allBlocks(blocks: readonly Block[]): Generator<Block> {
  for (const block of blocks) {
    yield block
    if (block.kind === 'quote') yield* allBlocks(block.blocks)
    if (block.kind === 'list') for (const entry of block.items) yield* allBlocks(entry.blocks)
  }
}
