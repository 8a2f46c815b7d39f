import type { Config } from '../../core/model/config.ts'
import { failure, type Failure } from '../../core/model/failure.ts'
import { err, ok, unreachable, type Result } from '../../core/model/result.ts'
import type { Agent } from '../../core/ports.ts'
import { createClaudeAgent } from './claude.ts'
import { createCommandAgent } from './command.ts'
import type { AgentSurroundings } from './adapter.ts'
import { openAgent } from './run-agent.ts'
import { scriptedAdapter } from './scripted.ts'

/** What a shell gives so that any of the agents can be made. */
export interface AgentDeps extends AgentSurroundings {
  /** Root of the user's checkout: where a relative agent command is looked up before the run. */
  cwd: string
  /** The Node that runs our own programs. */
  node: string
  claude: { apiKey: string | undefined; baseUrl?: string; binary?: string; maxRetries?: number }
  scripted: { script: string; program: string }
}

/** Programs that call no model, or one that we know nothing of. */
const NO_MODEL = { baseUrl: undefined, apiKey: undefined }

/** The agent that the configuration names. Whether it can work here is asked by its `preflight`. */
export function createAgent(
  config: Pick<Config, 'agent' | 'agentCommand'>,
  deps: AgentDeps,
): Result<Agent, Failure[]> {
  const { env, tmpDir } = deps
  switch (config.agent) {
    case 'claude':
      return ok(createClaudeAgent({ env, tmpDir, ...deps.claude }))
    case 'command': {
      if (config.agentCommand !== undefined && config.agentCommand.trim() !== '') {
        return ok(createCommandAgent(config.agentCommand, { env, tmpDir, cwd: deps.cwd }))
      }
      const hint = 'Say which program it is: --agent-command CMD.'
      return err([failure('missing-argument', 'The agent "command" was chosen without a command.', hint)])
    }
    case 'scripted':
      return ok(
        openAgent(scriptedAdapter({ env, tmpDir, node: deps.node, ...deps.scripted }), deps, NO_MODEL),
      )
    case 'codex':
    case 'gemini':
    case 'opencode':
    case 'copilot': {
      const hint = `Choose claude, or run ${config.agent} by a script of yours with --agent command --agent-command CMD.`
      return err([failure('agent-not-available', `There is no adapter for ${config.agent} yet.`, hint)])
    }
    default:
      return unreachable(config.agent)
  }
}
