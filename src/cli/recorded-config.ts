import * as z from 'zod'
import { AGENT_NAMES, type Config } from '../core/model/config.ts'
import type { LedgerStore } from '../core/ports.ts'

const created = z.object({
  type: z.literal('run-created'),
  config: z.object({ agent: z.enum(AGENT_NAMES), agentCommand: z.string().optional() }),
})

/** The agent that a run was approved with: it goes on with the same one unless a flag says otherwise. */
export async function recordedAgent(
  run: string,
  ledger: LedgerStore,
): Promise<Pick<Config, 'agent' | 'agentCommand'> | undefined> {
  const chain = await ledger.read(`refs/orchestrate/${run}/run`)
  if (!chain.ok) return undefined
  for (const { event } of chain.value.entries) {
    const parsed = created.safeParse(event)
    if (parsed.success) {
      const { agent, agentCommand } = parsed.data.config
      return { agent, ...(agentCommand === undefined ? {} : { agentCommand }) }
    }
  }
  return undefined
}
