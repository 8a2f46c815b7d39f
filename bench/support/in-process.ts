import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { openPlanSource } from '../../src/adapters/files/plan-source.ts'
import { openProjectFiles } from '../../src/adapters/files/project-files.ts'
import { openRepository } from '../../src/adapters/git/repository.ts'
import { createCommandRunner } from '../../src/adapters/process/command-runner.ts'
import { createSweeper } from '../../src/adapters/process/sweep.ts'
import { DEFAULT_CONFIG } from '../../src/core/model/config.ts'
import { runPlan } from '../../src/core/pipeline.ts'
import type { Agent, AgentRequest } from '../../src/core/ports.ts'
import { cleanEnv } from './place.ts'

/** What an agent does with a request: files it writes, and the artifact without its nonce. */
export type Answer = (request: AgentRequest) => { files: Record<string, string>; artifact: object }

/** Runs the plan in `plan/` with an agent inside this process, and gives every request that it got. */
export async function runInProcess(path: string, answer: Answer): Promise<AgentRequest[]> {
  const env = cleanEnv(path)
  const clock = { now: () => Date.now() }
  const requests: AgentRequest[] = []
  const agent: Agent = {
    name: 'bench',
    preflight: async () => [],
    async run(request) {
      requests.push(request)
      const { files, artifact } = answer(request)
      for (const [file, text] of Object.entries(files)) {
        mkdirSync(dirname(join(request.cwd, file)), { recursive: true })
        writeFileSync(join(request.cwd, file), text)
      }
      const text = JSON.stringify({ nonce: request.nonce, summary: 'Done.', ...artifact })
      return { kind: 'completed', artifact: text, usage: {}, durationMs: 0, tail: '' }
    },
  }
  const opened = await openRepository({ cwd: path, env, clock })
  if (!opened.ok) throw new Error(JSON.stringify(opened.error))
  const repository = opened.value
  try {
    const source = await openPlanSource({ path: 'plan', cwd: path, root: path })
    if (!source.ok) throw new Error(JSON.stringify(source.error))
    const ended = await runPlan(
      {
        source: source.value,
        config: { ...DEFAULT_CONFIG, agent: 'command', sandbox: 'off' },
        actor: 'Ada Example',
        yes: true,
        dryRun: false,
      },
      {
        repository,
        ledger: repository.ledger,
        lock: repository.lock,
        sweeper: createSweeper(),
        files: openProjectFiles({ root: path, home: path }),
        agent,
        commands: createCommandRunner(env),
        reporter: { emit: () => undefined },
        person: { choose: async () => undefined, ask: async () => undefined },
        clock,
        random: { hex: (bytes) => randomBytes(bytes).toString('hex') },
        signal: new AbortController().signal,
      },
    )
    if (ended.exit !== 0) throw new Error(ended.failures.map((failure) => failure.message).join('\n'))
    return requests
  } finally {
    await repository.close()
  }
}
