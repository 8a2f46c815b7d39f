import { join } from 'node:path'
import { ingest } from '../../core/ingest/ingest.ts'
import { findPlanDirs } from '../../core/ingest/plan-dirs.ts'
import type { Plan } from '../../core/model/plan.ts'
import { openPlanSource } from './plan-source.ts'
import { openProjectFiles } from './project-files.ts'

/** A plan of the repository that has something left to do. */
export interface FoundPlan {
  /** From the root: its directory ("." for the root itself), or its one file. */
  path: string
  mode: Plan['mode']
  title: string
  /** What it calls a phase. */
  word: string
  done: number
  of: number
  /** False where its name alone does not make it one: any PLAN.md may be a note. */
  sure: boolean
}

/** More places than this are no list that anybody reads. */
const MAX_PLACES = 200

/**
 * The plans of a repository that could be run, those that are sure first. Finished ones, archived ones and what cannot be read as a
 * plan are left out.
 */
export async function findPlans(root: string): Promise<FoundPlan[]> {
  const files = await openProjectFiles({ root, home: undefined }).glob('**/*.{md,json,yml,yaml}')
  const places = findPlanDirs(files.filter(isOwn).map((path) => ({ path, change: 'added' as const })))
  const found: FoundPlan[] = []
  for (const { dir, sure } of places.slice(0, MAX_PLACES)) {
    const source = await openPlanSource({ path: join(root, dir), cwd: root, root })
    if (!source.ok) continue
    const { plan, failures } = await ingest(source.value)
    if (plan === undefined || failures.length > 0) continue
    const done = plan.phases.filter(({ status }) => status === 'completed' || status === 'skipped').length
    if (done === plan.phases.length) continue
    const { mode, title, words, phases } = plan
    found.push({
      path: dir === '' ? '.' : dir,
      ...{ mode, title, word: words.phase, done, of: phases.length },
      // other formats are recognised by what stands in the file too
      sure: sure || mode !== 'plan-md',
    })
  }
  return found
}

/** Plans of dependencies, build output and tests are not the project's. */
const isOwn = (path: string): boolean =>
  !/(?:^|\/)(?:node_modules|vendor|dist|build|target|fixtures|testdata|templates?|archived?)\//iu.test(path)
