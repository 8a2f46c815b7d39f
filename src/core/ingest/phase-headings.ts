/** Phases that are sections: by the word in their heading, by a code, by a running number. */
import { fold, plain } from '../text/inline.ts'
import type { Block } from '../text/blocks.ts'
import { splitMarks } from '../text/heading-status.ts'
import { namesPhases, phaseLabel, type PhaseLabel } from '../text/phase-label.ts'
import { phaseSectionEnd, sectionEnd } from '../text/sections.ts'
import type { FoundPhase } from './found-phase.ts'
import { readMark } from './marks.ts'
import { MENTION, NOT_NOW } from './words.ts'

export type Heading = Extract<Block, { kind: 'heading' }>
export interface Candidate {
  index: number
  heading: Heading
  label: PhaseLabel
}

/** Sections whose heading says that they are a phase. */
export const phaseHeadings = (blocks: readonly Block[]): FoundPhase[] => phasesOf(candidates(blocks), blocks)

/** Numbered sections, in a plan that says nowhere else what its phases are. */
export const numberedPhases = (blocks: readonly Block[]): FoundPhase[] => numberedHeadings(blocks, 'ticked')

/** Sections with running numbers; `ticked` takes only those with boxes. */
export const numberedHeadings = (blocks: readonly Block[], take: 'ticked' | 'any'): FoundPhase[] =>
  numberedSections(blocks, take).map((candidate) => fromHeading(candidate, [], blocks))

function candidates(blocks: readonly Block[]): Candidate[] {
  const found: (Candidate & { grouped: boolean; later: boolean })[] = []
  const open: Heading[] = []
  for (const [index, block] of blocks.entries()) {
    if (block.kind !== 'heading') continue
    while ((open.at(-1)?.level ?? 0) >= block.level) open.pop()
    const label = phaseLabel(block.text)
    if (label !== undefined) {
      const grouped = open.some((h) => namesPhases(h.text))
      found.push({
        index,
        heading: block,
        label,
        grouped,
        later: open.some((h) => NOT_NOW.test(fold(h.text))),
      })
    }
    open.push(block)
  }
  const now = found.filter(({ later }) => !later)
  const all = now.some(({ label }) => label.separated) ? now : found
  const named = all.filter((c) => c.label.word === 'phase' && c.label.separated)
  const strict = named.length > 0 ? named : all.filter((c) => c.label.word === 'phase' && !mentions(c))
  const isStrict = new Set(strict)
  const ids = new Set(strict.map((c) => c.label.id))
  const levels = new Set(strict.map((c) => c.heading.level))
  const more = all.filter((c) => {
    if (isStrict.has(c) || ids.has(c.label.id) || mentions(c) || !levels.has(c.heading.level)) return false
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
      /^[\s*_`\p{Extended_Pictographic}\uFE0F]*([SMPWEF]\d{1,2}[a-z]?)[*_`]*\s*(?:[:：—–.]|-\s)\s*(?=\S)/u.exec(
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
  return family.length >= 2 && Number.parseInt(first?.label.id.slice(1) ?? '', 10) <= 1 ? family : []
}

/** "### 0. Prepare", "### 1. API": numbered sections that hold checkboxes, in a plan that has no word for its phases. */
function numberedSections(blocks: readonly Block[], take: 'ticked' | 'any'): Candidate[] {
  const found: Candidate[] = []
  for (const [index, heading] of blocks.entries()) {
    if (heading.kind !== 'heading' || heading.level === 1) continue
    const match = /^[\s*_]*(\d{1,2})\s*[.):：—–]\s*(?=\S)/u.exec(heading.text)
    if (match === null) continue
    const section = blocks.slice(index + 1, sectionEnd(blocks, index, heading.level))
    const ticked = section.some((b) => b.kind === 'list' && b.items.some((i) => readMark(i.text).marked))
    if (take === 'ticked' && !ticked) continue
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

/** A document titled "Phase 2: Web app" with its own phases inside is no phase; "Phase 1.1" inside "Phase 1" is a part of it. */
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
  return kept.filter((c) => !holding.has(c))
}

/** The same id twice: the first counts, unless only a later one has something in it ("overview, then details"). */
function phasesOf(candidates: readonly Candidate[], blocks: readonly Block[]): FoundPhase[] {
  const byId = new Map<string, { chosen: Candidate; all: Candidate[] }>()
  for (const candidate of candidates) {
    const earlier = byId.get(candidate.label.id)
    if (earlier === undefined) byId.set(candidate.label.id, { chosen: candidate, all: [candidate] })
    else {
      earlier.all.push(candidate)
      if (isEmpty(earlier.chosen, blocks) && !isEmpty(candidate, blocks)) earlier.chosen = candidate
    }
  }
  return [...byId.values()]
    .sort((a, b) => a.chosen.index - b.chosen.index)
    .map(({ chosen, all }) => {
      const repeated = all.filter((other) => other !== chosen && holdsText(other, blocks))
      return fromHeading(
        chosen,
        repeated.map(({ heading }) => heading.line),
        blocks,
      )
    })
}

function holdsText({ index, heading }: Candidate, blocks: readonly Block[]): boolean {
  const section = blocks.slice(index + 1, sectionEnd(blocks, index, heading.level))
  return section.some(({ kind }) => kind !== 'heading' && kind !== 'other')
}

function isEmpty(candidate: Candidate, blocks: readonly Block[]): boolean {
  const next = blocks[candidate.index + 1]
  return next === undefined || next.kind === 'heading' || next.kind === 'other'
}

/** The section at a heading as a phase; `label` says what of the heading is its name. */
export function fromHeading(
  candidate: Candidate,
  repeatedAt: number[],
  blocks: readonly Block[],
): FoundPhase {
  const { heading, label, index } = candidate
  const lead = splitMarks(heading.text.slice(0, heading.text.length - label.title.length) + 'x')
  const marked = splitMarks(label.title)
  const title = plain(marked.text).replace(/[\s:：]+$/u, '')
  return {
    id: label.id,
    // without the mark, so that a phase is called the same when it is done
    title: /^[\s\p{P}]*$/u.test(title) ? untitled(heading.text) : title,
    status: marked.status ?? lead.status,
    line: heading.line,
    start: heading.start,
    textStart: heading.start + heading.text.length,
    blocks: blocks.slice(index + 1, phaseSectionEnd(blocks, index, heading.level, label.id)),
    dependencies: [...heading.text.matchAll(IN_HEADING)].map((m) => ({
      text: m[1] ?? m[2] ?? '',
      start: heading.start + m.index,
      line: heading.line,
    })),
    from: 'heading',
    repeatedAt,
  }
}

/** "Phase 1:" and "Phase 1 — ✅" are called "Phase 1". */
const untitled = (heading: string): string =>
  plain(splitMarks(heading).text).replace(/[\s:：.．、–—-]+$/u, '') || plain(heading)

/** "(depends on Phase 1)", "(after: 2, 3)", "— blocked by Phase 3" behind a title. */
const IN_HEADING =
  /[(（](?:depends on|blocked by|after|requires|needs|depende de|dépend de|abhängig von|nach|依赖|依存|需要)\s*[:：]?\s*([^)）]{1,80})[)）]|\s[—–-]+\s(?:depends on|blocked by|requires)\s*[:：]?\s*((?:phase|stage|step|sprint|milestone)s?\s[^—–]{1,80})$/giu
