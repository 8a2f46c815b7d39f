import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, resolve } from 'node:path'
import { makeAgentFiles, readArtifact } from '../../src/adapters/agents/agent-files.ts'
import { contractLaunch, contractReader } from '../../src/adapters/agents/contract-program.ts'
import { workVariables } from '../../src/adapters/agents/contract-variables.ts'
import { reportedUsage } from '../../src/adapters/agents/reported-usage.ts'
import type { AgentOutcome, AgentRequest, ProcessOutcome } from '../../src/core/ports.ts'

/** What an agent knows of its call. */
export interface Start {
  env: Record<string, string>
  prompt: string
  cwd: string
  pid: number
}

/** What it is told to do. */
export interface Message {
  act: string
  id?: number
  [detail: string]: unknown
}

export interface Reply {
  id: number
  error?: string
}

/** An agent's end of the line: a process behind a socket, or a few functions here. */
export interface Hand {
  tell(message: Message): void
  /** The test is over: it is to end. */
  drop(): void
  gone: Promise<void>
  /** Where answers do not come by a socket. */
  onReply?(take: (reply: Reply) => void): void
}

/** One call of the `command` agent, with its files, its variables and its words, whose program is played in this process. */
export async function playHere(
  request: AgentRequest,
  signal: AbortSignal,
  arrived: (hand: Hand, start: Start) => void,
): Promise<AgentOutcome> {
  const began = performance.now()
  const files = await makeAgentFiles(tmpdir(), request.schema, request.prompt.system)
  try {
    const { env, input } = contractLaunch({ file: process.execPath, args: [] }, request, files)
    const output: string[] = []
    const outcome = await new Promise<ProcessOutcome>((resolveOutcome) => {
      if (signal.aborted) return resolveOutcome({ kind: 'cancelled' })
      let reply: (reply: Reply) => void = () => {}
      let left = (): void => {}
      const gone = new Promise<void>((resolveGone) => (left = resolveGone))
      const end = (how: ProcessOutcome): void => {
        left()
        resolveOutcome(how)
      }
      signal.addEventListener('abort', () => end({ kind: 'cancelled' }), { once: true })
      const acts = actsIn(request.cwd, files.artifact, output)
      const hand: Hand = {
        gone,
        drop: () => end({ kind: 'exit', code: 70 }),
        onReply: (take) => void (reply = take),
        tell({ act, id = 0, ...details }) {
          if (act === 'exit') return end({ kind: 'exit', code: Number(details['code']) })
          if (act === 'kill') return end({ kind: 'signal', signal: 'SIGKILL' })
          try {
            const does = acts[act]
            if (does === undefined) throw new Error(`only a process can ${act}`)
            does(details)
            queueMicrotask(() => reply({ id }))
          } catch (error) {
            queueMicrotask(() => reply({ id, error: String(error) }))
          }
        },
      }
      arrived(hand, { env: { ...workVariables(request), ...env }, prompt: input, cwd: request.cwd, pid: 0 })
    })
    const artifact = await readArtifact(files.artifact)
    const common = {
      usage: reportedUsage(artifact),
      durationMs: Math.round(performance.now() - began),
      tail: output.join(''),
      artifact,
    }
    const reader = contractReader(`the agent command "${process.execPath}"`, () => {})
    const failure = reader.judge({ outcome, tail: '', durationMs: 0, leftBehind: 0 })
    return failure === undefined
      ? { kind: 'completed', ...common }
      : { kind: 'failed', ...failure, ...common }
  } finally {
    await files.remove()
  }
}

/** What `fake-agent-program.mjs` does when it is told. */
function actsIn(
  cwd: string,
  artifact: string,
  output: string[],
): Record<string, (details: Record<string, unknown>) => void> {
  return {
    write({ files }) {
      for (const [path, text] of Object.entries(files as Record<string, string | null>)) {
        const file = resolve(cwd, path)
        if (text === null) rmSync(file, { recursive: true, force: true })
        else {
          mkdirSync(dirname(file), { recursive: true })
          writeFileSync(file, text)
        }
      }
    },
    append: ({ path, text }) => appendFileSync(resolve(cwd, String(path)), String(text)),
    print: ({ text }) => void output.push(String(text)),
    artifact: ({ text }) => writeFileSync(artifact, String(text)),
  }
}
