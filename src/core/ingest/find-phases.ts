/** Finds where a task plan names its phases: headings first, then a list under "Phases", then a table. */
import type { Status } from '../model/plan.ts'
import { fold, plain } from '../text/inline.ts'
import type { Block, Item, Piece } from '../text/blocks.ts'
import { splitMarks } from '../text/heading-status.ts'
import { namesPhases, phaseLabel, type PhaseLabel } from '../text/phase-label.ts'
import { phaseSectionEnd, sectionEnd } from '../text/sections.ts'
import { readStatus } from '../text/status.ts'
import { readMark } from './marks.ts'
import { ABOUT_PHASES, columnOf, MENTION } from './words.ts'

export interface FoundPhase {
  id: string
  title: string
  status: Status | undefined
  line: number
  /** Offset of the phase's first character, and of its text. */
  start: number
  textStart: number
  /** What belongs to it. */
  blocks: Block[]
  /** Dependencies written in the heading or row itself. */
  dependencies: Piece[]
  from: 'heading' | 'list' | 'table'
}

type Heading = Extract<Block, { kind: 'heading' }>
interface Candidate {
  index: number
  heading: Heading
  label: PhaseLabel
}

export function findPhases(blocks: readonly Block[]): FoundPhase[] {
  const headings = phaseHeadings(blocks).map((c) => fromHeading(c, blocks))
  if (headings.length > 0) return completeFromList(headings, phaseList(blocks, 'labelled'))
  const list = phaseList(blocks, 'any')
  if (list.length > 0) return list
  const table = phaseTable(blocks)
  if (table.length > 0) return table
  return numberedSections(blocks).map((c) => fromHeading(c, blocks))
}

// ── headings ─────────────────────────────────────────────────────────────────────────────────────────────────────

function phaseHeadings(blocks: readonly Block[]): Candidate[] {
  const all: (Candidate & { grouped: boolean })[] = []
  const open: Heading[] = []
  for (const [index, block] of blocks.entries()) {
    if (block.kind !== 'heading') continue
    while ((open.at(-1)?.level ?? 0) >= block.level) open.pop()
    const label = phaseLabel(block.text)
    if (label !== undefined)
      all.push({ index, heading: block, label, grouped: open.some((h) => namesPhases(h.text)) })
    open.push(block)
  }
  const named = all.filter((c) => c.label.word === 'phase' && c.label.separated)
  const strict = named.length > 0 ? named : all.filter((c) => c.label.word === 'phase' && !mentions(c))
  const ids = new Set(strict.map((c) => c.label.id))
  const levels = new Set(strict.map((c) => c.heading.level))
  const more = all.filter((c) => {
    if (strict.includes(c) || ids.has(c.label.id) || mentions(c) || !levels.has(c.heading.level)) return false
    return c.label.word === 'phase' || (c.grouped && c.label.separated)
  })
  const chosen =
    strict.length === 0 ? similarHeadings(all) : [...strict, ...more].sort((a, b) => a.index - b.index)
  return withoutContainers(chosen.length > 0 ? chosen : codedHeadings(blocks), blocks)
}

const mentions = (c: Candidate): boolean => !c.label.separated && MENTION.test(plain(c.label.title))

/** A plan whose parts are called steps, sprints or milestones throughout. */
function similarHeadings(all: readonly Candidate[]): Candidate[] {
  const similar = all.filter((c) => c.label.separated)
  const level = similar[0]?.heading.level
  const same = similar.filter((c) => c.heading.level === level)
  return same.length >= 2 ? same : []
}

/** "## S1 — Title", "## M2: Title": a letter that stands for stage, sprint, milestone, phase, and a running number. */
function codedHeadings(blocks: readonly Block[]): Candidate[] {
  const found: Candidate[] = []
  for (const [index, heading] of blocks.entries()) {
    if (heading.kind !== 'heading') continue
    const match =
      /^[\s*_`\p{Extended_Pictographic}\uFE0F]*([SMPWEF]\d{1,2})[*_`]*\s*(?:[:：—–.]|-\s)\s*(?=\S)/u.exec(
        heading.text,
      )
    if (match === null) continue
    const label = {
      id: match[1] ?? '',
      title: heading.text.slice(match[0].length),
      separated: true,
      word: 'similar' as const,
    }
    found.push({ index, heading, label })
  }
  const first = found[0]
  const family = found.filter(
    (c) => c.heading.level === first?.heading.level && c.label.id.charAt(0) === first.label.id.charAt(0),
  )
  return family.length >= 2 && Number(first?.label.id.slice(1)) <= 1 ? family : []
}

