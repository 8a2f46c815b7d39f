import type { AgentChoice, Config } from './config.ts'
import { type AgentStep, ROLE_OF, STEP_ROLES, type StepRole } from './step.ts'

/** What says which agent and model a step gets. */
export type Routing = Pick<Config, 'agent' | 'agentCommand' | 'model' | 'models' | 'agents'>

/** The agent of a kind of steps: the run's own where nothing else is said. */
export const agentFor = (config: Routing, role: StepRole): AgentChoice =>
  config.agents?.[role] ?? mainAgent(config)

/** Whether another agent than the run's own does these steps. */
export function isSecond(config: Routing, role: StepRole): boolean {
  const [own, main] = [agentFor(config, role), mainAgent(config)]
  return own.agent !== main.agent || own.agentCommand !== main.agentCommand
}

/**
 * The model that a kind of steps asks for. `model` names one of the run's own agent, so a second agent does not get it: that one
 * has `models`, or chooses by itself.
 */
export const modelFor = (config: Routing, role: StepRole): string | undefined =>
  config.models?.[role] ?? (isSecond(config, role) ? undefined : config.model)

export const modelOf = (config: Routing, step: AgentStep): string | undefined =>
  modelFor(config, ROLE_OF[step])

/** `--model`, `/approve --model` and the like: every step of the run's own agent gets it, whatever `models` says. */
export function withModel<C extends Partial<Routing>>(config: C, model: string): C {
  const { models, ...rest } = config
  const routing = { ...config, agent: config.agent ?? 'claude' }
  const kept = STEP_ROLES.flatMap((role): [StepRole, string][] => {
    const own = models?.[role]
    return own !== undefined && isSecond(routing, role) ? [[role, own]] : []
  })
  const left = kept.length === 0 ? {} : { models: Object.fromEntries(kept) }
  return { ...rest, ...left, model } as C
}

/** Agents that a run needs, each once, its own first. */
export function agentsOf(config: Routing): AgentChoice[] {
  const all = [mainAgent(config), ...STEP_ROLES.map((role) => agentFor(config, role))]
  return all.filter(
    (one, at) => all.findIndex((o) => o.agent === one.agent && o.agentCommand === one.agentCommand) === at,
  )
}

/** The programs that a machine has to have for it, as a job is told: `claude`, `claude codex`. */
export const programsOf = (config: Routing): string =>
  [...new Set(agentsOf(config).map(({ agent }) => agent))].join(' ')

const mainAgent = ({ agent, agentCommand }: Routing): AgentChoice =>
  agentCommand === undefined ? { agent } : { agent, agentCommand }
