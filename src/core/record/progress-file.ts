/** `progress.md` and the progress log: what happened, entry by entry. */
import type { PhaseResult } from '../model/phase-result.ts'
import { setSpecRows } from '../text/spec-status.ts'
import { parseBlocks } from '../text/blocks.ts'
import { readStatus } from '../text/status.ts'
import { moved } from '../text/status-spans.ts'
import { rewriteStatus } from '../text/status.ts'
import { applyEdits, appendBlock, type Edit } from '../text/edits.ts'
import { vocabulary } from '../text/status-edit.ts'
import { statusRows } from '../text/status-rows.ts'

export interface Entry {
  result: PhaseResult
  /** Specs that the phase completed. */
  specs: readonly string[]
  /** `YYYY-MM-DD`. */
  date: string
}

/** progress.md with the phase's and specs' rows set to completed and an entry at its end. */
export function recordProgress(existing: string | undefined, entry: Entry): string {
  const text = existing ?? '# Progress\n'
  const rows = setPhaseRows(text, entry.result.phase)
  const specs = entry.specs.length === 0 ? rows : setSpecRows(rows, entry.specs, 'completed')
  return appendBlock(specs, entryLines(entry))
}

/** The append-only log with one more entry; what stands there stays byte for byte. */
export const appendProgressLog = (existing: string | undefined, entry: Entry): string =>
  appendBlock(existing ?? '# Progress log\n', entryLines(entry))

function setPhaseRows(source: string, phase: string): string {
  const blocks = parseBlocks(source)
  const words = vocabulary(blocks, source)
  const edits: Edit[] = []
  for (const block of blocks) {
    if (block.kind !== 'table') continue
    for (const { id, cell } of statusRows(block)) {
      const token = id === phase ? readStatus(cell.text) : undefined
      if (token === undefined || token.status === 'completed') continue
      const at = moved(token, cell.start)
      edits.push({ start: at.start, end: at.end, text: rewriteStatus(source, at, 'completed', words) })
    }
  }
  return applyEdits(source, edits)
}

function entryLines({ result, specs, date }: Entry): string[] {
  const lines = [`## Phase ${result.phase}: ${oneLine(result.title)} — ${result.status} (${date})`, '']
  if (specs.length > 0) lines.push(`- Specs: ${specs.join(', ')}`)
  if (result.commits.length > 0) {
    lines.push(
      '- Commits:',
      ...result.commits.map((c) => `  - \`${c.sha.slice(0, 10)}\` ${oneLine(c.subject)}`),
    )
  }
  lines.push(
    `- Build: ${checkText(result.build)}`,
    `- Tests: ${checkText(result.tests)}${countsText(result)}`,
  )
  lines.push(`- Reviews: ${reviewText(result)}`)
  if (result.fixesApplied.length > 0)
    lines.push(`- Fixed: ${result.fixesApplied.map((f) => `${f.id} (${f.severity})`).join(', ')}`)
  lines.push(
    ...listOf(
      'Deferred',
      result.deferred.map((d) => `${d.severity} ${d.file}:${d.line} ${d.title}`),
    ),
  )
  lines.push(...listOf('Decisions', result.decisions))
  lines.push(`- Took: ${durationText(result.durationMs)}`)
  return lines
}

const listOf = (name: string, entries: readonly string[]): string[] =>
  entries.length === 0 ? [] : [`- ${name}:`, ...entries.map((e) => `  - ${oneLine(e)}`)]

/** Text of agents may hold line breaks; an entry is a list. */
export const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

const checkText = (check: { status: string; command?: string }): string =>
  check.command === undefined ? check.status : `${check.status} (\`${oneLine(check.command)}\`)`

function countsText({ tests }: PhaseResult): string {
  const { counts } = tests
  return counts === undefined
    ? ''
    : `, ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`
}

function reviewText({ reviews, verdict }: PhaseResult): string {
  const parts = (['test', 'code', 'perf'] as const).flatMap((kind) => {
    const counts = reviews[kind]
    return counts === undefined ? [] : [`${kind} ${counts.P0}/${counts.P1}/${counts.P2}/${counts.P3}`]
  })
  return parts.length === 0 ? verdict : `${parts.join(', ')} (P0/P1/P2/P3), ${verdict}`
}

/** "45 s", "12 min", "2 h 5 min". */
export function durationText(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 120) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
