/** Which directories of a pull request may be plans, from the paths that it changes. */
import type { ChangedFile } from '../forge.ts'

export interface PlanDir {
  /** From the repository's root; "" for the root itself. */
  dir: string
  /**
   * True where the file that makes a directory a plan is added or changed. False where only a part of a plan is: its index
   * has to be looked for at the head, since `specs/` and `progress.md` exist elsewhere too.
   */
  sure: boolean
}

/** What makes a directory a plan; another planner's format adds its own. */
const INDEX = /^(?:manifest|task_plan)\.md$/u
/** Beside the index: what a change of alone belongs to the plan that is there. */
const BESIDE = /^(?:progress|findings|workflow)\.md$/u

/** Those that are sure come first, each kind sorted by path: who looks at a few only looks at the right ones. What lies below a directory's `specs/` is a part of it; a removed index may leave another one standing. */
export function findPlanDirs(files: readonly Pick<ChangedFile, 'path' | 'change'>[]): PlanDir[] {
  const found = new Map<string, boolean>()
  for (const { path, change } of files) {
    const folders = path.split('/')
    const name = folders.pop() ?? ''
    const specs = folders.indexOf('specs')
    if (specs < 0 && !INDEX.test(name) && !BESIDE.test(name)) continue
    const dir = (specs < 0 ? folders : folders.slice(0, specs)).join('/')
    const sure = specs < 0 && INDEX.test(name) && change !== 'removed'
    found.set(dir, sure || found.get(dir) === true)
  }
  return [...found]
    .map(([dir, sure]) => ({ dir, sure }))
    .sort((a, b) => Number(b.sure) - Number(a.sure) || (a.dir < b.dir ? -1 : 1))
}
