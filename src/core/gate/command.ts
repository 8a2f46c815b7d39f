import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmTableFromMarkdown } from 'mdast-util-gfm-table'
import type { Html, Nodes, Paragraph, Root } from 'mdast'
import { gfmTable } from 'micromark-extension-gfm-table'
import { type Failure, failure } from '../model/failure.ts'
import type { GateCommand } from '../model/gate-command.ts'
import { err, ok, type Result } from '../model/result.ts'
import { guarded } from '../text/guard.ts'
import { nameOf, readLine, unknownCommand } from './grammar.ts'

export { formatCommand } from './format-command.ts'

export type ParsedComment =
  /** Nothing in it is meant for us. */
  | { kind: 'none' }
  /** In the order written, at least one. */
  | { kind: 'commands'; commands: GateCommand[] }
  /** Something is wrong with at least one command: none of them counts, and everything wrong is told. Lines count from 1. */
  | { kind: 'refused'; failures: Failure[] }

const NONE: ParsedComment = { kind: 'none' }
/** GitHub takes no longer comment. */
const MAX_BODY = 65_536
/** A comment is said by a person. */
const MAX_COMMANDS = 20
/** Lines that may be commands; for asking whether there is anything to parse. */
const CANDIDATE = /^ {0,3}\/[A-Za-z]/m

/**
 * The commands of a comment or review. Only lines of the author's own paragraphs count, those that begin with the command:
 * not code, quotes (e-mail's too), lists, tables, headings, HTML and what stands inside of it. Never throws; linear.
 */
export function parseCommands(body: string): ParsedComment {
  const source = body.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')
  if (source.length > MAX_BODY || !CANDIDATE.test(source)) return NONE
  const lines = ownLines(source)
  const commands: GateCommand[] = []
  const failures: Failure[] = []
  for (const [at, { text, line, hidden }] of lines.entries()) {
    const found = nameOf(text)
    if (found.kind === 'none') continue
    const tell = (wrong: readonly Failure[]) => failures.push(...wrong.map((one) => ({ ...one, line })))
    if (found.kind === 'unknown') {
      tell([unknownCommand(found.word)])
      continue
    }
    const whole = found.name === 'fix' ? continued(lines, at) : text
    const read = hidden ? err([hiddenHtml(found.name)]) : readLine(found.name, whole)
    if (read.ok) commands.push(read.value)
    else tell(read.error)
  }
  if (failures.length > 0) return { kind: 'refused', failures }
  if (commands.length > MAX_COMMANDS) {
    return {
      kind: 'refused',
      failures: [
        failure(
          'bad-value',
          `The comment has ${commands.length} commands; ${MAX_COMMANDS} are the most.`,
          'Write several comments.',
        ),
      ],
    }
  }
  return commands.length === 0 ? NONE : { kind: 'commands', commands }
}

/** Exactly one command, as a workflow input or the command line gives it. */
export function parseCommand(line: string): Result<GateCommand> {
  const parsed = parseCommands(line)
  if (parsed.kind === 'refused') return err(parsed.failures)
  const [command, ...more] = parsed.kind === 'commands' ? parsed.commands : []
  if (command === undefined || more.length > 0) {
    return err([
      failure(
        'unknown-command',
        command === undefined ? 'This is no command of Orchestrate.' : 'This is more than one command.',
        'Give one, for example: /approve --phases 1-3',
      ),
    ])
  }
  return ok(command)
}

const hiddenHtml = (name: string): Failure =>
  failure('bad-value', `The line of /${name} holds an HTML comment.`, 'Write the line without it.')

interface OwnLine {
  text: string
  line: number
  /** An HTML comment stands in the line. */
  hidden: boolean
  /** Lines of one paragraph have one number. */
  paragraph: number
}

/** `/fix` takes the rest of its paragraph, up to the next command. */
function continued(lines: readonly OwnLine[], at: number): string {
  const first = lines[at]
  let text = first?.text ?? ''
  for (let next = at + 1; next < lines.length; next++) {
    const line = lines[next]
    if (line?.paragraph !== first?.paragraph || line === undefined || line.hidden) break
    if (nameOf(line.text).kind !== 'none') break
    text += ` ${line.text}`
  }
  return text
}

