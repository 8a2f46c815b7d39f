/** "Dependencies & Execution Order": what a plan writes about the order of its phases, in prose, tables and diagrams. */
import { parseBlocks } from '../text/blocks.ts'
import { fold, plain } from '../text/inline.ts'
import { headingsOf, type Line, sectionEnd } from '../text/lines.ts'
import { within } from '../text/sorted.ts'
import { diagramEdges } from './diagrams.ts'
import { flowchartEdges, isFlowchart, phaseOfNode } from './flowchart.ts'
import { type NamedPhase, PhaseNames } from './phase-names.ts'
import { columnOf } from './words.ts'

export interface DependencyNotes {
  /** What each phase that is mentioned depends on. */
  stated: Map<string, string[]>
  /** Phases that are said to depend on nothing. */
  free: Set<string>
}

const SECTION =
  /dependenc|dependen[cz]i|execution order|phase order|dependênc|depend[eê]nci|abhängigkeit|依赖|依賴|依存|执行顺序|実行順|의존/iu
const OTHER =
  /cross[- ]spec|external|package|librar|npm|third[- ]party|within each|parallel|\btasks?\b.*\bdependenc/iu

/**
 * Reads every section about dependencies. A table beats a diagram, since it says what it means in words; prose adds to both.
 * Soft words ("builds on", "integrates with") say nothing. `drawn`: arrows between words count too, not flowcharts alone.
 */
export function readDependencyNotes(
  source: string,
  lines: readonly Line[],
  phases: readonly NamedPhase[],
  { drawn = true }: { drawn?: boolean } = {},
): DependencyNotes {
  const names = new PhaseNames(phases)
  const prose = new Map<string, string[]>()
  const tables = new Map<string, string[]>()
  const diagrams = new Map<string, string[]>()
  const free = new Set<string>()
  for (const [from, to] of sectionsOf(lines)) {
    const part = lines.slice(from, to)
    readProse(part, names, prose, free)
    readTables(source.slice(part[0]?.start ?? 0, lines[to]?.start ?? source.length), names, tables, free)
    for (const drawing of drawn ? drawings(part) : []) {
      for (const [id, on] of diagramEdges(drawing, names)) add(diagrams, id, on)
    }
    readCharts(part, names, diagrams)
  }
  // elsewhere "API --> Database" may be how the product is built: there only numbers name a phase
  readCharts(lines, new PhaseNames(phases.map(({ id }) => ({ id, title: '' }))), diagrams)
  const stated = new Map<string, string[]>()
  for (const { id } of phases) {
    const table = tables.get(id)
    const all = [...(prose.get(id) ?? []), ...(table ?? diagrams.get(id) ?? [])]
    if (all.length === 0) continue
    const named = new Set(all)
    const on = names.order.filter((other) => other !== id && named.has(other))
    if (on.length > 0) stated.set(id, on)
  }
  for (const id of stated.keys()) free.delete(id)
  return { stated, free }
}

/** Sections about dependencies; what they say about tasks or work side by side is something else. */
function sectionsOf(lines: readonly Line[]): [number, number][] {
  const headings = headingsOf(lines)
  const found: [number, number][] = []
  let end = 0
  for (const heading of headings) {
    if (heading.index < end || !SECTION.test(heading.text) || OTHER.test(heading.text)) continue
    end = sectionEnd(headings, heading, lines)
    let from = heading.index + 1
    for (const inner of within(headings, heading.index, end)) {
      if (inner.index < from || !OTHER.test(inner.text)) continue
      found.push([from, inner.index])
      from = sectionEnd(headings, inner, lines)
    }
    if (from < end) found.push([from, end])
  }
  return found
}

const add = (to: Map<string, string[]>, id: string, on: readonly string[]): void => {
  to.set(id, [...(to.get(id) ?? []), ...on])
}

// ── prose ────────────────────────────────────────────────────────────────────────────────────────────────────────

