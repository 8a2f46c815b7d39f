/** What programs have in common that keep to the `command` agent's contract: variables, prompt on stdin, artifact in a file. */
import type { AgentActivity, AgentRequest } from '../../core/ports.ts'
import type { Capabilities, Launch, OutputReader } from './adapter.ts'
import type { AgentFiles } from './agent-files.ts'
import { artifactVariables } from './contract-variables.ts'
import { processFailure } from './outcome.ts'

export const CONTRACT_CAPABILITIES: Capabilities = {
  artifact: 'file',
  readOnly: false,
  budget: false,
  subagents: false,
  cost: true,
  protocol: undefined,
}

export interface Program {
  file: string
  args: readonly string[]
  env?: Readonly<Record<string, string>>
}

export function contractLaunch(
  { file, args, env }: Program,
  request: AgentRequest,
  files: AgentFiles,
): Launch {
  return {
    file,
    args,
    env: { ...artifactVariables(request, files), ...env },
    input: `${request.prompt.system}\n\n${request.prompt.user}`,
  }
}

/** Lines of output longer than this say nothing to a reader. */
const MAX_LINE_BYTES = 64 * 1024
const SHOWN_CHARACTERS = 300
/** A program may print a million lines; who watches sees one of them now and then. */
const SHOWN_EVERY_MS = 100

/** `name` is for messages. */
export function contractReader(name: string, onActivity: (activity: AgentActivity) => void): OutputReader {
  let last = -Infinity
  return {
    maxLineBytes: MAX_LINE_BYTES,
    usage: {},
    answer: undefined,
    denied: [],
    line(line) {
      const now = performance.now()
      const text = line.trim()
      if (text === '' || now - last < SHOWN_EVERY_MS) return
      last = now
      onActivity({ kind: 'text', text: text.slice(0, SHOWN_CHARACTERS) })
    },
    judge: ({ outcome }) => processFailure(outcome, name),
  }
}
