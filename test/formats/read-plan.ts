import type { Plan } from '../../src/core/model/plan.ts'
import { type Files, readIn } from './memory-plan.ts'

/** The plan at `path`; throws where there is none. */
export async function planOf(files: Files, path: string): Promise<Plan> {
  const { plan, failures } = await readIn(files, path)
  if (plan === undefined) throw new Error(JSON.stringify(failures))
  return plan
}