const ON =
  /\b(?:depends?|dependent|dependency)\s+(?:up)?on\b|\brequires?\b|\bneeds?\b|\b(?:starts?|begins?|runs?|proceeds?|comes?|done|executed?|only|but)?\s*after\b|\bblocked\s+(?:by|until|on)\b|\bwaits?\s+(?:for|on|until)\b|\bonce\b|\bprerequisites?\b:?|\bdepende(?:m|n)?\s+d[aeo]s?\b|\bdepende(?:m|n)?\b|\bapós\b|\bdespués de\b|\bnach\b|\bhängt\b|依赖|依賴|依存|之后|以后|の後/iu
const NOT_ON =
  /\b(?:but|and|mas|pero)?\s*(?:not|não|no|never)\s+(?:on\s+|d[aeo]s?\s+)?|\bindependent(?:ly)?\s+(?:of|from)\b|\bwithout\b|\bother\s+stor/iu
const SOFT =
  /\b(?:may|might|could|should|optionally|ideally|integrates?|builds?|extends?|enhances?|reuses?|benefits?|uses?|shares?|adds?\s+to|leverages?|complements?)\b/iu
const BEFORE =
  /\b(?:must|has to|needs to|should)\s+(?:be\s+)?(?:complet\w*|finish\w*|done|run)\s+before\b|\bblocks\b|\bprecede\b|\bbevor\b/iu
const NONE =
  /^(?:✅\s*)?(?:none|no (?:phase )?dependenc|nothing|independent\b|can (?:start|begin) (?:immediately|right away|any ?time)|sem depend|sin depend|keine|无|無|なし)/iu

function readProse(
  lines: readonly Line[],
  names: PhaseNames,
  found: Map<string, string[]>,
  free: Set<string>,
): void {
  for (const text of statements(lines)) {
    const colon = /^([^:：]{1,120}?)[*_]*\s*[:：][*_]*\s*(.*)$/u.exec(text)
    const subjects = colon === null ? [] : names.ids(head(colon[1] ?? ''))
    if (colon !== null && subjects.length > 0) {
      for (const id of subjects) readClauses(colon[2] ?? '', id, names, found, free)
      continue
    }
    for (const clause of clausesOf(text)) readSentence(clause, names, found)
  }
}

/** Bullets and lines without their signs; an indented line that begins none goes on with the one before. */
function statements(lines: readonly Line[]): string[] {
  const found: string[] = []
  let open = false
  for (const { text, hidden } of lines) {
    const bare = text.trim()
    if (hidden || bare === '' || /^[#|]/u.test(bare) || /^(?:-{3,}|\*{3,})$/u.test(bare)) {
      open = false
      continue
    }
    const item = /^\s*(?:[-*+]|\d+[.)])\s+(.*)$/u.exec(text)
    const last = found.length - 1
    if (item === null && open && last >= 0) found[last] = `${found[last] ?? ''} ${bare}`
    else found.push((item?.[1] ?? bare).replace(/\*\*|__/gu, ''))
    open = item !== null || open
  }
  return found
}

/** "(P1)" behind a story names a priority. */
const head = (text: string): string => text.replace(/\(P\d\)/gu, '')

const clausesOf = (text: string): string[] =>
  plain(text).split(/\s+[-–—]\s+|;\s*|[。；]|(?<=[\p{L}\d)])\.\s+|\s+\((?=may|can|but|no\b|not\b)/iu)

/** What is said behind "User Story 2:". */
function readClauses(
  text: string,
  own: string,
  names: PhaseNames,
  found: Map<string, string[]>,
  free: Set<string>,
): void {
  for (const clause of clausesOf(text)) {
    if (NONE.test(clause.trim())) {
      free.add(own)
      continue
    }
    const on = ON.exec(clause)
    if (on === null || SOFT.test(clause.slice(0, on.index))) continue
    // the phrase may name its subject in between: "T003 and T004 after approval"
    const said = clause.slice(on.index + on[0].length)
    const cut = NOT_ON.exec(said)
    const soft = SOFT.exec(said)
    const end = Math.min(cut?.index ?? said.length, soft?.index ?? said.length)
    const ids = names.ids(said.slice(0, end), own)
    if (ids.length > 0) add(found, own, ids)
    else if (/^\s*nothing\b|^\s*no\b/iu.test(said)) free.add(own)
  }
}

