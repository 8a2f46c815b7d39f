/** What looks like work in a plan and is read as none: a person should know before it is left undone. */
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Block, Item } from '../text/blocks.ts'
import { count } from '../text/display.ts'
import { fold, plain } from '../text/inline.ts'
import { phaseLabel } from '../text/phase-label.ts'
import { boxOf } from '../text/status-spans.ts'
import type { FoundPhase } from './found-phase.ts'
import { readMark } from './marks.ts'
import { kindOf } from './words.ts'

type Heading = Extract<Block, { kind: 'heading' }>

/** Tables, lists, headings and boxes written as HTML, which no reader here takes apart. */
const HTML_WORK = /<(table|ul|ol|h[1-6]|input[^>]{1,60}checkbox)\b/iu
const HTML_NAME: Record<string, string> = { table: 'table', ul: 'list', ol: 'list', h: 'heading', i: 'box' }

/**
 * Headings that name a phase and are none, open boxes outside of every phase, and work in HTML. What a phase holds is its own; boxes of
 * acceptance, questions and the like are no work.
 */
export function unreadWork(
  blocks: readonly Block[],
  found: readonly FoundPhase[],
  { source, file }: { source: string; file: string },
): Diagnostic[] {
  const sections = found.flatMap((phase) => [phase, ...(phase.more ?? []).map(({ section }) => section)])
  const own = new Set(sections.flatMap((section) => section.blocks))
  const lines = new Set(sections.flatMap(({ line, repeatedAt }) => [line, ...repeatedAt]))
  const ids = new Set(found.map(({ id }) => id))
  const open: Heading[] = []
  const told: Diagnostic[] = []
  const tell = (line: number, message: string, hint: string): void => {
    told.push({ rule: 'unread-work', severity: 'info', file, line, message, hint })
  }
  const html = new HtmlLines(source)
  for (const [index, block] of blocks.entries()) {
    if (block.kind === 'heading') {
      while ((open.at(-1)?.level ?? 0) >= block.level) open.pop()
      const above = open.at(-1)
      open.push(block)
      const label = own.has(block) || lines.has(block.line) ? undefined : phaseLabel(block.text)
      if (label?.separated !== true || label.word !== 'phase' || ids.has(label.id) || found.length === 0)
        continue
      if (holdsPhase(index, blocks, lines)) continue
      const where = above === undefined ? '' : ` below “${short(above.text)}”`
      tell(
        block.line,
        `“${short(block.text)}”${where} is not read as a phase, and nothing in it runs.`,
        'Where it is work, put it beside the other phases, with a heading of the same level and form.',
      )
    } else if (block.kind === 'list' && !own.has(block)) {
      const kind = open.map(({ text }) => kindOf(fold(text))).findLast((each) => each !== undefined)
      if (kind !== undefined && kind !== 'tasks') continue
      const boxes = block.items.filter((item) => !lines.has(item.line) && isOpenBox(item))
      const first = boxes[0]
      if (first === undefined || found.length === 0) continue
      const heading = open.at(-1)
      tell(
        first.line,
        `${count(boxes.length, 'open box', 'open boxes')}${heading === undefined ? '' : ` below “${short(heading.text)}”`} ${boxes.length === 1 ? 'belongs' : 'belong'} to no phase, so nothing works ${boxes.length === 1 ? 'it' : 'them'} off.`,
        'Move what is to be done into a phase; write what is no work without boxes.',
      )
    } else if (block.kind === 'other') {
      const tag = HTML_WORK.exec(html.between(block.line, blocks[index + 1]))?.[1]?.toLowerCase()
      if (tag === undefined) continue
      const name = HTML_NAME[tag] ?? HTML_NAME[tag.charAt(0)] ?? 'table'
      tell(
        block.line,
        `This ${name} is HTML, which is not read: what it says about phases and tasks does not count.`,
        `Write the ${name} as Markdown.`,
      )
    }
  }
  return told
}

const short = (text: string): string => plain(text).slice(0, 60)

/** A list of phases told elsewhere ("- [ ] Phase 2: Build") is no work beside them. */
const isOpenBox = (item: Item): boolean =>
  boxOf(item)?.inner.trim() === '' && phaseLabel(readMark(item.text).text)?.separated !== true

/** A chapter "Phase 2: The web app" whose own phases were read. */
function holdsPhase(index: number, blocks: readonly Block[], lines: ReadonlySet<number>): boolean {
  const heading = blocks[index]
  if (heading?.kind !== 'heading') return false
  for (let at = index + 1; at < blocks.length; at += 1) {
    const block = blocks[at]
    if (block?.kind !== 'heading') continue
    if (block.level <= heading.level) return false
    if (lines.has(block.line)) return true
  }
  return false
}

/** The source by lines, split when it is first asked for: most plans hold no HTML. */
class HtmlLines {
  readonly #source: string
  #lines: readonly string[] | undefined

  constructor(source: string) {
    this.#source = source
  }

  /** From a line up to that of the next block. */
  between(line: number, next: Block | undefined): string {
    this.#lines ??= this.#source.split(/\r\n|\r|\n/)
    return this.#lines.slice(line - 1, Math.min((next?.line ?? Infinity) - 1, line + 200)).join('\n')
  }
}
