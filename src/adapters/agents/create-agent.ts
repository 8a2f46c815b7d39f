import type { AgentChoice, Config } from '../../core/model/config.ts'
import { failure, type Failure } from '../../core/model/failure.ts'
import { err, ok, unreachable, type Result } from '../../core/model/result.ts'
import { agentFor, isSecond } from '../../core/model/routing.ts'
import { STEP_ROLES, type StepRole } from '../../core/model/step.ts'
import type { Agent } from '../../core/ports.ts'
import { claudeAdapter } from './claude.ts'
import { codexAdapter } from './codex.ts'
import { commandAdapter } from './command.ts'
import { copilotAdapter } from './copilot.ts'
import { geminiAdapter } from './gemini.ts'
import { opencodeAdapter } from './opencode.ts'
import type { AgentSurroundings } from './adapter.ts'
import { claudeSeller } from './cloud-models.ts'
import type { Endpoints } from './endpoints.ts'
import { routedAgent } from './routed-agent.ts'
import { openAgent } from './run-agent.ts'
import { scriptedAdapter } from './scripted.ts'

/** What a shell gives so that any of the agents can be made. */
export interface AgentDeps extends AgentSurroundings {
  /** Root of the user's checkout: where a relative agent command is looked up before the run. */
  cwd: string
  /** The Node that runs our own programs. */
  node: string
  endpoints: Endpoints
  scripted: { script: string; program: string }
}

/** Programs that call no model, or one that we know nothing of. */
const NO_MODEL = { baseUrl: undefined, apiKey: undefined }

/**
 * The agent that the configuration names, and those that it names for single kinds of steps. Whether they can work here is asked
 * by its `preflight`.
 */
export function createAgent(
  config: Pick<Config, 'agent' | 'agentCommand' | 'agents'>,
  deps: AgentDeps,
): Result<Agent, Failure[]> {
  const main = createOne(config, deps)
  if (!main.ok) return main
  const others = new Map<StepRole, Agent>()
  // One that has several kinds of steps is one agent.
  const made = new Map<string, Agent>()
  for (const role of STEP_ROLES) {
    if (!isSecond(config, role)) continue
    const choice = agentFor(config, role)
    const key = JSON.stringify([choice.agent, choice.agentCommand])
    const there = made.get(key)
    const one = there === undefined ? createOne(choice, deps) : ok(there)
    if (!one.ok) return one
    const named = { ...one.value, name: recordedName(choice) }
    made.set(key, named)
    others.set(role, named)
  }
  return ok(routedAgent(main.value, others))
}

/** Of two programs of the kind `command` the record has to tell which it was. */
const recordedName = ({ agent, agentCommand }: AgentChoice): string =>
  agent === 'command' ? `command (${(agentCommand ?? '').slice(0, 80)})` : agent

function createOne(
  config: Pick<Config, 'agent' | 'agentCommand'>,
  deps: AgentDeps,
): Result<Agent, Failure[]> {
  const { cwd, node, endpoints, scripted, ...around } = deps
  switch (config.agent) {
    case 'claude': {
      const endpoint = endpoints[claudeSeller(around.env)]
      return ok(openAgent(claudeAdapter({ ...around, ...endpoint }), around, endpoint))
    }
    case 'command': {
      if (config.agentCommand !== undefined && config.agentCommand.trim() !== '') {
        return ok(openAgent(commandAdapter(config.agentCommand, { ...around, cwd }), around, NO_MODEL))
      }
      const hint = 'Say which program it is: --agent-command CMD.'
      return err([failure('missing-argument', 'The agent "command" was chosen without a command.', hint)])
    }
    case 'scripted':
      return ok(openAgent(scriptedAdapter({ ...around, node, ...scripted }), around, NO_MODEL))
    case 'codex':
      return ok(openAgent(codexAdapter({ ...around, ...endpoints.openai }), around, endpoints.openai))
    case 'gemini':
      return ok(openAgent(geminiAdapter({ ...around, ...endpoints.gemini }), around, endpoints.gemini))
    case 'opencode':
      return ok(openAgent(opencodeAdapter({ ...around, ...endpoints.openai }), around, endpoints.openai))
    case 'copilot':
      return ok(openAgent(copilotAdapter({ ...around, ...endpoints.openai }), around, endpoints.openai))
    default:
      return unreachable(config.agent)
  }
}