/** "Phase 2 depends on Phase 1", "Phase 1 must complete before Phase 2", "Phases 4-5 can run after Phase 3". */
function readSentence(clause: string, names: PhaseNames, found: Map<string, string[]>): void {
  const before = BEFORE.exec(clause)
  if (before !== null) {
    const first = names.ids(head(clause.slice(0, before.index)))
    const later = names.ids(clause.slice(before.index + before[0].length))
    if (first.length > 0) for (const id of later) add(found, id, first)
    return
  }
  const on = ON.exec(clause)
  if (on === null || SOFT.test(clause.slice(0, on.index))) return
  const subjects = names.ids(head(clause.slice(0, on.index)))
  const said = clause.slice(on.index + on[0].length)
  const cut = NOT_ON.exec(said)
  for (const id of subjects) add(found, id, names.ids(said.slice(0, cut?.index ?? said.length), id))
}

// ── tables ───────────────────────────────────────────────────────────────────────────────────────────────────────

function readTables(
  source: string,
  names: PhaseNames,
  found: Map<string, string[]>,
  free: Set<string>,
): void {
  for (const block of parseBlocks(source)) {
    if (block.kind !== 'table') continue
    const header = block.header.map((cell) => fold(cell.text))
    const column = Math.max(
      columnOf(header, 'dependencies'),
      header.findIndex((name) => /^(?:depends? on|requires|prerequisites?|blocked by)/u.test(name)),
    )
    if (column < 0) continue
    for (const row of block.rows) {
      const cells = row.filter((_, at) => at < Math.max(1, column)).map(({ text }) => text)
      const own = cells.map((text) => names.ids(text)).find((ids) => ids.length > 0) ?? byNumber(cells, names)
      const value = plain(row[column]?.text ?? '').split(/[;；]/u)[0] ?? ''
      for (const id of own) {
        const ids = names.ids(value, id)
        add(found, id, ids.length > 0 ? ids : byNumber([value], names))
        if (NONE.test(value) || /^[\s—–-]*$/u.test(value)) free.add(id)
      }
    }
  }
}

/** "3", "1, 2" where the column says that they are phases. */
const byNumber = (cells: readonly string[], names: PhaseNames): string[] => {
  const text = plain(cells[0] ?? '')
  if (!/^\d{1,3}(?:\s*,\s*\d{1,3})*$/u.test(text)) return []
  const numbers = text.split(',').map((part) => part.trim())
  return names.order.filter((id) => numbers.includes(id))
}

// ── drawings ─────────────────────────────────────────────────────────────────────────────────────────────────────

const ARROW = /→|⟶|➜|►|▶|->|=>|↓|▼/u

/** What stands in fences, each without its marks. */
function fences(lines: readonly Line[]): string[][] {
  const found: string[][] = []
  let fenced = false
  for (const line of lines) {
    if (!line.code) continue
    if (/^\s*(?:`{3,}|~{3,})/u.test(line.text)) {
      fenced = !fenced
      if (fenced) found.push([])
    } else found.at(-1)?.push(line.text)
  }
  return found
}

function readCharts(lines: readonly Line[], names: PhaseNames, found: Map<string, string[]>): void {
  for (const chart of fences(lines).filter(isFlowchart))
    for (const [id, on] of flowchartEdges(chart, names.order, phaseOfNode(names))) add(found, id, [on])
}

/** Fenced drawings, and lines of arrows outside of fences. */
function drawings(lines: readonly Line[]): string[][] {
  const found = fences(lines).filter((fence) => !isFlowchart(fence))
  for (const line of lines) {
    if (!line.code && !line.hidden && ARROW.test(line.text) && !line.text.trim().startsWith('|')) {
      const bare = line.text.replace(/^\s*(?:[-*+]|\d+[.)])\s+/u, '')
      if (!ON.test(bare) && !/^\s*(?:or|oder|ou)\b|\(if |sequential/iu.test(bare)) found.push([bare])
    }
  }
  return found
}
