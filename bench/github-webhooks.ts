import { spawn, spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startWorld, type GateWorld } from '../local-github/world.ts'
import { atMost, type Bench, type BenchOptions, type Row, told } from './support/bench.ts'
import { median, ms, percentile } from './support/measure.ts'
import { cleanEnv, inTemp, root } from './support/place.ts'
import { projectFiles, specPlan } from './support/plan.ts'
import type { Load, Sent } from './webhooks-child.ts'

const RATE = 100
const PULLS = 20
/** Code is compiled and the heap has its size after so long. */
const WARM_UP_SECONDS = 15
const WEBHOOKS = '/api/github/webhooks'

/** The App as its own process under a steady load of real deliveries, on the machine where the local GitHub runs too. */
export const githubWebhooks: Bench = {
  name: 'github-webhooks',
  about: `the App under ${RATE} webhooks a second`,
  run: (options) =>
    inTemp(async (home) => {
      const world = await startWorld({ root, app: true, action: false, files: projectFiles() })
      try {
        const deliveries = await realDeliveries(world)
        const app = await startProcess(world, home)
        try {
          return await load(world, app, deliveries, options)
        } finally {
          await app.stop()
        }
      } finally {
        await world.close()
      }
    }),
}

/** What GitHub told the App while so many plans were opened and labelled. */
async function realDeliveries(world: GateWorld): Promise<Load['deliveries']> {
  for (let n = 0; n < PULLS; n++) {
    await world.push('author', `plan-${n}`, specPlan(['alpha', 'beta', 'gamma']))
    await world.label('maintainer', await world.openPull('author', `plan-${n}`, `Plan ${n}`))
  }
  await world.settled()
  return world.github.deliveries
    .filter(({ event }) => event !== 'ping' && event !== 'installation')
    .map(({ event, payload }) => ({ event, body: JSON.stringify(payload) }))
}

async function load(
  world: GateWorld,
  app: AppProcess,
  deliveries: Load['deliveries'],
  { full, say }: BenchOptions,
): Promise<Row[]> {
  const send = async (seconds: number): Promise<Sent> =>
    await sendAll({
      url: app.url,
      secret: world.localApp?.webhookSecret ?? '',
      rate: RATE,
      seconds,
      deliveries,
    })
  const seconds = full ? 60 : 15
  say(
    `${deliveries.length} different deliveries of ${PULLS} pull requests; ${WARM_UP_SECONDS} s to warm up, then ${seconds} s`,
  )
  const warm = await send(WARM_UP_SECONDS)
  await app.quiet()
  const before = app.megabytes()
  const asked = world.github.requests.length

  // A pull request whose label comes in the middle of it all.
  const head = await world.push('author', 'late', specPlan(['alpha']))
  const late = await world.openPull('author', 'late', 'A late plan')
  const under = send(seconds)
  await wait((seconds * 1_000) / 2)
  await world.label('maintainer', late)
  const { took, statuses } = await under
  await world.settled()
  await app.quiet()
  const after = app.megabytes()

  const count = RATE * (seconds + WARM_UP_SECONDS)
  const taken = (statuses['202'] ?? 0) + (warm.statuses['202'] ?? 0)
  const answered = await isAnswered(world, head)
  const bare = await bareServer(deliveries)
  return [
    atMost(
      `webhook to answer at ${RATE}/s for ${seconds} s, p99 in ms`,
      100,
      percentile(took, 0.99),
      `  (median ${ms(median(took))}, p99.9 ${ms(percentile(took, 0.999))})`,
    ),
    told(
      `… of a server that only checks the signature, with nothing else to do, p99 in ms`,
      ms(percentile(bare, 0.99)),
    ),
    {
      measured: `webhooks lost of ${count}, and a label in the middle of them`,
      target: { text: 'none', met: taken === count && answered },
      result: `${count - taken}${answered ? ', answered' : ', the label was not answered'}`,
    },
    atMost(
      'memory of the App after the load ÷ before it',
      1.1,
      after / before,
      `  (${Math.round(after)} MB ÷ ${Math.round(before)} MB)`,
    ),
    told('requests to GitHub that the load led to', `${world.github.requests.length - asked}`),
  ]
}

async function isAnswered(world: GateWorld, head: string): Promise<boolean> {
  const { check_runs: checks } = (await world.api('reader', 'GET', `/commits/${head}/check-runs`)) as {
    check_runs: { conclusion: string | null }[]
  }
  return checks.some(({ conclusion }) => conclusion === 'action_required')
}

async function sendAll(given: Load): Promise<Sent> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('webhooks-child.mjs', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.end(JSON.stringify(given))
  // Printed by our own child.
  return JSON.parse(await text(child.stdout)) as Sent
}

/** What the machine makes of it: milliseconds of a process that does nothing but take webhooks, at the same rate. */
async function bareServer(deliveries: Load['deliveries']): Promise<number[]> {
  const child = spawn(process.execPath, ['-e', BARE], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const port = await new Promise<string>((resolve) => {
      child.stdout.once('data', (text) => resolve(String(text)))
    })
    const sent = { url: `http://127.0.0.1:${port}/`, secret: 'bare', rate: RATE, seconds: 10, deliveries }
    return (await sendAll(sent)).took
  } finally {
    child.kill()
  }
}

const BARE = `
const { createHmac } = require('node:crypto')
const server = require('node:http').createServer(async (request, answer) => {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  createHmac('sha256', 'bare').update(Buffer.concat(chunks)).digest('hex')
  answer.writeHead(202).end('{}')
})
server.listen(0, '127.0.0.1', () => process.stdout.write(String(server.address().port)))
`

/** What `npm run app` gives to Node; npm itself would be one process more. */
async function argumentsOfApp(): Promise<string[]> {
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    scripts: { app: string }
  }
  return scripts.app.split(' ').slice(1)
}

interface AppProcess {
  /** Where it takes webhooks. */
  url: string
  /** Resolves when it has nothing left to do. */
  quiet(): Promise<void>
  /** What it holds in memory. */
  megabytes(): number
  stop(): Promise<void>
}

/** The App as `npm run app` starts it; GitHub's deliveries go to it from then on. */
async function startProcess({ github, localApp }: GateWorld, home: string): Promise<AppProcess> {
  if (localApp === undefined) throw new Error('this world has no App')
  const child = spawn(process.execPath, await argumentsOfApp(), {
    cwd: root,
    env: {
      ...cleanEnv(home),
      APP_ID: `${localApp.id}`,
      PRIVATE_KEY: localApp.privateKey,
      WEBHOOK_SECRET: localApp.webhookSecret,
      GITHUB_API_URL: github.url,
      HOST: '127.0.0.1',
      PORT: '0',
      SWEEP_SECONDS: '0',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /"url":"([^"]+)"/.exec(line)?.[1]
      if (found !== undefined && line.includes('"listening"')) resolve(found)
    })
    void ended.then(() => reject(new Error('the App ended at once')))
  })
  github.setWebhookUrl(localApp.id, `${url}${WEBHOOKS}`)
  return {
    url: `${url}${WEBHOOKS}`,
    async quiet() {
      for (;;) {
        const health = (await (await fetch(`${url}/health`)).json()) as { waiting: number }
        if (health.waiting === 0) return
        await wait(100)
      }
    },
    megabytes() {
      const { stdout } = spawnSync('ps', ['-o', 'rss=', '-p', `${child.pid}`], { encoding: 'utf8' })
      return Number(stdout) / 1_024
    },
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}
