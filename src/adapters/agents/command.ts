import { failure } from '../../core/model/failure.ts'
import type { Agent } from '../../core/ports.ts'
import { commandExists, firstWord } from '../process/command-runner.ts'
import { agentEnvironment } from '../process/environment.ts'
import { runProgram, type AgentSurroundings } from './program-agent.ts'

/** Any program as the agent, by the contract of the `command` agent: run by `sh -c` in the phase's working directory. */
export function createCommandAgent(command: string, around: AgentSurroundings & { cwd: string }): Agent {
  const program = { name: `the agent command "${firstWord(command)}"`, file: 'sh', args: ['-c', command] }
  return {
    name: 'command',
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
    run: (request, signal, onActivity) => runProgram(program, around, request, signal, onActivity),
  }
}
