/** ROADMAP.md of GSD: phases as its checklist, its headings and its tables name them, with the place of every mark. */
import type { Status } from '../../model/plan.ts'
import { type Block, parseBlocks, type Piece } from '../../text/blocks.ts'
import {
  type BoxLine,
  boxOfLine,
  type Heading,
  headingsOf,
  type Line,
  linesOf,
  sectionEnd,
} from '../../text/lines.ts'
import { fold, plain } from '../../text/inline.ts'
import { undone } from '../boxes.ts'
import { titleText } from '../build-phase.ts'

/** A piece of the file that says or may say a status. */
export interface Mark {
  start: number
  end: number
  line: number
  text: string
  status: Status | undefined
}

export interface PlanLine {
  /** "02-01" as written. */
  name: string
  title: string
  box: BoxLine | undefined
  line: number
}

export interface TableRow {
  id: string
  title: string
  line: number
  status: Mark | undefined
  /** "2/4". */
  plans: Mark | undefined
  date: Mark | undefined
}

export interface RoadmapPhase {
  id: string
  title: string
  line: number
  /** Its line of the checklist, where there is one. */
  item: { box: BoxLine; rest: string } | undefined
  /** Its section, by indexes of lines. */
  section: { heading: Heading; from: number; to: number } | undefined
  /** "**Status:** Complete" in its section. */
  stated: Mark | undefined
  plans: PlanLine[]
  rows: TableRow[]
  /** Among its plans "(2/4 plans)" is said. */
  counts: { done: number; all: number } | undefined
  /** Parked: below "Backlog", numbered from 999. */
  parked: boolean
}

export interface Roadmap {
  lines: Line[]
  phases: RoadmapPhase[]
}

const PHASE =
  /^(?:[\p{Extended_Pictographic}\uFE0F]\s*)*\[?\**(?:phase|fase|阶段)\s+0*(\d+(?:\.\d+)*[a-z]?)\**\s*(?:[:：.]|[—–-](?=\s))\s*(.+)$/iu

/** Leading zeros say nothing: "02.1" is phase 2.1. */
export const phaseNumber = (written: string): string => written.replace(/^0+(?=\d)/u, '').toLowerCase()

export function readRoadmap(source: string, blocks: readonly Block[] = parseBlocks(source)): Roadmap {
  const lines = linesOf(source)
  const found = [...items(lines), ...sections(lines)]
  const rows = tableRows(blocks)
  const phases = found.length > 0 ? merged(found) : fromRows(rows)
  for (const phase of phases) {
    phase.rows = rows.filter(
      ({ id, title }) =>
        id === phase.id && (title === '' || only(phase, phases) || fold(title) === fold(phase.title)),
    )
  }
  return { lines, phases: withNames(phases) }
}

const empty = (id: string, title: string, line: number): RoadmapPhase => ({
  id,
  title,
  line,
  item: undefined,
  section: undefined,
  stated: undefined,
  plans: [],
  rows: [],
  counts: undefined,
  parked: /^999(?:\.|$)/u.test(id),
})

// ── checklist ────────────────────────────────────────────────────────────────────────────────────────────────────

const COUNTS = /\(?\b(\d+)\s*\/\s*(\d+)\s+plans?\b/iu

/** "- [x] **Phase 2.1: Title** - what for", "- [x] Phase 1: Title (3/3 plans) — completed 2026-02-25". */
function items(lines: readonly Line[]): RoadmapPhase[] {
  return lines.flatMap((line, index) => {
    const box = boxOfLine(line, index)
    const [, number, said = ''] = PHASE.exec(box?.text ?? '') ?? []
    if (box === undefined || number === undefined) return []
    const bold = /^[^*]*\*\*/u.test(box.text) ? /^(.+?)\*\*/u.exec(said)?.[1] : undefined
    const link = box.text.startsWith('[') ? /^([^\]]+)\]/u.exec(said)?.[1] : undefined
    const title =
      bold ?? link ?? said.replace(/\s*\((?:\d+\s*\/\s*\d+|\d+|TBD)\s*(?:plans?)?\).*$|\s+[—–-]\s.*$/iu, '')
    const phase = empty(phaseNumber(number), cleanTitle(title), line.number)
    return [{ ...phase, item: { box, rest: said.slice(title.length) }, counts: countsIn(said) }]
  })
}

function countsIn(text: string): RoadmapPhase['counts'] {
  const match = COUNTS.exec(text)
  return match === null ? undefined : { done: Number(match[1]), all: Number(match[2]) }
}

