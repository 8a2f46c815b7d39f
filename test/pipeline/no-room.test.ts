import { describe, expect, it } from '@jest/globals'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { modelEndpoints } from '../../src/adapters/agents/endpoints.ts'
import { createCommandAgent } from '../../src/adapters/agents/command.ts'
import type { Protocol } from '../../src/adapters/agents/adapter.ts'
import type { Gateway } from '../../src/adapters/gateway/gateway.ts'
import { startGateway } from '../../src/adapters/gateway/start-gateway.ts'
import { phaseRef, readPhaseEvent } from '../../src/core/execute/phase-book.ts'
import type { PhaseEvent } from '../../src/core/model/event.ts'
import { phaseId } from '../../src/core/model/ids.ts'
import type { Agent } from '../../src/core/ports.ts'
import { statusText } from '../../src/core/report/status.ts'
import { PLAIN } from '../../src/core/text/style.ts'
import { answerWell, FakeAgentRig } from '../support/fake-agent.ts'
import { afterThisTest, testEnv } from '../support/git.ts'
import { taskPlan } from '../support/plans.ts'
import { runRig, type RunRig } from '../support/run-rig.ts'

const PLAN = { 'task_plan.md': taskPlan([{ id: '1' }, { id: '2' }]) }

/** Answers as the test says; every request asks it. */
async function startProvider(answers: (answer: ServerResponse) => void): Promise<string> {
  const server: Server = createServer((request, answer) => {
    request.resume().once('end', () => answers(answer))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterThisTest(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const WELL = { type: 'message', usage: { input_tokens: 1_000, output_tokens: 10 } }
const FREE = { usage: { input_tokens: 0, output_tokens: 0 } }
const json = (answer: ServerResponse, status: number, body: object, headers = {}): void => {
  answer.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

/**
 * Agents that work as the driven one does, and ask their model through the gateway: once before they begin and once at the end. The first
 * phase talks to one provider, the second to another.
 */
async function rigWith(
  provider: string,
  config: { waitMs?: number } = {},
): Promise<{ rig: RunRig; driven: FakeAgentRig; anotherProcess(): Promise<void> }> {
  const env = {
    ANTHROPIC_BASE_URL: provider,
    OPENAI_BASE_URL: await startProvider((answer) => json(answer, 200, FREE)),
    ANTHROPIC_API_KEY: 'k',
    OPENAI_API_KEY: 'k',
  }
  const begin = async (): Promise<Gateway> => {
    const begun = await startGateway({
      endpoints: modelEndpoints(env),
      now: () => Date.now(),
      random: () => 0,
      holdMs: 50,
    })
    afterThisTest(() => begun.close())
    return begun
  }
  let gateway = await begin()
  const driven = await FakeAgentRig.create()
  afterThisTest(() => driven.close())
  driven.auto(answerWell)
  const command = createCommandAgent(driven.command, { env: testEnv(), tmpDir: tmpdir(), cwd: tmpdir() })
  const agent: Agent = {
    name: 'command',
    preflight: async () => [],
    async run(request, signal, onActivity) {
      const protocol: Protocol = request.phase === '1' ? 'anthropic' : 'openai'
      const door = await gateway.admit(request, protocol, onActivity)
      try {
        const ask = async (): Promise<boolean> => {
          const path = protocol === 'anthropic' ? '/v1/messages' : '/responses'
          const { baseUrl, apiKey } = door.endpoint
          const asked = await fetch(`${baseUrl}${path}`, {
            method: 'POST',
            headers: { authorization: `Bearer ${apiKey}` },
            body: JSON.stringify({ model: 'claude-sonnet-4-5', max_tokens: 1_000 }),
          })
          await asked.text()
          return asked.ok
        }
        const first = await ask()
        const outcome = first ? await command.run(request, signal, onActivity) : undefined
        const whole = first && (await ask())
        const { usage, refusal = { reason: 'crashed', message: 'no answer' } } = door
        if (whole && outcome !== undefined) return { ...outcome, usage }
        return { kind: 'failed', ...refusal, usage, durationMs: 1, tail: '', artifact: undefined }
      } finally {
        door.close()
      }
    },
  }
  const rig = await runRig({
    plan: PLAN,
    config: {
      parallel: true,
      limits: { wallMs: 60_000, extraMs: 0, idleMs: 60_000, checkMs: 60_000, ...config },
    },
    otherAgent: agent,
  })
  return {
    rig,
    driven,
    async anotherProcess() {
      gateway = await begin()
    },
  }
}

async function eventsOf(rig: RunRig, phase: string): Promise<PhaseEvent[]> {
  const { ledger } = await rig.ports()
  const [run] = await ledger.runs()
  const chain = await ledger.read(phaseRef(run ?? '', phaseId(phase), 1))
  if (!chain.ok) throw new Error('the chain cannot be read')
  return chain.value.entries.map((entry) => {
    const read = readPhaseEvent(entry)
    if (!read.ok) throw new Error(read.error.message)
    return read.value
  })
}

describe('a model without room', () => {
  it('is waited for as a state of the run, while other phases go on', async () => {
    let refused = 0
    const { rig } = await rigWith(
      await startProvider((answer) => {
        if (refused++ === 0) json(answer, 429, {}, { 'retry-after': '3' })
        else json(answer, 200, WELL)
      }),
    )
    const running = rig.run()
    const waiting = await eventually(() => rig.events.find((event) => event.type === 'step-waiting'))
    expect(waiting).toMatchObject({ phase: '1', step: 'implement', why: 'rate limit of Anthropic' })
    const view = await eventually(async () => {
      const seen = await rig.view()
      return seen.phases[0]?.waiting === undefined ? undefined : seen
    })
    expect(view.phases[0]).toMatchObject({ state: 'running', waiting: { why: 'rate limit of Anthropic' } })
    expect(view.phases[0]?.waiting?.until).toBe(waiting.until)
    expect(statusText(view, 100, PLAIN, 'orchestrate')).toMatch(
      /waiting until \d\d:\d\d UTC \(rate limit of\s+Anthropic\)/,
    )
    const ended = await running
    expect(ended.exit).toBe(0)
    const merged = rig.events.filter((event) => event.type === 'phase-merged')
    expect(merged.map(({ phase }) => phase)).toEqual(['2', '1'])
    expect(merged[0]?.at).toBeLessThan(waiting.until)
    expect(ended.view?.phases[0]?.waiting).toBeUndefined()
    await rig.verify()
  })

  it('for longer than anybody stays ends the run, which goes on from what was done', async () => {
    let asked = 0
    const { rig, driven, anotherProcess } = await rigWith(
      // The first call is paid and the agent writes; the second, at its end, finds no room for an hour.
      await startProvider((answer) => {
        const nth = asked++
        if (nth === 1) json(answer, 429, {}, { 'anthropic-ratelimit-tokens-reset': inAnHour() })
        else json(answer, 200, WELL)
      }),
      { waitMs: 60_000 },
    )
    const first = await rig.run()
    expect(first.exit).toBe(3)
    expect(first.failures).toMatchObject([{ reason: 'no-room', phase: '1' }])
    expect(first.failures[0]?.message).toMatch(
      /^Phase 1 is waiting until (\d+ \w+ )?\d\d:\d\d UTC \(rate limit of Anthropic\)\.$/,
    )
    expect(first.failures[0]?.hint).toContain('orchestrate resume')
    expect(first.view?.phases.map(({ state }) => state)).toEqual(['running', 'merged'])
    const cut = (await eventsOf(rig, '1')).find((event) => event.type === 'step-cut')
    expect(cut).toMatchObject({ step: 'implement', why: 'no-room' })
    expect(
      cut?.type === 'step-cut' && cut.tree !== cut.inputTree && (cut.usage.costUsd ?? 0),
    ).toBeGreaterThan(0)

    // The agent finds what its first call wrote, and has nothing to add.
    const found: string[] = []
    driven.auto(async (call) => {
      if (call.phase === '1' && call.step === 'implement') {
        found.push(...readdirSync(call.cwd))
        await call.finish({ artifact: { summary: 'It was there.' } })
      } else await answerWell(call)
    })
    await anotherProcess()
    const second = await rig.resume()
    expect(second.exit).toBe(0)
    expect(found).toContain('1.1.txt')
    const events = await eventsOf(rig, '1')
    expect(events.filter((event) => event.type === 'attempt-started')).toHaveLength(1)
    expect(second.view?.usage.costUsd).toBeCloseTo((asked - 1) * ((1_000 * 3 + 10 * 15) / 1e6), 6)
    await rig.verify()
  })
})

const inAnHour = (): string => new Date(Date.now() + 3_600_000).toISOString()

/** Asks until there is an answer. */
async function eventually<T>(ask: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (const until = Date.now() + 20_000; Date.now() < until;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error('it never came')
}
