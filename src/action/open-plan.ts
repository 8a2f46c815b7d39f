import { isAbsolute, relative, resolve, sep } from 'node:path'
import { findRoot } from '../adapters/files/find-root.ts'
import { openPlanSource } from '../adapters/files/plan-source.ts'
import type { Result } from '../core/model/result.ts'
import type { PlanSource } from '../core/ports.ts'

/**
 * The plan directory in the job's workspace. The root that places are told from is the checkout around it, which
 * `actions/checkout` may have put into a subdirectory (`path:`); never one outside the workspace.
 */
export async function openPlan(planDir: string, workspace: string): Promise<Result<PlanSource>> {
  const found = await findRoot(resolve(workspace, planDir))
  const root = isWithin(workspace, found) ? found : workspace
  return await openPlanSource({ path: planDir, cwd: workspace, root })
}

function isWithin(directory: string, path: string): boolean {
  const way = relative(directory, path)
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}
