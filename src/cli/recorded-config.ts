import * as z from 'zod'
import type { BoundLimits } from '../adapters/process/bounds.ts'
import { AGENT_NAMES, COMMAND_KINDS, type Config, SANDBOX_MODES } from '../core/model/config.ts'
import { STEP_ROLES } from '../core/model/step.ts'
import type { LedgerStore } from '../core/ports.ts'

const choice = z.object({ agent: z.enum(AGENT_NAMES), agentCommand: z.string().optional() })

const amount = z.number().optional()
const bounds = z.object({
  diskMb: amount,
  files: amount,
  processes: amount,
  memoryMb: amount,
  freeMb: amount,
})

const created = z.object({
  type: z.literal('run-created'),
  config: z.object({
    agent: z.enum(AGENT_NAMES),
    agentCommand: z.string().optional(),
    agents: z.partialRecord(z.enum(STEP_ROLES), choice).optional(),
    // An older engine wrote none of these.
    sandbox: z.enum(SANDBOX_MODES).optional(),
    sandboxNetwork: z.array(z.string()).optional(),
    registries: z.array(z.object({ host: z.string(), file: z.string() })).optional(),
    uncaged: z.array(z.enum(COMMAND_KINDS)).optional(),
    limits: bounds.optional(),
  }),
})

type Recorded = Pick<Config, 'agent'> &
  Partial<
    Pick<Config, 'agentCommand' | 'agents' | 'sandbox' | 'sandboxNetwork' | 'registries' | 'uncaged'>
  > & {
    limits?: BoundLimits
  }

/** Who works, and how held, as the run was approved: it goes on with the same unless a flag says otherwise. */
export async function recordedConfig(run: string, ledger: LedgerStore): Promise<Recorded | undefined> {
  const chain = await ledger.read(`refs/orchestrate/${run}/run`)
  if (!chain.ok) return undefined
  for (const { event } of chain.value.entries) {
    const parsed = created.safeParse(event)
    if (!parsed.success) continue
    const { agent, agentCommand, agents, sandbox, sandboxNetwork, registries, uncaged, limits } =
      parsed.data.config
    return {
      agent,
      ...(agentCommand === undefined ? {} : { agentCommand }),
      ...(agents === undefined ? {} : { agents: agents as NonNullable<Config['agents']> }),
      ...(sandbox === undefined ? {} : { sandbox }),
      ...(sandboxNetwork === undefined ? {} : { sandboxNetwork }),
      ...(registries === undefined ? {} : { registries }),
      ...(uncaged === undefined ? {} : { uncaged }),
      ...(limits === undefined ? {} : { limits }),
    }
  }
  return undefined
}
