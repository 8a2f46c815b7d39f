/** Where a plan of nobody's format names its phases. */
import { allBlocks, type Block } from '../../text/blocks.ts'
import { fold, plain } from '../../text/inline.ts'
import { phaseLabel } from '../../text/phase-label.ts'
import { sectionEnd, taskHeadingForm } from '../../text/sections.ts'
import { findPhases } from '../find-phases.ts'
import type { FoundPhase } from '../found-phase.ts'
import { readMark } from '../marks.ts'
import { fromHeading, type Heading, numberedHeadings } from '../phase-headings.ts'
import { listPhases, tablePhases } from '../phase-rows.ts'
import { columnOf, kindOf } from '../words.ts'

type Table = Extract<Block, { kind: 'table' }>

/**
 * As in a task plan. Where that finds none, in this order: the numbered list or headings of a section that says in which order
 * things are built; its table of days, weeks or steps; the components of "Proposed Changes"; sections that hold boxes.
 */
export function findPlanPhases(blocks: readonly Block[]): FoundPhase[] {
  const found = findPhases(blocks)
  if (found.length > 0) return found.map((phase) => withMore(phase, blocks))
  for (const find of [orderedWork, changedComponents, boxedSections, numberedWork]) {
    const phases = find(blocks)
    if (phases.length > 0) return phases
  }
  return []
}

// ── a phase in several sections ──────────────────────────────────────────────────────────────────────────────────

/**
 * "Phase Breakdown" tells how, a "Work Checklist" further down has the boxes, and both have a section for each phase: the boxes are
 * what is worked off, the other section belongs to it. "Phase 2 (continued)" goes on with Phase 2.
 */
function withMore(phase: FoundPhase, blocks: readonly Block[]): FoundPhase {
  if (phase.from !== 'heading' || phase.repeatedAt.length === 0) return phase
  const others = phase.repeatedAt.flatMap((line) => sectionAt(line, blocks) ?? [])
  const all = [phase, ...others]
  const boxed = all.filter(hasBoxes)
  const main = boxed.length > 0 && boxed.length < all.length ? (boxed[0] ?? phase) : phase
  const more: NonNullable<FoundPhase['more']> = []
  const repeatedAt: number[] = []
  for (const section of all) {
    if (section === main) continue
    if (!hasBoxes(section) && main !== phase) more.push({ section, work: false })
    else if (goesOn(section)) more.push({ section, work: true })
    else if (hasBoxes(main) && !hasBoxes(section)) more.push({ section, work: false })
    else repeatedAt.push(section.line)
  }
  return { ...main, repeatedAt, more }
}

