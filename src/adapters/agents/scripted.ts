import { readFile } from 'node:fs/promises'
import { failure, type Failure } from '../../core/model/failure.ts'
import { schemaFaults } from '../../core/text/schema-words.ts'
import { errorMessage } from '../process/system-error.ts'
import type { AgentAdapter, AgentSurroundings } from './adapter.ts'
import { CONTRACT_CAPABILITIES, contractLaunch, contractReader } from './contract-program.ts'
import { scriptSchema } from './scripted/script.ts'

export interface ScriptedOptions extends AgentSurroundings {
  /** The `scripted.json` to replay, absolute. */
  script: string
  /** The bundled program of scripted/program.ts, absolute. */
  program: string
  /** The Node that runs it. */
  node: string
}

/** Replays edits and findings from a file: for demonstrations and tests, without a model and without cost. */
export function scriptedAdapter(options: ScriptedOptions): AgentAdapter {
  const program = {
    file: options.node,
    args: [options.program],
    env: { ORCHESTRATE_SCRIPT: options.script },
  }
  return {
    name: 'scripted',
    capabilities: CONTRACT_CAPABILITIES,
    launch: (request, files) => contractLaunch(program, request, files),
    reader: (onActivity) => contractReader('the scripted agent', onActivity),
    preflight: () => preflight(options.script),
  }
}

async function preflight(file: string): Promise<Failure[]> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    return [
      failure(
        'agent-not-available',
        `The scripted agent has no script: ${errorMessage(error)}`,
        'Put a scripted.json beside the plan, or choose another agent with --agent.',
        { file },
      ),
    ]
  }
  let script: unknown
  try {
    script = JSON.parse(text)
  } catch (error) {
    return [
      failure('agent-not-available', `${file} is not JSON: ${errorMessage(error)}`, 'Mend the script.', {
        file,
      }),
    ]
  }
  const parsed = scriptSchema.safeParse(script)
  if (parsed.success) return []
  return schemaFaults(parsed.error, script)
    .slice(0, 10)
    .map(({ at, what }) =>
      failure('agent-not-available', `${file}: ${at || 'the script'} ${what}.`, 'Mend the script.', { file }),
    )
}
