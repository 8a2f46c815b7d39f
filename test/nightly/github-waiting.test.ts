/** A model's service without room, for longer than a job lives: the real Claude Code in jobs, against a scripted model. */
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { once } from 'node:events'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import type { GateWorld } from '../../local-github/world.ts'
import { askedIn } from '../../src/adapters/agents/scripted/prompt.ts'
import {
  checksOn,
  comes,
  dispatches,
  eventsOf,
  onlyRun,
  openPlan,
  ourComment,
  phaseJobs,
  planFiles,
  ROOT,
  say,
  thingWorld,
  verifyInClone,
} from '../github/support.ts'
import { tempDir } from '../support/git.ts'
import { type ModelAnswer, type ModelTurn, startScriptedModel } from '../support/scripted-model.ts'
import { installedAgent } from '../support/installed-agent.ts'

let claude: string
beforeAll(() => {
  claude = installedAgent('claude')
}, 300_000)

const close: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const each of close.splice(0).reverse()) await each()
})

const LONG = 600_000
const HOUR = 3_600_000
/** Longer than any job may take. */
const RESET_MS = 8 * HOUR

/** Writes the phase's part and finds nothing. */
function answer({ turn, user }: ModelTurn): ModelAnswer {
  const nonce = /^nonce: (\S+)$/m.exec(user)?.[1] ?? ''
  const done = (fields: object): ModelAnswer => ({
    tools: [{ name: 'StructuredOutput', input: { nonce, summary: 'Done.', ...fields } }],
  })
  if (/^Implement the piece\./m.test(user)) {
    const part = /part-(\d)\.txt/.exec(user)?.[1] ?? ''
    const command = `echo "part ${part}" >> part-${part}.txt`
    return turn === 0 ? { tools: [{ name: 'Bash', input: { command } }] } : done({})
  }
  const criteria = askedIn(user).criteria.map((id) => ({ id, met: true, evidence: 'part-1.txt:1' }))
  return done({ findings: [], criteria })
}

/** The provider: the model behind a limit. What phase 1 asks when it has written its file finds none of it left. */
async function startProvider(now: () => number): Promise<{ url: string; refused(): number; open(): void }> {
  const model = await startScriptedModel(answer)
  let isOpen = false
  let refused = 0
  const server = createServer((request, response) => {
    void (async () => {
      const body = await buffer(request)
      const text = body.toString('utf8')
      if (!isOpen && text.includes('tool_result') && /part-1\.txt/.test(text)) {
        refused++
        response.writeHead(429, {
          'content-type': 'application/json',
          'anthropic-ratelimit-tokens-remaining': '0',
          'anthropic-ratelimit-tokens-reset': new Date(now() + RESET_MS).toISOString(),
        })
        const error = { type: 'rate_limit_error', message: 'Your limit is used up' }
        return void response.end(JSON.stringify({ type: 'error', error }))
      }
      const { method = 'GET', url = '/' } = request
      const headers = {
        'content-type': 'application/json',
        'x-api-key': 'k',
        'anthropic-version': '2023-06-01',
      }
      const passed = await fetch(`${model.url}${url}`, {
        ...{ method, headers },
        ...(body.length === 0 ? {} : { body: new Uint8Array(body) }),
      })
      response.writeHead(passed.status, { 'content-type': passed.headers.get('content-type') ?? '' })
      for await (const chunk of passed.body ?? []) response.write(chunk)
      response.end()
    })().catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  close.push(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
    await model.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refused: () => refused,
    open: () => void (isOpen = true),
  }
}

/** A world whose clocks, the App's and those of its jobs' machines, a test sets ahead. */
async function waitingWorld(app: boolean) {
  const dir = tempDir('ahead-')
  const file = join(dir, 'ahead')
  let ahead = 0
  writeFileSync(file, '0')
  mkdirSync(join(dir, 'bin'))
  symlinkSync(claude, join(dir, 'bin', 'claude'))
  const now = (): number => Date.now() + ahead
  const provider = await startProvider(now)
  const here: GateWorld = await thingWorld({
    app,
    config: 'agent: claude\nsandbox: "off"\n',
    secrets: () => ({ ANTHROPIC_API_KEY: 'no-real-key' }),
    clock: { now },
    env: {
      PATH: `${join(dir, 'bin')}:${process.env['PATH'] ?? ''}`,
      ANTHROPIC_BASE_URL: provider.url,
      NODE_OPTIONS: `--import=${join(ROOT, 'test', 'github', 'clock.mjs')}`,
      AHEAD: file,
    },
  })
  close.push(() => here.close())
  return {
    here,
    provider,
    goAhead(ms: number): void {
      ahead += ms
      writeFileSync(file, String(ahead))
    },
    /** Whoever looks once in a while looks. */
    async look(): Promise<void> {
      if (app) await here.app()?.sweep()
      else await here.github.raise(here.repository, 'schedule', { schedule: '23 * * * *' })
      await here.settled()
    },
  }
}

describe('a limit that is reset when no job lives any more', () => {
  test.each([
    ['the App', true],
    ['the Action alone', false],
  ])(
    'ends the job cleanly while others go on, is shown, and is gone on with when it is time: %s',
    async (_, app) => {
      const { here, provider, goAhead, look } = await waitingWorld(app)
      const { pull, head } = await openPlan(
        here,
        planFiles([{ id: '1' }, { id: '2' }, { id: '3', after: ['1', '2'] }]),
      )
      await say(here, 'maintainer', pull, '/approve')

      const run = await onlyRun(here)
      const before = await eventsOf(here, run)
      expect(before.filter((event) => / 1$/.test(event))).toEqual(['phase-claimed 1', 'phase-waits 1'])
      expect(before).toContain('phase-merged 2')
      expect(provider.refused()).toBeGreaterThan(0)
      const [first] = dispatches(here)
      expect(dispatches(here)).toHaveLength(1)
      expect(phaseJobs(first ?? { jobs: [] })).toEqual(['phase 1', 'phase 2'])
      expect(first?.conclusion).toBe('success')
      const words = /waiting until (\w+ \d+ |\d+ \w+ )?\d\d\\?:\d\d UTC \(rate limit of Anthropic\)/i
      expect((await ourComment(here, pull)).body).toMatch(words)
      const checks = await checksOn(here, head)
      expect(checks.find(({ name }) => name === 'Orchestrate')?.title).toMatch(words)
      const phase = checks.find(({ name }) => name.includes('phase 1'))
      expect(`${phase?.status} ${phase?.title}`).toMatch(words)

      // As long as it is not time, nobody starts anything.
      goAhead(HOUR)
      await look()
      expect(dispatches(here)).toHaveLength(1)

      provider.open()
      goAhead(10 * HOUR)
      await look()
      await comes('the end', async () =>
        (await eventsOf(here, run)).some((event) => event.startsWith('run-checked')) ? true : undefined,
      )
      await here.settled()
      const after = (await eventsOf(here, run)).slice(before.length)
      expect(after.filter((event) => / 1$/.test(event))).toEqual(['phase-taken-over 1', 'phase-merged 1'])
      expect(after).toContain('phase-merged 3')
      expect((await ourComment(here, pull)).body).toContain('Landed: 3 of 3 phases done')
      const landed = await here.git('rev-parse', 'refs/heads/plan')
      // The second call found what the first had written, and wrote after it.
      expect(await here.git('show', `${landed}:part-1.txt`)).toBe('part 1\npart 1')
      expect(await here.git('for-each-ref', `refs/orchestrate/${run}/saved`)).toBe('')
      const verified = await verifyInClone(here, run)
      expect(verified).toMatchObject({ code: 0 })
    },
    LONG,
  )
})
