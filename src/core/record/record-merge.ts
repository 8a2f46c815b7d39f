/** What a merged phase changes in the plan's own files. Pure: texts in, texts out. */
import type { PhaseResult } from '../model/phase-result.ts'
import type { Phase, Status } from '../model/plan.ts'
import { recordProgress } from './progress-file.ts'

export interface RecordInput {
  /** Current texts of the plan's files, by path relative to the plan directory. */
  files: ReadonlyMap<string, string>
  /** The file that makes it a plan. */
  index: string
  phase: Phase
  /** Names of the specs that are done; all of the phase's where undefined. */
  specs?: readonly string[]
  /** Ids of tasks that were not done, since nobody asked for them. */
  leftOut?: readonly string[]
  /** Phases that are under way meanwhile. */
  running?: readonly Phase[]
  result: PhaseResult
  /** `YYYY-MM-DD`. */
  date: string
}

/** How the plan's format writes statuses. */
export interface StatusWriter {
  write(
    files: ReadonlyMap<string, string>,
    change: {
      phase: Phase
      index: string
      status: Status
      specs?: readonly string[]
      leftOut?: readonly string[]
      result?: PhaseResult
      date?: string
    },
  ): ReadonlyMap<string, string>
  /** Whether it has a mark for what is under way. */
  readonly marksRunning?: true
  /** Whether `progress.md` belongs to the plan and gets an entry. */
  readonly isOurs?: true
}

export const PROGRESS = 'progress.md'

/** The files that change, with their new texts: statuses in the format's own way, and in ours an entry in progress.md. */
export function recordMerge(input: RecordInput, format: StatusWriter): Map<string, string> {
  const { files, index, phase, result, date, leftOut = [], running = [] } = input
  const specs = input.specs ?? phase.specs.map((s) => s.name)
  const changed = new Map(
    format.write(files, { phase, index, status: 'completed', specs, leftOut, result, date }),
  )
  for (const other of format.marksRunning ? running : []) {
    const now = new Map([...files, ...changed])
    for (const [path, text] of format.write(now, { phase: other, index, status: 'in_progress' }))
      if (text !== files.get(path)) changed.set(path, text)
  }
  if (format.isOurs) changed.set(PROGRESS, recordProgress(files.get(PROGRESS), { result, specs, date }))
  return changed
}
