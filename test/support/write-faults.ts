import { formatOf } from '../../src/core/ingest/formats/index.ts'
import { ingest } from '../../src/core/ingest/ingest.ts'
import type { Plan, Status } from '../../src/core/model/plan.ts'
import { pathFromRoot } from '../../src/core/model/plan-path.ts'
import { type Files, planIn } from '../formats/memory-plan.ts'

/** How many phases of a plan a status is written for. */
const WRITTEN = 3

/**
 * What is wrong with writing statuses into a plan: some phases are written as done, and as under way where the format says so; they
 * have to read back as done, as the same phases, under the same digest.
 */
export async function writeFaults(texts: Files, path: string, plan: Plan): Promise<string[]> {
  const format = formatOf(plan.mode)
  const own = new Map(plan.files.map((file) => [file.path, file.text]))
  const step = Math.max(1, Math.ceil(plan.phases.length / WRITTEN))
  const statuses: Status[] = format.marksRunning ? ['in_progress', 'completed'] : ['completed']
  const faults: string[] = []
  for (let at = 0; at < plan.phases.length; at += step) {
    const phase = plan.phases[at]
    if (phase === undefined) continue
    for (const status of statuses) {
      // what is done is never under way again
      if (status === 'in_progress' && phase.status !== 'pending') continue
      const written = format.write(own, { phase, index: plan.index, status })
      const changed = [...written].map(([name, text]) => [pathFromRoot(plan.dir, name), text] as const)
      const after = (await ingest(planIn({ ...texts, ...Object.fromEntries(changed) }, path))).plan
      const what = `${plan.mode}: phase ${phase.id} (${phase.status}) written as ${status}`
      if (after?.digest !== plan.digest) faults.push(`${what} changes the digest`)
      const now = after?.phases[at]
      if (now?.id !== phase.id || now.title !== phase.title) faults.push(`${what} is another phase`)
      // where a format has a mark for what is under way, it has it in one of its ways alone
      else if (status === 'completed' && now.status !== status)
        faults.push(`${what} reads back as ${now.status}`)
    }
  }
  return faults
}