function ownLines(source: string): OwnLine[] {
  const tree = parse(source)
  const html = new OpenTags()
  const quotedFrom = emailQuote(source)
  const found: OwnLine[] = []
  // "<!--" that Markdown takes for text, since its end is in another paragraph; whoever wrote it meant to hide what follows
  let commented = false
  for (const [paragraph, node] of tree.children.entries()) {
    if (node.type === 'html') html.see(node)
    if (node.type !== 'paragraph') continue
    const inline = new Inline(node, html)
    let line = node.position?.start.line ?? 1
    let start = lineStart(source, node.position?.start.offset ?? 0)
    const end = node.position?.end.offset ?? 0
    let struck = false
    while (start < end) {
      const next = source.indexOf('\n', start)
      const stop = next === -1 ? source.length : next
      const text = source.slice(start, stop)
      const indent = /^ {0,3}(?=\S)/.exec(text)?.[0].length
      if (start >= quotedFrom) return found
      if (indent !== undefined && !struck && !commented && inline.isText(start + indent)) {
        found.push({ text: text.slice(indent), line, hidden: inline.hasComment(start, stop), paragraph })
      }
      commented = opensComment(text, commented)
      if ((text.match(/~~/g)?.length ?? 0) % 2 === 1) struck = !struck
      start = stop + 1
      line += 1
    }
    inline.end()
  }
  return found
}

/** Emphasis and autolinks mean nothing for where a line begins, and runs of `*` are slow to pair. */
const parse = (source: string): Root =>
  fromMarkdown(guarded(source), {
    extensions: [gfmTable(), { disable: { null: ['attention'] } }],
    mdastExtensions: [gfmTableFromMarkdown()],
  })

const lineStart = (source: string, offset: number): number => source.lastIndexOf('\n', offset - 1) + 1

const opensComment = (line: string, before: boolean): boolean => {
  const [open, close] = [line.lastIndexOf('<!--'), line.lastIndexOf('-->')]
  return open === close ? before : open > close
}

/** Where the quoted part of an e-mail begins that has no ">" before its lines; the length of the text where there is none. */
function emailQuote(source: string): number {
  const separators = [
    /^-{2,}\s*(?:Original Message|Forwarded message|Ursprüngliche Nachricht|Message d'origine|Mensaje original)\s*-{2,}\s*$/im,
    /^On [^\n]{0,120}\d[^\n]{0,120} wrote:\s*$/m,
    /^(?:Am|Le|El) [^\n]{0,120}\d[^\n]{0,120} (?:schrieb[^\n]{0,80}|a écrit|escribió) ?:\s*$/m,
    /^From: [^\n]{1,200}\n(?:Sent|Date|To): /m,
  ]
  const found = separators.map((separator) => separator.exec(source)?.index ?? source.length)
  return Math.min(...found)
}

/** Elements without content, and those that need no closing tag. */
const VOID = new Set('area base br col embed hr img input li link meta p source td th tr wbr'.split(' '))
const TAG = /<(\/?)([A-Za-z][A-Za-z0-9-]*)([^<>]*)>/g

/** HTML elements that are open: what stands inside of them may be quoted, folded away or not shown at all. */
class OpenTags {
  #open = new Map<string, number>()
  #depth = 0

  get any(): boolean {
    return this.#depth > 0
  }

  see({ value }: Html): void {
    for (const [, close, name = '', rest = ''] of value.replace(/<!--[\s\S]*?(?:-->|$)/g, '').matchAll(TAG)) {
      const tag = name.toLowerCase()
      if (VOID.has(tag) || rest.endsWith('/')) continue
      const count = this.#open.get(tag) ?? 0
      if (close !== '' && count === 0) continue
      this.#open.set(tag, count + (close === '' ? 1 : -1))
      this.#depth += close === '' ? 1 : -1
    }
  }
}

/** What the offsets of a paragraph are. Asked from its beginning to its end. */
class Inline {
  readonly #texts: [start: number, end: number][] = []
  readonly #comments: [start: number, end: number][] = []

  constructor(paragraph: Paragraph, html: OpenTags) {
    this.#walk(paragraph, html)
  }

  #walk(node: Nodes, html: OpenTags): void {
    const range: [number, number] = [node.position?.start.offset ?? 0, node.position?.end.offset ?? 0]
    if (node.type === 'html') {
      html.see(node)
      if (node.value.startsWith('<!')) this.#comments.push(range)
    } else if (node.type === 'text' && !html.any) this.#texts.push(range)
    if ('children' in node) for (const child of node.children) this.#walk(child, html)
  }

  isText(offset: number): boolean {
    while ((this.#texts[0]?.[1] ?? Infinity) <= offset) this.#texts.shift()
    return (this.#texts[0]?.[0] ?? Infinity) <= offset
  }

  hasComment(start: number, end: number): boolean {
    return this.#comments.some((range) => range[0] < end && range[1] > start)
  }

  end(): void {
    this.#texts.length = 0
  }
}
