/** The tables of a manifest: phases and their specs, and the specs' files. */
import type { Diagnostic } from '../../model/diagnostic.ts'
import type { Block, Piece } from '../../text/blocks.ts'
import { fold, plain } from '../../text/inline.ts'
import { phaseLabel } from '../../text/phase-label.ts'
import { type MarkedText, splitMarks } from '../../text/heading-status.ts'
import { columnOf } from '../words.ts'

/** A row of the phase table. Blank phase and sprint cells mean "as above". */
export interface Row {
  phase: string
  /** "Phase 1: Foundation" in the phase's cell names it. */
  phaseTitle: string
  sprint: number | undefined
  name: string
  link: string
  status: Piece | undefined
  dependsOn: Piece | undefined
  line: number
}

export function phaseRows(blocks: readonly Block[]): Row[] {
  let section = ''
  const columned = blocks.some((block) => {
    const header = block.kind === 'table' ? block.header.map((cell) => fold(cell.text)) : []
    return columnOf(header, 'phase') >= 0 && columnOf(header, 'spec') >= 0
  })
  return blocks.flatMap((block) => {
    // "## Phase 1 — Foundation" above a table of its specs says what a column of phases says elsewhere
    if (block.kind === 'heading' && !columned) {
      const label = phaseLabel(block.text)
      section = label?.separated === true ? label.id : ''
    }
    if (block.kind !== 'table') return []
    const header = block.header.map((cell) => fold(cell.text))
    const columns = {
      phase: columnOf(header, 'phase'),
      sprint: columnOf(header, 'sprint'),
      spec: columnOf(header, 'spec'),
      status: columnOf(header, 'status'),
      dependsOn: columnOf(header, 'dependencies'),
    }
    if ((columns.phase < 0 && section === '') || columns.spec < 0) return []
    let phase = columns.phase < 0 ? section : ''
    let phaseTitle = ''
    let sprint: number | undefined
    return block.rows.flatMap((row) => {
      const text = (column: number): string => (column < 0 ? '' : plain(row[column]?.text ?? ''))
      const written = text(columns.phase)
      if (written !== '') {
        const label = phaseLabel(written)
        phaseTitle = label?.separated === true ? plain(splitMarks(label.title).text) : ''
        phase = label?.id ?? /^[\p{L}\p{N}.-]+/u.exec(written)?.[0] ?? written
        sprint = undefined
      }
      const number = /\d+/.exec(text(columns.sprint))?.[0]
      if (number !== undefined) sprint = Number(number)
      const cell = row[columns.spec]
      const marked = splitMarks(cell?.text ?? '')
      const name = plain(marked.text)
        .replace(/^specs\//u, '')
        .replace(/(?:-spec)?\.md$/iu, '')
      if (cell === undefined || name === '' || phase === '') return []
      const link = /\]\(([^)\s]+)\)/u.exec(cell.text)?.[1] ?? ''
      return [
        {
          phase,
          phaseTitle,
          sprint,
          name,
          link,
          status: statusCell(at(row, columns.status), cell, marked),
          dependsOn: at(row, columns.dependsOn),
          line: cell.line,
        },
      ]
    })
  })
}

const at = (row: readonly Piece[], column: number): Piece | undefined =>
  column < 0 ? undefined : row[column]

/** The status cell, or the mark behind the spec's name where the table has none or it is empty: "core ✅". */
function statusCell(status: Piece | undefined, name: Piece, marked: MarkedText): Piece | undefined {
  const mark = marked.marks.find((m) => m.token !== undefined)
  if (mark === undefined || (status !== undefined && plain(status.text) !== '')) return status
  return {
    text: name.text.slice(mark.span.start, mark.span.end).trim(),
    start: name.start + mark.span.start,
    line: name.line,
  }
}

export function uniqueRows(rows: readonly Row[], diagnostics: Diagnostic[], file: string): Row[] {
  const first = new Map<string, Row>()
  for (const row of rows) {
    const earlier = first.get(fold(row.name))
    if (earlier === undefined) first.set(fold(row.name), row)
    else {
      diagnostics.push({
        rule: 'duplicate-spec',
        severity: 'warning',
        file,
        line: row.line,
        message: `Spec "${row.name}" stands in the table twice; the row in line ${earlier.line} counts.`,
        hint: 'Remove one of the rows, or give the second spec a name of its own.',
        phase: row.phase,
      })
    }
  }
  return [...first.values()]
}

export interface Listed {
  path: string
  status: Piece | undefined
}

/** The table of spec files, where there is one: path and status per spec. */
export function specTable(blocks: readonly Block[]): Map<string, Listed> {
  const found = new Map<string, Listed>()
  for (const block of blocks) {
    if (block.kind !== 'table') continue
    const header = block.header.map((cell) => fold(cell.text))
    const spec = columnOf(header, 'spec')
    if (spec < 0 || columnOf(header, 'phase') >= 0) continue
    for (const row of block.rows) {
      found.set(fold(row[spec]?.text ?? ''), {
        path: plain(at(row, columnOf(header, 'files'))?.text ?? ''),
        status: at(row, columnOf(header, 'status')),
      })
    }
  }
  return found
}