/** "### 0. Prepare", "### 1. API": numbered sections that hold checkboxes, in a plan that has no word for its phases. */
function numberedSections(blocks: readonly Block[]): Candidate[] {
  const found: Candidate[] = []
  for (const [index, heading] of blocks.entries()) {
    if (heading.kind !== 'heading' || heading.level === 1) continue
    const match = /^[\s*_]*(\d{1,2})\s*[.):：—–]\s*(?=\S)/u.exec(heading.text)
    if (match === null) continue
    const section = blocks.slice(index + 1, sectionEnd(blocks, index, heading.level))
    if (!section.some((b) => b.kind === 'list' && b.items.some((i) => readMark(i.text).marked))) continue
    found.push({
      index,
      heading,
      label: {
        id: match[1] ?? '',
        title: heading.text.slice(match[0].length),
        separated: true,
        word: 'similar',
      },
    })
  }
  const level = found[0]?.heading.level
  const same = found.filter((c) => c.heading.level === level)
  const running = same.every((c, i) => i === 0 || Number(c.label.id) === Number(same[i - 1]?.label.id) + 1)
  return same.length >= 2 && running && Number(same[0]?.label.id) <= 1 ? same : []
}

/**
 * A document titled "Phase 2: Web app" with its own phases inside is no phase; "Phase 1.1" inside "Phase 1" is a part of it.
 * The same id twice: the first counts, unless only a later one has something in it ("overview, then details").
 */
function withoutContainers(candidates: readonly Candidate[], blocks: readonly Block[]): Candidate[] {
  const kept: Candidate[] = []
  const stack: { candidate: Candidate; end: number }[] = []
  const holding = new Set<Candidate>()
  for (const candidate of candidates) {
    while ((stack.at(-1)?.end ?? Infinity) <= candidate.index) stack.pop()
    const outer = stack.at(-1)?.candidate
    const part =
      outer !== undefined &&
      candidate.label.id.startsWith(outer.label.id) &&
      candidate.label.id !== outer.label.id
    if (part) continue
    if (outer !== undefined) holding.add(outer)
    stack.push({ candidate, end: sectionEnd(blocks, candidate.index, candidate.heading.level) })
    kept.push(candidate)
  }
  const byId = new Map<string, Candidate>()
  const plainOnes = kept.filter((c) => !holding.has(c))
  for (const candidate of plainOnes) {
    const earlier = byId.get(candidate.label.id)
    if (earlier === undefined || (isEmpty(earlier, blocks) && !isEmpty(candidate, blocks)))
      byId.set(candidate.label.id, candidate)
  }
  return plainOnes.filter((c) => byId.get(c.label.id) === c)
}

function isEmpty(candidate: Candidate, blocks: readonly Block[]): boolean {
  const next = blocks[candidate.index + 1]
  return next === undefined || next.kind === 'heading' || next.kind === 'other'
}

function fromHeading(candidate: Candidate, blocks: readonly Block[]): FoundPhase {
  const { heading, label, index } = candidate
  const lead = splitMarks(heading.text.slice(0, heading.text.length - label.title.length) + 'x')
  const marked = splitMarks(label.title)
  const title = plain(marked.text).replace(/[\s:：]+$/u, '')
  return {
    id: label.id,
    title: title === '' ? plain(heading.text) : title,
    status: marked.status ?? lead.status,
    line: heading.line,
    start: heading.start,
    textStart: heading.start + heading.text.length,
    blocks: blocks.slice(index + 1, phaseSectionEnd(blocks, index, heading.level, label.id)),
    dependencies: [
      ...heading.text.matchAll(
        /[(（]((?:depends on|blocked by|after|requires|依赖|需要)[^)）]{1,80})[)）]/giu,
      ),
    ].map((m) => ({
      text: m[1] ?? '',
      start: heading.start + m.index,
      line: heading.line,
    })),
    from: 'heading',
  }
}

// ── lists ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** `labelled` takes only lists whose every item says which phase it is. */
function phaseList(blocks: readonly Block[], take: 'labelled' | 'any'): FoundPhase[] {
  let title: string | undefined
  let labelledOnly: FoundPhase[] = []
  for (const block of blocks) {
    if (block.kind === 'heading') title = block.text
    if (block.kind !== 'list') continue
    const announced = title !== undefined && namesPhases(title) && !ABOUT_PHASES.test(fold(title))
    const labels = block.items.filter((item) => phaseLabel(readMark(item.text).text)?.separated === true)
    if (announced && (take === 'any' || labels.length === block.items.length)) return fromList(block.items)
    if (
      labels.length >= 2 &&
      labels.length === block.items.length &&
      labelledOnly.length === 0 &&
      !isStatusList(block.items)
    ) {
      labelledOnly = fromList(block.items)
    }
  }
  return labelledOnly
}

