/** Tables inside plans: files, tasks, and the overview of phases with their statuses and dependencies. */
import type { FileTarget, Status } from '../model/plan.ts'
import { fold, plain } from '../text/inline.ts'
import type { Block, Item, Piece } from '../text/blocks.ts'
import { phaseLabel } from '../text/phase-label.ts'
import { readStatus } from '../text/status.ts'
import { readMark } from './marks.ts'
import { pathsIn } from './paths.ts'
import type { FoundTask, TaskHabits } from './tasks.ts'
import { columnOf, COLUMNS } from './words.ts'

type Table = Extract<Block, { kind: 'table' }>

const headerOf = (table: Table): string[] => table.header.map((cell) => fold(cell.text))
const cellOf = (row: readonly Piece[], column: number): Piece | undefined =>
  column < 0 ? undefined : row[column]

const ACTIONS: [FileTarget['action'], RegExp][] = [
  [
    'create',
    /^(?:create|created|new|add|added|write|generate|crear|nuevo|criar|novo|neu|anlegen|erstellen|nouveau|créer|新建|新增|创建|添加|追加|新規|作成|생성|신규)/u,
  ],
  [
    'delete',
    /^(?:delete|deleted|remove|removed|drop|eliminar|borrar|remover|löschen|entfernen|supprimer|删除|移除|削除|삭제)/u,
  ],
  [
    'modify',
    /^(?:modif|edit|update|change|extend|refactor|rename|rewrite|existing|actualizar|editar|alterar|ändern|anpassen|修改|更新|改|変更|修正|수정)/u,
  ],
]

/** The action that a cell or remark names. */
export function actionOf(text: string): FileTarget['action'] {
  const name = fold(text)
  return ACTIONS.find(([, pattern]) => pattern.test(name))?.[0]
}

/** Rows of a `| File | Action | Purpose |` table; undefined for a table that is about something else. */
export function readFilesTable(table: Table, file: string): FileTarget[] | undefined {
  const header = headerOf(table)
  const column = columnOf(header, 'files')
  const action = columnOf(header, 'action')
  // "Action" heads a column of tasks elsewhere; beside a column of files it says what becomes of each.
  const task = columnOf(header, 'task')
  if (column < 0 || column > 1 || (task >= 0 && task !== action) || columnOf(header, 'number') === 0)
    return undefined
  const purpose = columnOf(header, 'purpose')
  return table.rows.flatMap((row) => {
    const cell = cellOf(row, column)
    if (cell === undefined) return []
    return pathsIn(cell.text, { listed: true }).map((path): FileTarget => {
      const what = actionOf(cellOf(row, action)?.text ?? '')
      const why = plain(cellOf(row, purpose)?.text ?? '')
      return {
        path,
        ...(what === undefined ? {} : { action: what }),
        ...(why === '' ? {} : { purpose: why }),
        place: { file, line: cell.line },
      }
    })
  })
}

/** Rows of a table of tasks: one with a column for the task, or with numbers and statuses. */
export function readTaskTable(
  table: Table,
  at: Pick<FoundTask, 'underTasks' | 'within' | 'section'>,
  { workTables }: TaskHabits,
): FoundTask[] {
  const header = headerOf(table)
  const named = columnOf(header, 'task')
  const strict = named >= 0 && !/^task id$/u.test(header[named] ?? '') ? named : taskTitle(header, named)
  const title = strict < 0 && workTables ? workTitle(header) : strict
  if (title < 0) return []
  const files = columnOf(header, 'files')
  const status = columnOf(header, 'status')
  const first = header.findIndex(
    (h, i) => i < title && /^(?:|no|nr|id|task id|issue|ticket|story|编号|序号|番号|번호)$/u.test(h),
  )
  return table.rows.flatMap((row) => {
    const text = cellOf(row, title)
    if (text === undefined || plain(text.text) === '') return []
    const id = plain(cellOf(row, first)?.text ?? '')
    const state = cellOf(row, status)
    return [
      {
        form: 'row' as const,
        ...at,
        text: /^#?[A-Za-z]{0,8}[-.]?\d[\w.-]*$/u.test(id) ? `${id}: ${text.text}` : text.text,
        status:
          state === undefined ? undefined : (readStatus(state.text)?.status ?? readMark(state.text).status),
        files: pathsIn(cellOf(row, files)?.text ?? '', { listed: true }).concat(pathsIn(text.text)),
        line: text.line,
      },
    ]
  })
}