const goesOn = ({ title }: FoundPhase): boolean =>
  /^[(（[]?\s*(?:continued|cont\.?|cont'd|continuación|continuação|fortsetzung|suite|续|続き)\b/iu.test(title)

const hasBoxes = (phase: FoundPhase): boolean => holdsBoxes(phase.blocks)

const holdsBoxes = (blocks: readonly Block[]): boolean =>
  [...allBlocks(blocks)].some(
    (block) => block.kind === 'list' && block.items.some(({ text }) => readMark(text).marked),
  )

function sectionAt(line: number, blocks: readonly Block[]): FoundPhase | undefined {
  const index = blocks.findIndex((block) => block.kind === 'heading' && block.line === line)
  const heading = blocks[index]
  if (heading?.kind !== 'heading') return undefined
  const label = phaseLabel(heading.text)
  return label === undefined ? undefined : fromHeading({ index, heading, label }, [], blocks)
}

// ── plans without a word for their phases ────────────────────────────────────────────────────────────────────────

/** "Implementation Order", "Build sequence", "Suggested steps", "Timeline", "Roadmap": what is done first and what then. */
const ORDER =
  /\b(?:implementation|execution|build|development|work|delivery|migration|rollout|coding)\s+(?:order|sequence|steps|plan|roadmap|schedule|timeline|checklist)\b|\border of (?:implementation|work|execution|operations)\b|^(?:\d+(?: \d+)* )?(?:(?:suggested|recommended|proposed|high level) )?(?:order|sequence|sequencing|steps|roadmap|milestones|timeline|schedule|plan|work plan|action plan)\b|实施步骤|实施计划|实施顺序|实现步骤|开发计划|执行步骤|実装手順|実装順序|구현 순서|구현 계획|plan de implementaci[oó]n|plano de implementa|umsetzungsplan/u

/** The numbered list, numbered headings or table right below a heading about the order of work. */
function orderedWork(blocks: readonly Block[]): FoundPhase[] {
  for (const [index, heading] of blocks.entries()) {
    if (heading.kind !== 'heading' || !ORDER.test(fold(heading.text))) continue
    const end = heading.level === 1 ? blocks.length : sectionEnd(blocks, index, heading.level)
    const section = blocks.slice(index + 1, end)
    const headings = numberedBelow(heading, index, end, blocks)
    if (headings.length >= 2) return headings
    if (heading.level === 1) continue
    const own = section.slice(0, firstHeading(section))
    for (const block of own) {
      if (
        block.kind === 'list' &&
        block.items.length >= 2 &&
        block.items.every((i) => i.ordinal !== undefined)
      )
        return listPhases(block.items)
      if (block.kind === 'table' && isSchedule(block) && block.rows.length >= 2) return scheduled(block)
    }
  }
  return []
}

const firstHeading = (blocks: readonly Block[]): number => {
  const at = blocks.findIndex(({ kind }) => kind === 'heading')
  return at < 0 ? blocks.length : at
}

/** Numbers of the first column where every row has one ("1", not "1-2"), else running numbers; titles from the first column of text. */
function scheduled(table: Table): FoundPhase[] {
  const header = table.header.map(({ text }) => fold(text))
  const numbers = table.rows.every(([cell]) => /^[\s*_]*\d{1,3}[\s*_.]*$/u.test(cell?.text ?? ''))
  const named = Math.max(columnOf(header, 'title'), columnOf(header, 'task'))
  const names = header.map((name, at) =>
    at === 0 ? (numbers ? 'no' : 'when') : at === (named > 0 ? named : 1) ? 'title' : name,
  )
  return tablePhases(table, names)
}

/** "| Day | Deliverable |", "| Step | What |". */
function isSchedule(table: Table): boolean {
  const header = table.header.map(({ text }) => fold(text))
  return (
    /^(?:days?|weeks?|steps?|milestones?|sprints?|stages?|order|no|nr|)$/u.test(header[0] ?? 'x') &&
    header.length >= 2 &&
    columnOf(header, 'files') !== 1
  )
}

/** "### 1. Setup", "### 2) API" one level below. */
function numberedBelow(above: Heading, from: number, to: number, blocks: readonly Block[]): FoundPhase[] {
  if (above.level === 1) return []
  const found: FoundPhase[] = []
  for (let index = from + 1; index < to; index += 1) {
    const heading = blocks[index]
    if (heading?.kind !== 'heading' || heading.level !== above.level + 1) continue
    const match = /^[\s*_]*(\d{1,2}(?:\.\d{1,2})?)\s*[.):：—–-]\s*(?=\S)/u.exec(heading.text)
    if (match === null) return []
    const title = heading.text.slice(match[0].length)
    const label = { id: match[1] ?? '', title, separated: true, word: 'similar' as const }
    found.push(fromHeading({ index, heading, label }, [], blocks))
  }
  return found
}

/** "## Proposed Changes" of an agent IDE's plan: a section for each component, a heading "[MODIFY] file" for each change in it. */
function changedComponents(blocks: readonly Block[]): FoundPhase[] {
  const changes = blocks.flatMap((block, index) =>
    block.kind === 'heading' && isChange(block) ? [index] : [],
  )
  const owners = new Map<number, Heading>()
  for (const at of changes) {
    const level = (blocks[at] as Heading).level
    for (let index = at - 1; index >= 0; index -= 1) {
      const block = blocks[index]
      if (block?.kind !== 'heading' || block.level >= level) continue
      owners.set(index, block)
      break
    }
  }
  return counted(owners, blocks)
}

const isChange = ({ text }: Heading): boolean =>
  taskHeadingForm(text) === 'heading' && /^[\s*_`]*\[/u.test(text)

/** Sections with boxes right below their heading, but for those about acceptance, tests or questions. */
function boxedSections(blocks: readonly Block[]): FoundPhase[] {
  const owners = new Map<number, Heading>()
  for (const [index, heading] of blocks.entries()) {
    if (heading.kind !== 'heading') continue
    const kind = kindOf(fold(heading.text))
    if (kind !== undefined && kind !== 'tasks' && kind !== 'outputs' && kind !== 'changes') continue
    const section = blocks.slice(index + 1)
    if (holdsBoxes(section.slice(0, firstHeading(section)))) owners.set(index, heading)
  }
  return counted(owners, blocks)
}

/** Sections as phases 1, 2, 3. */
const counted = (owners: ReadonlyMap<number, Heading>, blocks: readonly Block[]): FoundPhase[] =>
  [...owners].map(([index, heading], at) => {
    const number = /^[\s*_]*\d{1,2}(?:\.\d{1,2})*\s*[.):：—–-]?\s+(?=\p{L})/u.exec(heading.text)?.[0] ?? ''
    const title = heading.text.slice(number.length)
    const label = {
      id: String(at + 1),
      title: plain(title) === '' ? heading.text : title,
      separated: true,
      word: 'similar' as const,
    }
    const phase = fromHeading({ index, heading, label }, [], blocks)
    const rest = blocks.slice(index + 1)
    // a section that holds others which are phases themselves keeps what is right below it
    const inner = [...owners.keys()].some(
      (other) => other > index && other < sectionEnd(blocks, index, heading.level),
    )
    return inner ? { ...phase, blocks: rest.slice(0, firstHeading(rest)) } : phase
  })

/** What a document is made of that is about something else than the order of work. */
const CHAPTER =
  /\b(?:introduction|overview|background|context|motivation|summary|architecture|design|approach|alternatives?|goals?|objectives?|requirements?|scope|risks?|references?|appendix|glossary|questions?|assumptions|conclusions?|problem|solution|stack|structure|team|budget|metrics|kpis?|files?|schema|data model|current state|status)\b|背景|概述|简介|介绍|目标|架构|设计|风险|参考|总结|概要|目的|構成|개요|배경|목표/iu

/** "## 1. Collect", "## 2. Send" with lists below: a plan of numbered work, where no section is a chapter of a document. */
function numberedWork(blocks: readonly Block[]): FoundPhase[] {
  const found = numberedHeadings(blocks, 'any')
  const listed = found.filter((phase) => phase.blocks.some(({ kind }) => kind === 'list'))
  const document = found.some(({ title }) => CHAPTER.test(fold(title)))
  return !document && found.length >= 2 && listed.length === found.length ? found : []
}