/** "- Phase A: `branch` (pushed)" and the like tell about phases; a list of phases carries marks or has parts. */
const isStatusList = (items: readonly Item[]): boolean =>
  !items.some((item) => readMark(item.text).marked || item.blocks.length > 0 || item.ordinal !== undefined)

function fromList(items: readonly Item[]): FoundPhase[] {
  const used = new Set<string>()
  return items.flatMap((item, index) => {
    const mark = readMark(item.text)
    const label = phaseLabel(mark.text)
    const named = label?.separated === true ? label : undefined
    const id = named?.id ?? String(item.ordinal ?? index + 1)
    if (used.has(id) || plain(mark.text) === '') return []
    used.add(id)
    const marked = splitMarks(named?.title ?? mark.text)
    return [
      {
        id,
        title: listTitle(marked.text, mark.text),
        status: mark.status ?? marked.status,
        line: item.line,
        start: item.start,
        textStart: item.start + item.text.length,
        blocks: item.blocks,
        dependencies: [],
        from: 'list' as const,
      },
    ]
  })
}

/** "**Phase 0: Title** — description": what is bold is the title. */
function listTitle(title: string, whole: string): string {
  const bold = /^\s*(?:\*\*|__)/.test(whole) ? /^(.+?)(?:\*\*|__)/.exec(title)?.[1] : undefined
  return plain(bold ?? title).replace(/[\s:：]+$/u, '')
}

/** A list of all phases where only some have a section of their own. */
function completeFromList(headings: FoundPhase[], list: readonly FoundPhase[]): FoundPhase[] {
  const byId = new Map(headings.map((p) => [p.id, p]))
  const listed = new Map(list.map((p) => [p.id, p]))
  for (const phase of headings) phase.status ??= listed.get(phase.id)?.status
  if (list.length <= headings.length || ![...byId.keys()].every((id) => listed.has(id))) return headings
  return list.map((p) => byId.get(p.id) ?? p)
}

// ── tables ───────────────────────────────────────────────────────────────────────────────────────────────────────

function phaseTable(blocks: readonly Block[]): FoundPhase[] {
  let title = ''
  for (const block of blocks) {
    if (block.kind === 'heading') title = block.text
    if (block.kind !== 'table') continue
    const header = block.header.map((cell) => fold(cell.text))
    const phase = columnOf(header, 'phase')
    const status = columnOf(header, 'status')
    if (phase < 0 && !namesPhases(title)) continue
    if (status < 0 && columnOf(header, 'title') < 0 && !namesPhases(title)) continue
    if (header.some((h) => /error|decision|issue|attempt|错误|决策/u.test(h))) continue
    const found = block.rows.flatMap((row, index) => fromRow(row, header, index))
    if (found.length > 0) return found
  }
  return []
}

function fromRow(row: readonly Piece[], header: readonly string[], index: number): FoundPhase[] {
  const cell = (at: number): Piece | undefined => (at < 0 ? undefined : row[at])
  const phase = cell(columnOf(header, 'phase'))
  const number = cell(columnOf(header, 'number'))
  const name = cell(columnOf(header, 'title')) ?? cell(columnOf(header, 'task'))
  const status = cell(columnOf(header, 'status'))
  const label = phase === undefined ? undefined : phaseLabel(phase.text)
  const bare = /^[\s*_`]*(\d{1,3}(?:\.\d{1,3})*[a-z]?|[A-Z]\d{0,2}|[A-Z]{1,4}-\d{1,3})[\s*_`.]*$/u
  const id =
    label?.id ?? bare.exec(number?.text ?? '')?.[1] ?? bare.exec(phase?.text ?? '')?.[1] ?? String(index + 1)
  const own = label === undefined ? (bare.test(phase?.text ?? '') ? '' : (phase?.text ?? '')) : label.title
  const text = plain(own) === '' ? (name?.text ?? '') : own
  const start = row[0]?.start ?? 0
  if (plain(text) === '' || /^(?:total|gesamt|合计|总计|합계)$/iu.test(fold(own))) return []
  const dependencies = cell(columnOf(header, 'dependencies'))
  return [
    {
      id,
      title: plain(splitMarks(text).text),
      status: (status === undefined ? undefined : cellStatus(status.text)) ?? splitMarks(text).status,
      line: row[0]?.line ?? 1,
      start,
      textStart: start,
      blocks: [],
      dependencies: dependencies === undefined ? [] : [dependencies],
      from: 'table',
    },
  ]
}

const cellStatus = (text: string): Status | undefined => readStatus(text)?.status ?? readMark(text).status
