/** Which plans the changed files of a pull request may belong to, from their paths; and what is read besides a plan. */
import type { ChangedFile } from '../forge.ts'
import { planPath } from '../model/plan-path.ts'
import type { PlanLocation } from './format.ts'
import { FORMATS } from './formats/index.ts'

export interface PlanDir {
  /** The plan's path from the repository's root: its directory ("" for the root itself), or its one file. */
  dir: string
  /**
   * True where the file that makes it a plan is added or changed. False where only a part of a plan is, or where the name may
   * mean something else: it has to be looked for at the head, since `specs/`, `progress.md` and `PLAN.md` exist elsewhere too.
   */
  sure: boolean
}

/** Those that are sure come first, each kind sorted by path: who looks at a few only looks at the right ones. A removed index may leave another one standing. */
export function findPlanDirs(files: readonly Pick<ChangedFile, 'path' | 'change'>[]): PlanDir[] {
  const found = new Map<string, boolean>()
  for (const { path, change } of files) {
    const places = locations(path)
    const certain = places.filter(({ sure }) => sure)
    for (const place of certain.length > 0 ? certain : places) {
      const dir = planPath(place)
      found.set(dir, (place.sure && change !== 'removed') || found.get(dir) === true)
    }
  }
  return [...found]
    .map(([dir, sure]) => ({ dir, sure }))
    .sort((a, b) => Number(b.sure) - Number(a.sure) || (a.dir < b.dir ? -1 : 1))
}

const locations = (path: string): PlanLocation[] => FORMATS.flatMap((format) => format.locate(path) ?? [])

/** The plan that a file makes, where its path alone says so. */
export const locatePlan = (path: string): PlanLocation | undefined => locations(path).find(({ sure }) => sure)

/** What is read besides the plans at these paths: files and directories from the root. */
export const aroundPlans = (dirs: readonly string[]): string[] => [
  ...new Set(dirs.flatMap((dir) => FORMATS.flatMap((format) => format.around?.(dir) ?? []))),
]
