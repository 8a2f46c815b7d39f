/** Phases that are items of a list, or rows of a table. */
import type { Status } from '../model/plan.ts'
import { fold, plain } from '../text/inline.ts'
import type { Block, Item, Piece } from '../text/blocks.ts'
import { splitMarks } from '../text/heading-status.ts'
import { namesPhases, phaseLabel } from '../text/phase-label.ts'
import { readStatus } from '../text/status.ts'
import type { FoundPhase } from './found-phase.ts'
import { readMark } from './marks.ts'
import { ABOUT_PHASES, columnOf, COLUMNS } from './words.ts'

/** `labelled` takes only lists whose every item says which phase it is. */
export function phaseList(blocks: readonly Block[], take: 'labelled' | 'any'): FoundPhase[] {
  let title: string | undefined
  let labelledOnly: FoundPhase[] = []
  for (const block of blocks) {
    if (block.kind === 'heading') title = block.text
    if (block.kind !== 'list') continue
    const announced = title !== undefined && namesPhases(title) && !ABOUT_PHASES.test(fold(title))
    const labels = block.items.filter((item) => phaseLabel(readMark(item.text).text)?.separated === true)
    if (announced && (take === 'any' || labels.length === block.items.length)) return listPhases(block.items)
    if (
      labels.length >= 2 &&
      labels.length === block.items.length &&
      labelledOnly.length === 0 &&
      !isStatusList(block.items)
    ) {
      labelledOnly = listPhases(block.items)
    }
  }
  return labelledOnly
}

/** "- Phase A: `branch` (pushed)" and the like tell about phases; a list of phases carries marks or has parts. */
const isStatusList = (items: readonly Item[]): boolean =>
  !items.some((item) => readMark(item.text).marked || item.blocks.length > 0 || item.ordinal !== undefined)

/** Each item a phase: by its label, or by its number. */
export function listPhases(items: readonly Item[]): FoundPhase[] {
  const phases = items.flatMap((item, index): FoundPhase[] => {
    const mark = readMark(item.text)
    const label = phaseLabel(mark.text)
    const named = label?.separated === true ? label : undefined
    const id = named?.id ?? String(item.ordinal ?? index + 1)
    if (plain(mark.text) === '') return []
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
        from: 'list',
        repeatedAt: [],
      },
    ]
  })
  return firstOfEach(phases)
}

/** The first of each id counts; the lines of the others are told. */
function firstOfEach(phases: readonly FoundPhase[]): FoundPhase[] {
  const byId = new Map<string, FoundPhase>()
  for (const phase of phases) {
    const first = byId.get(phase.id)
    if (first === undefined) byId.set(phase.id, phase)
    else first.repeatedAt.push(phase.line)
  }
  return [...byId.values()]
}

/** "**Phase 0: Title** — description": what is bold is the title. */
function listTitle(title: string, whole: string): string {
  const bold = /^\s*(?:\*\*|__)/.test(whole) ? /^(.+?)(?:\*\*|__)/.exec(title)?.[1] : undefined
  return plain(bold ?? title).replace(/[\s:：]+$/u, '')
}

export function phaseTable(blocks: readonly Block[]): FoundPhase[] {
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
    const found = tablePhases(block)
    if (found.length > 0) return found
  }
  return []
}

/** Each row a phase. `header` names the columns, folded. */
export function tablePhases(
  table: Extract<Block, { kind: 'table' }>,
  header = table.header.map((cell) => fold(cell.text)),
): FoundPhase[] {
  return firstOfEach(table.rows.flatMap((row, index) => fromRow(row, header, index)))
}

function fromRow(row: readonly Piece[], header: readonly string[], index: number): FoundPhase[] {
  const cell = (at: number): Piece | undefined => (at < 0 ? undefined : row[at])
  const phase = cell(columnOf(header, 'phase'))
  const number = cell(columnOf(header, 'number'))
  const name = cell(columnOf(header, 'title')) ?? cell(columnOf(header, 'task')) ?? cell(saying(header))
  const status = cell(columnOf(header, 'status'))
  const label = phase === undefined ? undefined : phaseLabel(phase.text)
  const bare = /^[\s*_`]*(\d{1,3}(?:\.\d{1,3})*[a-z]?|[A-Z]\d{0,2}|[A-Z]{1,4}-\d{1,3})[\s*_`.]*$/u
  const id =
    label?.id ?? bare.exec(number?.text ?? '')?.[1] ?? bare.exec(phase?.text ?? '')?.[1] ?? String(index + 1)
  const own = label === undefined ? (bare.test(phase?.text ?? '') ? '' : (phase?.text ?? '')) : label.title
  const text = plain(own) === '' ? (name?.text ?? '') : own
  const start = row[0]?.start ?? 0
  const title = plain(splitMarks(text).text)
  if (title === '' || /^(?:total|gesamt|合计|总计|합계)$/iu.test(fold(own))) return []
  const dependencies = cell(columnOf(header, 'dependencies'))
  return [
    {
      id,
      title,
      status: (status === undefined ? undefined : cellStatus(status.text)) ?? splitMarks(text).status,
      line: row[0]?.line ?? 1,
      start,
      textStart: start,
      blocks: [],
      dependencies: dependencies === undefined ? [] : [dependencies],
      from: 'table',
      repeatedAt: [],
    },
  ]
}

/** The first column behind that of the phases which is about none of the usual things: "| Stage | Aim | Depends on | Status |". */
const saying = (header: readonly string[]): number =>
  header.findIndex(
    (name, at) =>
      at > columnOf(header, 'phase') &&
      !(['phase', 'number', 'status', 'dependencies', 'files', 'sprint'] as const).some((c) =>
        COLUMNS[c].test(name),
      ) &&
      !APART.test(name),
  )
const APART =
  /^$|owner|assign|effort|estimat|duration|days?$|hours?$|weeks?$|time|date|deadline|priority|risk|负责人|优先级|工期|时间|预计|担当|期間|담당|기간|dauer|aufwand|dur[ée]e|duraci|срок|progress|%/u

const cellStatus = (text: string): Status | undefined => readStatus(text)?.status ?? readMark(text).status
