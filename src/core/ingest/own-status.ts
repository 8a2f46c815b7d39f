/** Statuses in the formats that are ours: the index and, where phases have specs, the specs' front matter. */
import { setFrontMatterStatus, setSpecRows, statesSpec } from '../text/spec-status.ts'
import { setPhaseStatus } from '../text/status-edit.ts'
import type { PlanChange } from './format.ts'

/** What a plan of ours is made of, besides its specs. Either index belongs to it: a second one would make it two plans. */
export const OWN_FILES = ['manifest.md', 'task_plan.md', 'findings.md', 'progress.md', 'workflow.md'] as const

/** The files that change where a phase (or some of its specs) gets a status: also for skipped and failed ones. */
export function writeOwnStatus(files: ReadonlyMap<string, string>, change: PlanChange): Map<string, string> {
  const { index, phase, status } = change
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
  const names = new Set(change.specs ?? phase.specs.map((s) => s.name))
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

/** Beside the index: what a change of alone belongs to the plan that is there. */
const BESIDE = /^(?:progress|findings|workflow)\.md$/u

/** The plan of a path in a directory with `index`; what lies below the directory's `specs/` is a part of it. */
export function locateByIndex(path: string, index: string): { dir: string; sure: boolean } | undefined {
  const folders = path.split('/')
  const name = folders.pop() ?? ''
  const specs = folders.indexOf('specs')
  if (specs >= 0) return { dir: folders.slice(0, specs).join('/'), sure: false }
  return name === index || BESIDE.test(name) ? { dir: folders.join('/'), sure: name === index } : undefined
}
