import type { Plan } from '../../core/model/plan.ts'
import { ok, type Result } from '../../core/model/result.ts'
import type { RuleSeverities } from '../../core/model/rules.ts'
import { withAgentReview } from '../../core/pipeline/agent-review.ts'
import type { Review } from '../../core/review/review.ts'
import { readConfig } from '../config.ts'
import { configFlags, type Flags } from '../flags.ts'
import { openSession, workersOf } from '../session.ts'
import type { Shell } from '../shell.ts'

/**
 * The review with what an agent found besides: asked for by flag, or by `review: agent` of the committed configuration. Which
 * program that is comes from a commit or a flag, never from a file that merely lies there.
 */
export async function readByAgent(
  { asked, plan, review, rules }: { asked: string; plan: Plan; review: Review; rules: RuleSeverities },
  flags: Flags,
  shell: Shell,
): Promise<Result<Review>> {
  const given = flags.result(configFlags(flags))
  if (!given.ok) return given
  const opened = await openSession(asked, false, shell)
  if (!opened.ok) return opened
  const session = opened.value
  try {
    const config = await readConfig(given.value, session.repository)
    if (!config.ok) return config
    if (!config.value.reviewAgent && given.value.agent === undefined) return ok(review)
    const workers = workersOf(config.value, plan.dir, session.repository, shell)
    if (!workers.ok) return workers
    const ports = session.ports(workers.value)
    const [problem] = await ports.agent.preflight()
    if (problem !== undefined) {
      shell.stderr.write(`No agent read the plan: ${problem.message} ${problem.hint}\n`)
      return ok(review)
    }
    const reading = await withAgentReview(plan, review, { ...config.value, rules }, ports)
    session.release()
    shell.stderr.write(`${reading.note}\n`)
    return ok(reading.review)
  } finally {
    await session.close()
  }
}
