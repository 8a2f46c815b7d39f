import type { Block, Piece } from './blocks.ts'
import { fold } from './inline.ts'
import { phaseLabel } from './phase-label.ts'
import { isStatusColumn } from './status-spans.ts'

type Table = Extract<Block, { kind: 'table' }>

const PHASE_COLUMN =
  /^(?:#|no|nr|id|phases?|fases?|fas[ei]|faza|stages?|etapas?|étapes?|phasen?|этап|фаза|阶段|階段|切片|フェーズ|단계|שלב|المرحلة)(?: .{1,12})?$/u
/** The column that names specs, by name or by file. */
export const SPEC_COLUMN =
  /^(?:specs?|spec (?:name|file|path|link)|specification|规格|规格文件|规范|仕様|仕様書|스펙|especificaci[oó]n|especificação|spezifikation)$/u
const BARE_ID = /^[\s*_`]*(\d{1,3}(?:\.\d{1,3})*[a-z]?|[A-Z]\d{0,2}|[A-Z]{1,4}-\d{1,3})[\s*_`.:]*$/u

/** Rows of a table of phases with the cell of their status. Rows of tables about tasks, errors or specs are none. */
export function statusRows(table: Table): { id: string; cell: Piece }[] {
  const header = table.header.map((cell) => fold(cell.text))
  const status = header.findIndex(isStatusColumn)
  const named = header.findIndex((h) => PHASE_COLUMN.test(h) && !/^(?:#|no|nr|id)$/u.test(h))
  if (status < 0 || named < 0 || named > 1) return []
  if (header.some((h) => /^(?:specs?|tasks?|errors?|issues?|decisions?)\b|任务|错误|决策/u.test(h))) return []
  return table.rows.flatMap((row) => {
    const cell = row[status]
    const first = row[named]?.text ?? ''
    const id =
      phaseLabel(first)?.id ??
      BARE_ID.exec(first)?.[1] ??
      BARE_ID.exec(named === 1 ? (row[0]?.text ?? '') : '')?.[1]
    return cell === undefined || id === undefined ? [] : [{ id, cell }]
  })
}

/** Rows of tables with a spec column: the spec's name folded, its name cell and its status cell, where the table has one. */
export function specRows(
  table: Table,
): { name: string; phase: boolean; nameCell: Piece; cell: Piece | undefined }[] {
  const header = table.header.map((cell) => fold(cell.text))
  const spec = header.findIndex((h) => SPEC_COLUMN.test(h))
  if (spec < 0) return []
  const status = header.findIndex(isStatusColumn)
  const phase = header.some((h) => PHASE_COLUMN.test(h))
  return table.rows.flatMap((row) => {
    const nameCell = row[spec]
    if (nameCell === undefined) return []
    const name = fold(nameCell.text.replace(/^\s*(?:specs\/)?/u, '').replace(/(?:-spec)?\.md/iu, ''))
    return [{ name, phase, nameCell, cell: status < 0 ? undefined : row[status] }]
  })
}
