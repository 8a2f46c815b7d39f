/** What a plan tells about its phases apart from them: a section "Progress", a status of the whole, dependencies. */
import type { Status } from '../../model/plan.ts'
import type { Block, Item } from '../../text/blocks.ts'
import { fold, labelled, plain } from '../../text/inline.ts'
import { linesOf } from '../../text/lines.ts'
import { readStatus, wholeStatus } from '../../text/status.ts'
import { readDependencyNotes } from '../dependency-notes.ts'
import type { FoundPhase } from '../found-phase.ts'
import { readMark } from '../marks.ts'
import { PhaseNames } from '../phase-names.ts'
import type { PhaseNotes } from './task-plan.ts'

export function planNotes(
  source: string,
  blocks: readonly Block[],
  found: readonly FoundPhase[],
): PhaseNotes {
  const report = new Report(found)
  report.read(blocks)
  // by number alone: a title such as "API" is a word like others in a text about libraries
  const phases = found.map(({ id }) => ({ id, title: '' }))
  const { stated } = readDependencyNotes(source, linesOf(source), phases)
  return {
    status: (id, boxes) => report.status(id, boxes),
    dependsOn: (id) => stated.get(id) ?? [],
  }
}

const PROGRESS =
  /\b(?:progress|status|state|done|completed?|remaining|roadmap|where we are|progreso|avance|estado|progresso|fortschritt|stand|avancement|прогресс|статус)\b|进度|进展|状态|現状|進捗|진행|현황/iu
const REMAINING =
  /^(?:remaining|left|outstanding|still to do|to come|not yet|restante|faltante|verbleibend|剩余|残り)\b/u
const LINK =
  /^[\s*_`:：()（）—–=-]*(?:(?:is|are|was|were|has been|have been|now|all|both|currently|fully|mostly|wurde|ist|sind|está|están)\s+)*/iu

/** Reads what the plan says of its phases' progress. Sections of the phases themselves are left out. */
class Report {
  readonly #names: PhaseNames
  readonly #order: readonly string[]
  readonly #own: ReadonlySet<Block>
  readonly #said = new Map<string, Status>()
  #whole: Status | undefined
  #begun = false

  constructor(found: readonly FoundPhase[]) {
    this.#order = found.map(({ id }) => id)
    this.#names = new PhaseNames(found.map(({ id }) => ({ id, title: '' })))
    this.#own = new Set(
      found.flatMap((p) => [p, ...(p.more ?? []).map((m) => m.section)]).flatMap((p) => p.blocks),
    )
  }

  /** What is said of the phase itself; else that the rest has begun; else that the whole is done, where no open box contradicts. */
  status(id: string, boxes: boolean): Status | undefined {
    const said = this.#said.get(id)
    if (said !== undefined) return said
    const open = this.#order.find((other) => this.#said.get(other) !== 'completed')
    if (this.#begun && this.#said.size > 0 && id === open) return 'in_progress'
    return this.#whole === 'completed' && !boxes ? 'completed' : undefined
  }

  read(blocks: readonly Block[]): void {
    let about = false
    let group: Status | undefined
    let headings = 0
    for (const block of blocks) {
      if (block.kind === 'heading') {
        headings += 1
        about = PROGRESS.test(fold(block.text))
        group = groupOf(block.text)
        continue
      }
      if (this.#own.has(block)) continue
      if (block.kind === 'paragraph' || block.kind === 'quote') {
        const lines =
          block.kind === 'paragraph'
            ? block.lines
            : block.blocks.flatMap((b) => (b.kind === 'paragraph' ? b.lines : []))
        for (const { text } of lines) {
          const label = labelled(text)
          const status =
            label !== undefined &&
            /^(?:status|state|estado|stand|statut|статус|状态|ステータス|상태)/u.test(label.label)
          if (status && headings <= 1 && this.#names.ids(label.value).length === 0)
            this.#whole ??= readStatus(label.value)?.status
          if (about || status) this.#sentence(status ? label.value : text)
          group = groupOf(text) ?? group
        }
      }
      if (block.kind === 'list' && about) for (const item of block.items) this.#item(item, group)
    }
  }

  /** "- Phase 1: Renderer" below "Completed", "- Phases 2-4 are planned", "- **Done**: Phase 1". */
  #item(item: Item, group: Status | undefined): void {
    const mark = readMark(item.text)
    const text = plain(mark.text)
    const first = this.#names.mentions(text)[0]
    const named =
      first !== undefined && /^[^\p{L}\p{N}]*(?:the\s+)?$/iu.test(text.slice(0, first.start)) ? first.ids : []
    const status = mark.status ?? group
    const before = this.#said.size
    this.#sentence(text)
    if (status === undefined || this.#said.size > before) return
    for (const id of named) this.#say(id, status)
    if (named.length === 0 && status === 'in_progress') this.#begun = true
  }

  /** "Phase 1 in progress, Phases 2-6 planned"; "Completed: Phase 1, Phase 2". */
  #sentence(source: string): void {
    const text = plain(source)
    const mentions = this.#names.mentions(text)
    const lead = mentions[0] === undefined ? undefined : groupOf(text.slice(0, mentions[0].start))
    let waiting: string[] = []
    for (const [index, { ids, end }] of mentions.entries()) {
      const rest = text.slice(end, mentions[index + 1]?.start ?? text.length)
      const said =
        readStatus(rest.replace(LINK, ''))?.status ??
        readStatus(rest.replace(/^\s*[(（][^)）]*[)）]/u, '').replace(LINK, ''))?.status
      waiting.push(...ids)
      if (said === undefined && lead === undefined && !/^[\s,、]*(?:and|und|y|e|&|和)?\s*$/iu.test(rest))
        waiting = []
      if (said ?? lead) for (const id of waiting.splice(0)) this.#say(id, said ?? lead ?? 'pending')
    }
  }

  #say(id: string, status: Status): void {
    if (!this.#said.has(id)) this.#said.set(id, status)
  }
}

/** "Completed in this repo:", "## Done", "**Partial / remaining:**": what a list below it is. */
function groupOf(source: string): Status | undefined {
  const text = plain(source).replace(/^[\d.\s]+/u, '')
  if (text.length > 80) return undefined
  const isLabel = /[:：]\s*$/u.test(text) || /^\s*(?:\*\*|__)[^*]+(?:\*\*|__)\s*$/u.test(source)
  if (REMAINING.test(fold(text))) return 'pending'
  const status = readStatus(text)
  if (status === undefined) return undefined
  return isLabel || wholeStatus(text) !== undefined ? status.status : undefined
}
