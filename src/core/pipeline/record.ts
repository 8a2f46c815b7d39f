import type { Sha } from '../model/ids.ts'
import { leftOutOf } from '../model/optional-tasks.ts'
import { pathFromRoot } from '../model/plan-path.ts'
import type { PhaseResult } from '../model/phase-result.ts'
import type { Phase } from '../model/plan.ts'
import { formatOf } from '../ingest/formats/index.ts'
import { handoffText } from '../record/handoff.ts'
import { appendProgressLog } from '../record/progress-file.ts'
import { PROGRESS, recordMerge } from '../record/record-merge.ts'
import type { Execution } from './execution.ts'

/**
 * The plan's own files after a phase: statuses, progress.md, hand-off, progress log. They are read from the tree that is
 * about to be merged, and written in the merge commit itself: no branch ever has a phase without its record.
 */
export async function recordOf(
  { book, prepared, config, ports }: Execution,
  phase: Phase,
  result: PhaseResult,
  at: { tree: Sha; files: string[] },
): Promise<ReadonlyMap<string, string>> {
  const { plan } = prepared
  const { handoff, progress } = plan.contract
  const format = formatOf(plan.mode)
  const inRoot = (path: string): string => pathFromRoot(plan.dir, path)
  const now = async (path: string): Promise<string | undefined> =>
    await ports.repository.readFile(at.tree, path)

  const files = new Map<string, string>()
  const own = plan.files.map((file) => file.path)
  for (const path of new Set([
    ...own,
    ...(format.creates?.(own) ?? []),
    ...(format.isOurs ? [PROGRESS] : []),
  ])) {
    const text = await now(inRoot(path))
    if (text !== undefined) files.set(path, text)
  }
  const date = new Date(ports.clock.now()).toISOString().slice(0, 10)
  const specs = phase.specs.map((spec) => spec.name)
  const written = new Map<string, string>()
  const inPlan = plan.phases.find(({ id }) => id === phase.id) ?? phase
  const leftOut = leftOutOf(inPlan, config).map(({ id }) => id)
  const running = plan.phases.filter(
    ({ id }) => id !== phase.id && book.state.phases.get(id)?.state === 'running',
  )
  const input = { files, index: plan.index, phase: inPlan, specs, leftOut, running, result, date }
  for (const [path, text] of recordMerge(input, format)) {
    written.set(inRoot(path), text)
  }
  const next = [...book.state.phases.values()]
    .filter((other) => other.state === 'pending' && other.planned.id !== phase.id)
    .map(({ planned }) => ({ id: planned.id, title: planned.title }))
  written.set(handoff.file, handoffText({ result, files: at.files, next, date }, handoff.maxLines))
  const log = await now(progress.file)
  // A folder of that name is somebody's work; who enforces the log has said so already.
  const isFolder =
    log === undefined && (await ports.repository.resolve(`${at.tree}:${progress.file}`)) !== undefined
  if (plan.contract.execution.progressEnforcement !== 'none' && !isFolder)
    written.set(progress.file, appendProgressLog(log, { result, specs, date }))
  return written
}