const cleanTitle = (text: string): string => titleText(undone(text))

// ── sections ─────────────────────────────────────────────────────────────────────────────────────────────────────

const STATED = /^\s*(?:[-*+]\s+)?\*{0,2}Status\*{0,2}\s*[:：]\s*\*{0,2}\s*(\S.*?)\s*$/iu
const PLAN =
  /^\s*(?:[-*+]|\d+\.)\s+(?:\[[^\]]?\]\s*)?[*`[]*(?:plan\s+)?(\d+(?:\.\d+)*[a-z]?-\d+[a-z]?)(?:-[\w-]+?)??(?:-PLAN)?(?:\.md)?[\]*`:：)]*(?:\([^)]*\))?\s*(?:[:：—–-]+\s*)?(.*)$/iu

function sections(lines: readonly Line[]): RoadmapPhase[] {
  const headings = headingsOf(lines)
  const named = headings.filter(({ level, text }) => level >= 2 && PHASE.test(text))
  return named.map((heading) => {
    const [, number = '', title = ''] = PHASE.exec(heading.text) ?? []
    const from = heading.index + 1
    const next = named.find(({ index }) => index > heading.index)?.index ?? lines.length
    const to = Math.min(sectionEnd(headings, heading, lines), next, detailsEnd(lines, from))
    const above = headings.filter(({ index, level }) => index < heading.index && level < heading.level).at(-1)
    const phase = empty(phaseNumber(number), cleanTitle(title), heading.line)
    const own = lines.slice(from, to).filter(({ hidden }) => !hidden)
    return {
      ...phase,
      section: { heading, from, to },
      stated: own.flatMap((line) => statedIn(line) ?? [])[0],
      plans: planLines(lines, from, to),
      counts: own.flatMap(({ text }) => (/^\W*plans\W/iu.test(text) ? (countsIn(text) ?? []) : []))[0],
      parked: phase.parked || /^backlog\b/iu.test(above?.text ?? ''),
    }
  })
}

/** A collapsed milestone ends its last phase. */
function detailsEnd(lines: readonly Line[], from: number): number {
  const end = lines.findIndex(({ text }, index) => index >= from && /^\s*<\/details>/iu.test(text))
  return end < 0 ? lines.length : end
}

function statedIn(line: Line): Mark | undefined {
  const value = line.hidden ? undefined : STATED.exec(line.text)?.[1]?.replace(/\*+$/u, '')
  if (value === undefined) return undefined
  const start = line.start + line.text.lastIndexOf(value)
  return { start, end: start + value.length, line: line.number, text: value, status: statusWord(value) }
}

function planLines(lines: readonly Line[], from: number, to: number): PlanLine[] {
  const found = new Map<string, PlanLine>()
  for (const [at, line] of lines.slice(from, to).entries()) {
    const [, name, title = ''] = line.hidden ? [] : (PLAN.exec(line.text) ?? [])
    if (name === undefined || found.has(planKey(name))) continue
    found.set(planKey(name), {
      name,
      title: titleText(title),
      box: boxOfLine(line, from + at),
      line: line.number,
    })
  }
  return [...found.values()]
}

/** "01-02" and "1-2" are the same plan. */
export const planKey = (name: string): string => name.toLowerCase().split('-').map(phaseNumber).join('-')

// ── tables ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** The rows of every table that says something about phases by number. */
function tableRows(blocks: readonly Block[]): TableRow[] {
  return blocks.flatMap((block) => {
    if (block.kind !== 'table') return []
    const header = block.header.map(({ text }) => (text.trim() === '#' ? 'number' : fold(text)))
    const column = (name: RegExp): number => header.findIndex((cell) => name.test(cell))
    const [number, phase] = [column(/^(?:no|nr|number)$/u), column(/^phases?$/u)]
    const first = number >= 0 ? number : phase
    const named =
      number >= 0 ? (phase >= 0 ? phase : column(/^(?:title|name)$/u)) : column(/^(?:title|name)$/u)
    const [status, plans, date] = [
      column(/^status$/u),
      column(/^plans/u),
      column(/^(?:completed|date|completed on)$/u),
    ]
    // where another column comes first the rows are about something else: requirements and the phase of each
    if (first !== 0 || (status < 0 && plans < 0)) return []
    return block.rows.flatMap((row): TableRow[] => {
      const cell = plain(row[first]?.text ?? '')
      const [, id, rest = ''] =
        /^(?:phase\s+)?0*(\d+(?:\.\d+)*[a-z]?)(?![\d/])\s*(?:[.:：)]|[—–-](?=\s))?\s*(.*)$/iu.exec(cell) ?? []
      if (id === undefined || /^[—–-]\s*\d/u.test(rest)) return []
      return [
        {
          id: phaseNumber(id),
          title: rest !== '' ? rest : plain(row[named]?.text ?? ''),
          line: row[first]?.line ?? block.line,
          status: markOf(row[status], status),
          plans: markOf(row[plans], plans),
          date: markOf(row[date], date),
        },
      ]
    })
  })
}

