/** What a merged phase changes in the plan's own files. Pure: texts in, texts out. */
import type { PhaseResult } from '../model/phase-result.ts'
import type { Phase, Status } from '../model/plan.ts'
import { recordProgress } from './progress-file.ts'
import { setFrontMatterStatus, setSpecRows, statesSpec } from './spec-status.ts'
import { setPhaseStatus } from './status-edit.ts'

export interface RecordInput {
  /** Current texts of the plan's files, by path relative to the plan directory. */
  files: ReadonlyMap<string, string>
  /** The index file: `task_plan.md` or `manifest.md`. */
  index: string
  phase: Phase
  /** Names of the specs that are done; all of the phase's where undefined. */
  specs?: readonly string[]
  result: PhaseResult
  /** `YYYY-MM-DD`. */
  date: string
}

const PROGRESS = 'progress.md'

/** The files that change, with their new texts: statuses in the index and the specs, an entry in progress.md. */
export function recordMerge(input: RecordInput): Map<string, string> {
  const specs = input.specs ?? input.phase.specs.map((s) => s.name)
  const changed = recordStatus({ ...input, specs }, 'completed')
  changed.set(
    PROGRESS,
    recordProgress(input.files.get(PROGRESS), { result: input.result, specs, date: input.date }),
  )
  return changed
}

/** The files that change where a phase (or some of its specs) gets a status: also for skipped and failed ones. */
export function recordStatus(
  input: Pick<RecordInput, 'files' | 'index' | 'phase' | 'specs'>,
  status: Status,
): Map<string, string> {
  const { files, index, phase } = input
  const changed = new Map<string, string>()
  const set = (path: string, text: string | undefined): void => {
    if (text !== undefined && text !== files.get(path)) changed.set(path, text)
  }
  const source = files.get(index)
  if (source === undefined) return changed
  if (phase.specs.length === 0) {
    set(index, setPhaseStatus(source, { id: phase.id, line: phase.place.line }, status))
    return changed
  }
  const names = new Set(input.specs ?? phase.specs.map((s) => s.name))
  const unstated: string[] = []
  for (const spec of phase.specs.filter((s) => names.has(s.name))) {
    const text = spec.file === undefined ? undefined : files.get(spec.file)
    const own = text === undefined ? undefined : setFrontMatterStatus(text, status)
    if (spec.file !== undefined) set(spec.file, own)
    if (own === undefined && !statesSpec(source, spec.name)) unstated.push(spec.name)
  }
  set(index, setSpecRows(source, [...names], status, unstated))
  return changed
}
