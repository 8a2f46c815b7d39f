import * as z from 'zod'
import type { Usage } from '../../core/model/step.ts'
import type { AgentActivity, AgentOutcome, AgentRequest } from '../../core/ports.ts'
import { agentEnvironment } from '../process/environment.ts'
import { LineReader } from '../process/line-reader.ts'
import { runProcess } from '../process/run-process.ts'
import { makeAgentFiles, readArtifact } from './agent-files.ts'
import { artifactVariables, workVariables } from './contract-variables.ts'
import { processFailure } from './outcome.ts'

/** What agents need from the machine; a shell fills it in. */
export interface AgentSurroundings {
  /** Our own environment, from which an allow-list takes. */
  env: Readonly<Record<string, string | undefined>>
  /** Where throw-away files go. */
  tmpDir: string
}

export interface Program {
  /** For messages. */
  name: string
  file: string
  args: readonly string[]
  env?: Readonly<Record<string, string>>
}

/** Lines of output longer than this say nothing to a reader. */
const MAX_LINE_BYTES = 64 * 1024
const SHOWN_CHARACTERS = 300
/** A program may print a million lines; who watches sees one of them now and then. */
const SHOWN_EVERY_MS = 100

/**
 * Runs a program that keeps to the `command` agent's contract: variables, prompt on stdin, artifact in a file.
 */
export async function runProgram(
  program: Program,
  around: AgentSurroundings,
  request: AgentRequest,
  signal: AbortSignal,
  onActivity: (activity: AgentActivity) => void,
): Promise<AgentOutcome> {
  const files = await makeAgentFiles(around.tmpDir, request.schema, request.prompt.system)
  try {
    const lines = new LineReader(MAX_LINE_BYTES, occasionally(onActivity))
    const end = await runProcess({
      file: program.file,
      args: program.args,
      cwd: request.cwd,
      env: agentEnvironment(around.env, {
        ...workVariables(request),
        ...artifactVariables(request, files),
        ...program.env,
      }),
      input: `${request.prompt.system}\n\n${request.prompt.user}`,
      limits: request.limits,
      signal,
      onStdout: (chunk) => lines.write(chunk),
    })
    const artifact = await readArtifact(files.artifact)
    const failure = processFailure(end.outcome, program.name)
    const common = { usage: reportedUsage(artifact), durationMs: end.durationMs, tail: end.tail, artifact }
    return failure === undefined ? { kind: 'done', ...common } : { kind: 'failed', ...failure, ...common }
  } finally {
    await files.remove()
  }
}

function occasionally(onActivity: (activity: AgentActivity) => void): (line: string) => void {
  let last = -Infinity
  return (line) => {
    const now = performance.now()
    const text = line.trim()
    if (text === '' || now - last < SHOWN_EVERY_MS) return
    last = now
    onActivity({ kind: 'text', text: text.slice(0, SHOWN_CHARACTERS) })
  }
}

const amount = z.number().nonnegative().optional()
const withUsage = z.object({
  usage: z.object({
    inputTokens: amount,
    outputTokens: amount,
    cacheReadTokens: amount,
    cacheWriteTokens: amount,
    costUsd: amount,
  }),
})

/** The cost that an artifact tells; nothing where it tells none, or nothing valid. */
export function reportedUsage(artifact: string | undefined): Usage {
  if (artifact === undefined) return {}
  try {
    const parsed = withUsage.safeParse(JSON.parse(artifact))
    return parsed.success ? parsed.data.usage : {}
  } catch {
    return {}
  }
}