/** "| Task ID | Name |", "| # | Description | Status |". */
function taskTitle(header: readonly string[], id: number): number {
  const title = columnOf(header, 'title')
  if (title < 0) return id
  return id >= 0 || (columnOf(header, 'number') >= 0 && columnOf(header, 'status') >= 0) ? title : -1
}

/** What work may be called in the table that plans it: "| Issue | Title | Priority |", "| Feature | Effort |", "| Day | Deliverable |". */
function workTitle(header: readonly string[]): number {
  const about =
    /^(?:issue|ticket|story|id|key|ref|day|week|priority|prio|effort|estimates?|owner|assignee|size|points|complexity|duration|hours|status|优先级|状态|优先度)\b/u
  const work =
    /^(?:features?|user stor(?:y|ies)|stor(?:y|ies)|deliverables?|changes?|improvements?|enhancements?|(?:issue|ticket|story) titles?|fix(?:es)?|funcionalidad|entregables?|功能|交付物)$/u
  if (
    !header.some((cell) => about.test(cell)) ||
    header.some((cell) => /risk|error|decision|风险|错误/u.test(cell))
  )
    return -1
  const titled = header.findIndex((cell) => work.test(cell) || COLUMNS.title.test(cell))
  return titled === 0 && header.length < 2 ? -1 : titled
}

export interface OverviewRow {
  id: string | undefined
  /** Text of the row's phase cell, for rows that name no id. */
  name: string
  status: Status | undefined
  /** The status cell; undefined where the table has none. */
  statusCell: Piece | undefined
  dependencies: Piece | undefined
  line: number
}

/** Rows of tables that tell about phases: a phase column and a status or dependency column. */
export function overviewRows(blocks: readonly Block[]): OverviewRow[] {
  return blocks.flatMap((block) =>
    block.kind === 'table' ? overviewOf(block) : block.kind === 'list' ? statusList(block.items) : [],
  )
}

/** "- ✓ Phase 1: read", "- [x] Phase 2": a list of statuses apart from the phases. */
function statusList(items: readonly Item[]): OverviewRow[] {
  return items.flatMap((item) => {
    const mark = readMark(item.text)
    const label = mark.marked ? phaseLabel(mark.text) : undefined
    if (label?.separated !== true) return []
    return [
      {
        id: label.id,
        name: fold(label.title),
        status: mark.status,
        statusCell: undefined,
        dependencies: undefined,
        line: item.line,
      },
    ]
  })
}

/** Overview rows of a phase: by id, or by a name that is the phase's title. */
export function rowFinder(
  overview: readonly OverviewRow[],
): (phase: { id: string; title: string }) => OverviewRow[] {
  const byKey = new Map<string, OverviewRow[]>()
  for (const row of overview) {
    const key = row.id === undefined ? `name ${row.name}` : `id ${row.id}`
    const known = byKey.get(key)
    if (known === undefined) byKey.set(key, [row])
    else known.push(row)
  }
  return ({ id, title }) =>
    [...(byKey.get(`id ${id}`) ?? []), ...(byKey.get(`name ${fold(title)}`) ?? [])].sort(
      (a, b) => a.line - b.line,
    )
}

export function overviewOf(table: Table): OverviewRow[] {
  const header = headerOf(table)
  const phase = columnOf(header, 'phase')
  const status = columnOf(header, 'status')
  const dependencies = columnOf(header, 'dependencies')
  // a column "Tasks" that counts them names none
  const task = columnOf(header, 'task')
  const names = task >= 0 && table.rows.some((row) => !/^[\s\d/~–-]*$/u.test(cellOf(row, task)?.text ?? ''))
  if (phase < 0 || phase > 1 || (status < 0 && dependencies < 0) || names) return []
  if (columnOf(header, 'spec') >= 0 || header.some((h) => /error|issue|decision|错误|决策/u.test(h)))
    return []
  const number = columnOf(header, 'number')
  return table.rows.flatMap((row) => {
    const cell = cellOf(row, phase)
    if (cell === undefined) return []
    const state = cellOf(row, status)
    return [
      {
        id: phaseLabel(cell.text)?.id ?? bareId(cell.text) ?? bareId(cellOf(row, number)?.text ?? ''),
        name: fold(cell.text),
        status:
          state === undefined ? undefined : (readStatus(state.text)?.status ?? readMark(state.text).status),
        statusCell: state,
        dependencies: cellOf(row, dependencies),
        line: cell.line,
      },
    ]
  })
}

const bareId = (text: string): string | undefined =>
  /^[\s*_`]*(\d{1,3}(?:\.\d{1,3})*[a-z]?|[A-Z]\d{0,2}|[A-Z]{1,4}-\d{1,3})[\s*_`.:]*$/u.exec(text)?.[1]
