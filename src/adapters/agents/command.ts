import { isAbsolute, resolve } from 'node:path'
import { failure } from '../../core/model/failure.ts'
import type { Agent } from '../../core/ports.ts'
import { commandExists, firstWord } from '../process/command-runner.ts'
import { agentEnvironment } from '../process/environment.ts'
import { shellQuoted } from '../process/shell-quote.ts'
import type { AgentAdapter, AgentSurroundings } from './adapter.ts'
import { CONTRACT_CAPABILITIES, contractLaunch, contractReader } from './contract-program.ts'
import { openAgent } from './run-agent.ts'

/** Any program as the agent, by the contract of the `command` agent: run by `sh -c` in the phase's working directory. */
export function commandAdapter(command: string, around: AgentSurroundings & { cwd: string }): AgentAdapter {
  const program = { file: 'sh', args: ['-c', fromRoot(command, around.cwd)] }
  return {
    name: 'command',
    capabilities: CONTRACT_CAPABILITIES,
    launch: (request, files) => contractLaunch(program, request, files),
    reader: (onActivity) => contractReader(`the agent command "${firstWord(command)}"`, onActivity),
    async preflight() {
      if (await commandExists(command, around.cwd, agentEnvironment(around.env))) return []
      return [
        failure(
          'agent-not-found',
          `There is no program "${firstWord(command)}", which the agent command starts with: ${command}`,
          'Check --agent-command (or agent_command in .github/orchestrate.yml): a program on PATH, or a path from the root of the repository.',
        ),
      ]
    },
  }
}

export const createCommandAgent = (command: string, around: AgentSurroundings & { cwd: string }): Agent =>
  openAgent(commandAdapter(command, around), around, { baseUrl: undefined, apiKey: undefined })

/**
 * A program named by a relative path is the one in the user's checkout, wherever a phase works: it may not be committed, and
 * what an agent does to its worktree must not change the agent.
 */
function fromRoot(command: string, root: string): string {
  const word = firstWord(command)
  const relative = word.includes('/') && !isAbsolute(word) && command.startsWith(word)
  return relative ? `${shellQuoted(resolve(root, word))}${command.slice(word.length)}` : command
}
