import type { Source } from '../../gate/approval.ts'
import type { Forge, PullFacts } from '../../forge.ts'
import type { GateCommand } from '../../model/gate-command.ts'
import { ok, type Result } from '../../model/result.ts'
import type { GateContext } from './context.ts'
import { withPressed } from './marker.ts'
import { runFacts } from './run-facts.ts'
import type { Standing } from './standing.ts'

/**
 * Before the workflow is started, the check says who pressed what: a job believes that and not its inputs. Gives the facts as
 * they stand then, so that what is written next keeps it.
 */
export async function notePress(
  forge: Forge,
  facts: PullFacts,
  press: { source: Source; externalId: string | undefined; button: string; by: string },
  command: GateCommand,
  standing: Standing,
  ctx: GateContext,
): Promise<Result<PullFacts>> {
  const { source, externalId, button, by } = press
  if (externalId === undefined || source.kind !== 'check' || !STARTS.includes(command.name)) return ok(facts)
  const { shown } = standing
  const seen = shown.state === 'reviewed' ? shown.digest : undefined
  const digest = (command.name === 'approve' ? seen : runFacts(standing, facts.pull.head.sha)?.digest) ?? ''
  const seconds = Math.floor(ctx.clock.now() / 1_000)
  const noted = withPressed(externalId, {
    ...{ by, button, pull: facts.pull.number, digest, seconds },
    ...(source.at === undefined ? {} : { at: source.at }),
  })
  const written = await forge.tagCheck(source.id, noted)
  if (!written.ok) return written
  const checks = facts.checks.map((one) => (one.id === source.id ? { ...one, externalId: noted } : one))
  return ok({ ...facts, checks })
}

/** Buttons that start the workflow; the others the App carries out itself. */
const STARTS: readonly GateCommand['name'][] = ['approve', 'retry', 'skip', 'continue', 'abort']
