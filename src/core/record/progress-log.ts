/** The progress log: one entry per phase, only ever appended to. */
import type { PhaseResult } from '../model/phase-result.ts'
import { appendBlock } from './edits.ts'
import { durationText, oneLine } from './progress-file.ts'

export interface LogEntry {
  result: PhaseResult
  /** `YYYY-MM-DD`. */
  date: string
}

/** The log with an entry at its end; what stood there before stays as it is, byte for byte. */
export function appendProgressLog(existing: string | undefined, { result, date }: LogEntry): string {
  const lines = [
    `## ${date} phase ${result.phase}: ${oneLine(result.title)}`,
    '',
    `- ${result.status} in attempt ${result.attempt}, after ${durationText(result.durationMs)}`,
    `- ${result.commits.length} commits, build ${result.build.status}, tests ${result.tests.status}, review ${result.verdict}`,
    ...result.fixesApplied.map((fix) => `- fixed ${fix.id} (${fix.severity}): ${oneLine(fix.title)}`),
    ...result.deferred.map(
      (d) => `- deferred ${d.id} (${d.severity}) ${d.file}:${d.line}: ${oneLine(d.title)}`,
    ),
    ...result.notes.map((note) => `- ${oneLine(note)}`),
  ]
  return appendBlock(existing ?? '# Progress log\n', lines)
}
