/** How texts name the phases of a plan: by number, as a user story, by title, all of them. */
import { fold, plain } from '../text/inline.ts'
import { idList, phaseReferences } from '../text/phase-label.ts'

export interface NamedPhase {
  id: string
  title: string
  /** The title, where only a node of a chart may name the phase by it. */
  label?: string
  /** Numbers of the user stories that it does. */
  stories?: readonly string[]
}

export interface Mention {
  ids: string[]
  /** Where in the text it stands. */
  start: number
  end: number
}

const STORY =
  /(?:\b(?:user[\s-]+)?stor(?:y|ies)|\bUSs?|\bHU|\bhist[óo]rias?(?: de (?:usuario|usuário))?|用户故事|使用者故事|ユーザーストーリー|사용자 스토리)[\s#-]*(\d{1,3}(?:\s*(?:,|&|\+|\/|-|–|\band\b|\bto\b|\be\b|\by\b|和|、)\s*(?:and\s+)?(?:US|(?:user\s+)?story)?[\s-]*\d{1,3})*)(?![\d.])/giu
const ALL_STORIES =
  /\b(?:all|every|desired|selected|included)\s+(?:(?:of\s+)?(?:the|desired|selected|included|required|other|feature|planned|chosen|target(?:ed)?|user|p\d)\s+){0,3}(?:stor(?:y|ies)|feature phases|features)\b|\b(?:tod[ao]s\s+)?[ao]?s\s+(?:hist[óo]rias)(?:\s+\w+)?\b|(?:所有|全部)(?:的)?(?:用户)?故事|(?:全|すべての)ユーザーストーリー/giu
const ALL_WORK =
  /\ball\s+(?:the\s+)?(?:implementation|development|(?:previous|prior|preceding|earlier|above|other)\s+(?:work|tasks?)|(?:core\s+)?functionality)\b/giu
const ALL_BEFORE =
  /\b(?:all|every)\s+(?:the\s+)?(?:previous|prior|preceding|earlier|above|other)\s+(?:implementation\s+)?(?:phases?|stages?|sections?|steps?)|\ball\s+(?:implementation\s+)?(?:phases|stages|sections)\b|(?:所有|全部)(?:之?前|其他|先前)(?:的)?阶段|todas (?:las|as) fases/giu
const FROM_ON = /\bphases?\s+(\d{1,3})\s*(?:\+|onwards?|and (?:later|above|beyond))/giu
const FINAL = /\b(?:final|last)\s+phase\b|\bphase\s+(?:N|X|final)\b/giu

/** Beginnings of names that everybody gives to the same kinds of phases, so that one word of them is enough. */
const KINDS = ['setup', 'set up', 'foundation', 'funda', 'fonda', 'polish', 'initiali', 'configura']

export class PhaseNames {
  readonly #phases: readonly NamedPhase[]
  readonly #ids: ReadonlyMap<string, string>
  readonly stories: readonly string[]
  readonly order: readonly string[]

  constructor(phases: readonly NamedPhase[]) {
    this.#phases = phases
    this.order = phases.map(({ id }) => id)
    this.#ids = new Map(phases.map(({ id }) => [id.toLowerCase(), id]))
    this.stories = phases.filter(({ stories = [] }) => stories.length > 0).map(({ id }) => id)
  }

  /** Everything that a text names, in written order; overlapping mentions are one. `own` is the phase that speaks. */
  mentions(text: string, own?: string): Mention[] {
    const found: Mention[] = []
    const add = (ids: readonly string[], start: number, end: number): void => {
      const others = ids.filter((id) => id !== own)
      if (ids.length > 0) found.push({ ids: others, start, end })
    }
    for (const match of text.matchAll(ALL_STORIES)) add(this.#before(own, this.stories), ...span(match))
    for (const match of text.matchAll(ALL_BEFORE)) add(this.#before(own), ...span(match))
    for (const match of text.matchAll(ALL_WORK)) add(this.#before(own, this.#withoutSetUp()), ...span(match))
    for (const match of text.matchAll(FROM_ON)) add(this.#from(match[1] ?? ''), ...span(match))
    for (const match of text.matchAll(FINAL))
      add(
        this.#phases.slice(-1).map(({ id }) => id),
        ...span(match),
      )
    for (const match of text.matchAll(STORY)) add(this.#stories(match[1] ?? ''), ...span(match))
    for (const { ids, start, end } of phaseMentions(text)) add(this.#known(ids), start, end)
    for (const { id, title } of this.#phases)
      for (const at of titleIn(title, text)) add([id], at.start, at.end)
    return merged(found)
  }

  /** Ids of all that a text names. */
  ids(text: string, own?: string): string[] {
    return [...new Set(this.mentions(text, own).flatMap(({ ids }) => ids))]
  }

  /** The phase of exactly this title, where only one has it. */
  byTitle(text: string): string | undefined {
    const name = fold(text)
    const found = name === '' ? [] : this.#phases.filter(({ title, label }) => fold(label ?? title) === name)
    return found.length === 1 ? found[0]?.id : undefined
  }

  #known(ids: readonly string[]): string[] {
    return ids.flatMap((id) => this.#ids.get(id.toLowerCase()) ?? [])
  }

  #stories(text: string): string[] {
    const numbers = idList(text.replace(/[^\d,&+/–-]+/gu, (words) => (/\bto\b/iu.test(words) ? '-' : ',')))
      .flatMap((part) => part.split(','))
      .map((part) => part.replace(/\D/gu, ''))
    return this.#phases
      .filter(({ stories = [] }) => stories.some((story) => numbers.includes(story)))
      .map(({ id }) => id)
  }

  #before(own: string | undefined, among: readonly string[] = this.order): string[] {
    const at = own === undefined ? -1 : this.order.indexOf(own)
    const before = new Set(at < 0 ? this.order : this.order.slice(0, at))
    return among.filter((id) => before.has(id))
  }

  #withoutSetUp(): string[] {
    return this.#phases.filter(({ title }) => !/^set-?\s?up\b/iu.test(title)).map(({ id }) => id)
  }

  /** "Phase 3+": the stories from there on, or what lies before the last phase where none is a story. */
  #from(number: string): string[] {
    const at = this.order.indexOf(number)
    if (at < 0) return []
    const rest = this.order.slice(at)
    const stories = rest.filter((id) => this.stories.includes(id))
    return stories.length > 0 ? stories : rest.length > 1 ? rest.slice(0, -1) : rest
  }
}

const span = (match: RegExpExecArray): [number, number] => [match.index, match.index + match[0].length]

const PHASE_WORDS =
  /(?:\b(?:phases?|fases?|stages?|etapas?|étapes?|sections?|groups?|sprints?|steps?|milestones?|iterations?|waves?)|阶段|階段|フェーズ|단계)[\s#*]*\d[\d.]*[a-z]?(?:\s*(?:,|&|\+|\/|-|–|~|至|到|\band\b|\bto\b|\bthrough\b|\be\b|\by\b|和|、)\s*(?:and\s+)?(?:phases?\s*)?\d[\d.]*[a-z]?)*/giu

function phaseMentions(text: string): Mention[] {
  return [...text.matchAll(PHASE_WORDS)].map((match) => {
    const words = match[0].replace(/\b(?:sections?|groups?)\b/giu, 'phase').replace(/\.+$/u, '')
    const ids = phaseReferences(words.replace(/,\s*and\b/giu, ',')).ids
    return { ids, start: match.index, end: match.index + match[0].length }
  })
}

/** Where a text says a phase's title, or the one word that such phases are known by. */
function titleIn(title: string, text: string): { start: number; end: number }[] {
  const main = plain(title.replace(/\s*[([（【].*$|\s+[—–-]\s.*$/u, ''))
  const name = fold(main)
  if (/^(?:user )?story \d|^us ?\d/u.test(name)) return []
  const kind = KINDS.find((word) => name.startsWith(word))
  const pattern =
    kind !== undefined
      ? `(?<![\\p{L}\\p{N}])${escaped(kind).replace(' ', '[ -]?')}\\p{L}*`
      : name.includes(' ') || name.length >= 8
        ? `(?<![\\p{L}\\p{N}])${escaped(main).replace(/\s+/gu, '\\s+')}(?![\\p{L}\\p{N}])`
        : undefined
  if (pattern === undefined || main === '') return []
  return [...text.matchAll(new RegExp(pattern, 'giu'))].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
  }))
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/gu, '\\$&')

/** Mentions that overlap, or that a bracket joins ("Foundational (Phase 2)"), say the same thing twice. */
function merged(found: readonly Mention[]): Mention[] {
  const ordered = [...found].sort((a, b) => a.start - b.start || b.end - a.end)
  const result: Mention[] = []
  for (const mention of ordered) {
    const last = result.at(-1)
    if (last !== undefined && mention.start < last.end) {
      last.ids = [...new Set([...last.ids, ...mention.ids])]
      last.end = Math.max(last.end, mention.end)
    } else result.push({ ...mention, ids: [...new Set(mention.ids)] })
  }
  return result
}
