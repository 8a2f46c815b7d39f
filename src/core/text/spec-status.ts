/** Statuses of specs: rows of the manifest (or of progress.md), and the spec's own front matter. */
import type { Status } from '../model/plan.ts'
import { parseBlocks } from './blocks.ts'
import { fold } from './inline.ts'
import { readStatus, rewriteStatus } from './status.ts'
import { FRONT_MATTER_STATUS, moved } from './status-spans.ts'
import { SIGN_OF } from './status-words.ts'
import { applyEdits, type Edit, lineEndOf } from './edits.ts'
import { vocabulary } from './status-edit.ts'
import { specRows } from './status-rows.ts'

/**
 * A manifest with the status of these specs set in every status cell that states one. `marked` names specs that no cell and
 * no front matter can state: they get a sign behind their name.
 */
export function setSpecRows(
  source: string,
  specs: readonly string[],
  status: Status,
  marked: readonly string[] = [],
): string {
  const wanted = new Set(specs.map((s) => fold(s)))
  const signed = new Set(marked.map((s) => fold(s)))
  const blocks = parseBlocks(source)
  const words = vocabulary(blocks, source)
  const edits: Edit[] = []
  for (const block of blocks) {
    if (block.kind !== 'table') continue
    for (const row of specRows(block)) {
      if (!wanted.has(row.name)) continue
      const token = row.cell === undefined ? undefined : readStatus(row.cell.text)
      if (row.cell !== undefined && token !== undefined) {
        if (token.status === status) continue
        const at = moved(token, row.cell.start)
        edits.push({ start: at.start, end: at.end, text: rewriteStatus(source, at, status, words) })
      } else if (row.phase && signed.has(row.name)) {
        const end = row.nameCell.start + row.nameCell.text.trimEnd().length
        edits.push({ start: end, end, text: ` ${SIGN_OF[status]}` })
      }
    }
  }
  return applyEdits(source, edits)
}

/** True where a table of the text states the spec's status, so that it can be rewritten there. */
export function statesSpec(source: string, spec: string): boolean {
  return parseBlocks(source).some(
    (block) =>
      block.kind === 'table' &&
      specRows(block).some(
        (row) => row.name === fold(spec) && row.cell !== undefined && readStatus(row.cell.text) !== undefined,
      ),
  )
}

/** A spec with `status:` of its front matter set, or added where the front matter has none. Undefined: it has no front matter. */
export function setFrontMatterStatus(source: string, status: Status): string | undefined {
  const head = /^\uFEFF?---[ \t]*(?:\r\n|\n)([\s\S]*?)^---[ \t]*(?:\r\n|\n|$)/mu.exec(source)
  if (head === null || head.index !== 0) return undefined
  const bodyStart = head[0].indexOf('---') + head[0].slice(head[0].indexOf('---')).search(/\n/) + 1
  const body = head[1] ?? ''
  const line = [...body.matchAll(FRONT_MATTER_STATUS)][0]
  if (line === undefined) {
    // a status that is a sentence is somebody's note: it stays
    if (/^status[ \t]*:/mu.test(body)) return source

    const at = bodyStart + body.length
    return applyEdits(source, [{ start: at, end: at, text: `status: ${status}${lineEndOf(source)}` }])
  }
  const value = line[1] ?? ''
  const start = bodyStart + line.index + line[0].indexOf(value, line[0].indexOf(':') + 1)
  return value === '' ? source : applyEdits(source, [{ start, end: start + value.length, text: status }])
}