const markOf = (cell: Piece | undefined, column: number): Mark | undefined =>
  cell === undefined || column < 0
    ? undefined
    : {
        start: cell.start,
        end: cell.start + cell.text.length,
        line: cell.line,
        text: cell.text,
        status: statusWord(cell.text),
      }

/** A roadmap that has nothing but a table. */
const fromRows = (rows: readonly TableRow[]): RoadmapPhase[] =>
  merged(
    rows.filter(({ title }) => title !== '').map(({ id, title, line }) => empty(id, cleanTitle(title), line)),
  )

const WORDS: [RegExp, Status][] = [
  [/^(?:not started|pending|planned|planning|todo|to do|open|upcoming|tbd|ready|queued)\b/u, 'pending'],
  [
    /^(?:complete|completed|done|shipped|finished|verified|passed|abgeschlossen|完成|已完成)\b|^已完成|^完成/u,
    'completed',
  ],
  [
    /^(?:in progress|partial|partially|started|executing|active|under way|ongoing|current|planned and executing|进行中)/u,
    'in_progress',
  ],
  [/^(?:deferred|skipped|cancelled|canceled|dropped|superseded|removed)\b/u, 'skipped'],
  [/^blocked\b/u, 'blocked'],
]

export function statusWord(text: string): Status | undefined {
  const word = fold(text.replace(/[\p{Extended_Pictographic}\uFE0F*_`]/gu, ' ')).trim()
  const named = WORDS.find(([pattern]) => pattern.test(word))?.[1]
  return named ?? (/^\s*(?:✅|✓|☑)/u.test(text) ? 'completed' : undefined)
}

// ── together ─────────────────────────────────────────────────────────────────────────────────────────────────────

const only = (phase: RoadmapPhase, all: readonly RoadmapPhase[]): boolean =>
  all.filter(({ id }) => id === phase.id).length === 1

/**
 * One phase per number. A number that is used again, with another title, is a phase of a later milestone; what is said in two
 * places about the same one is put together.
 */
function merged(found: readonly RoadmapPhase[]): RoadmapPhase[] {
  const phases: RoadmapPhase[] = []
  const listed = found.some(({ item }) => item !== undefined)
  for (const one of found) {
    const same = phases.filter(({ id }) => id === one.id)
    const known =
      same.find(({ title }) => fold(title) === fold(one.title)) ??
      (same.length === 1 && (one.section !== undefined || !listed) && same[0]?.section === undefined
        ? same[0]
        : undefined)
    if (known === undefined) phases.push({ ...one })
    else complete(known, one)
  }
  return phases.sort((a, b) => a.line - b.line || 0).sort(byNumberWhereInserted)
}

/** What stands only as a section comes where its number belongs, not behind the checklist. */
const byNumberWhereInserted = (a: RoadmapPhase, b: RoadmapPhase): number =>
  (a.item === undefined) === (b.item === undefined) ? 0 : compareNumbers(a.id, b.id)

export function compareNumbers(a: string, b: string): number {
  const [left, right] = [a, b].map((id) => id.split('.').map((part) => Number.parseInt(part, 10)))
  for (let at = 0; at < Math.max(left?.length ?? 0, right?.length ?? 0); at += 1) {
    const difference = (left?.[at] ?? -1) - (right?.[at] ?? -1)
    if (difference !== 0) return difference
  }
  return 0
}

function complete(known: RoadmapPhase, one: RoadmapPhase): void {
  if (known.section === undefined && one.section !== undefined) {
    known.title = one.title
    known.section = one.section
  }
  known.item ??= one.item
  known.stated ??= one.stated
  known.counts ??= one.counts
  if (known.plans.length === 0) known.plans = one.plans
  known.parked ||= one.parked
}

function withNames(phases: readonly RoadmapPhase[]): RoadmapPhase[] {
  const seen = new Map<string, number>()
  return phases.map((phase) => {
    const count = (seen.get(phase.id) ?? 0) + 1
    seen.set(phase.id, count)
    return count === 1 ? phase : { ...phase, id: `${phase.id}#${count}` }
  })
}
