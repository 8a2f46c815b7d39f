import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { transformSync } from 'esbuild'
import { atMost, type Bench, type Row } from './support/bench.ts'
import { interleaved, ms } from './support/measure.ts'
import { cleanEnv, inTemp, root } from './support/place.ts'

const ROUNDS = 15
const MEGABYTE = 1_000_000

/** Imports what every action of GitHub's does, and begins. */
const BARE = `import { getInput } from '@actions/core'
import { getOctokit } from '@actions/github'
process.stdout.write('begins\\n')
const octokit = getOctokit(getInput('token'), { baseUrl: process.env.GITHUB_API_URL })
await octokit.request('GET /bare').catch(() => {})
`

/**
 * From the start of the process, as a runner starts the gate's job: to its first line in the log, and to its first request of
 * GitHub, when all that the work needs has been loaded. The committed bundle against one of the same make that only imports
 * GitHub's two packages, says so, and asks.
 */
export const githubAction: Bench = {
  name: 'github-action',
  about: 'start of the Action against a bundle of @actions/core and @actions/github alone, and its size',
  run: () =>
    inTemp(async (dir) => {
      const bare = bundleBare()
      const ours = join(root, 'dist', 'index.js')
      const asked = await listen()
      try {
        const env = environment(dir, asked.url)
        const rows: Row[] = []
        for (const moment of ['line', 'request'] as const) {
          const start = (program: string) => () => begin(program, env, asked, moment)
          const compared = await interleaved(ROUNDS, start(ours), start(bare))
          const figures = `  (${ms(compared.ours)} ÷ ${ms(compared.theirs)})`
          const measured = `start to first ${moment}, the Action ÷ only @actions/core and @actions/github`
          rows.push(atMost(measured, 1.3, compared.ratio, figures))
        }
        return [...rows, atMost('JavaScript in dist/, MB', 3, megabytes(join(root, 'dist')))]
      } finally {
        asked.server.close()
      }
    }),
}

/** Built as `npm run build:action` builds ours: by ncc, then made small. Where packages are found: in the project. */
function bundleBare(): string {
  const dir = join(root, '.cache', 'bench', 'bare-action')
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, 'package.json'), '{"type":"module"}\n')
  writeFileSync(join(dir, 'bare.js'), BARE)
  const ncc = createRequire(join(root, 'package.json')).resolve('@vercel/ncc/dist/ncc/cli.js')
  const out = join(dir, 'dist')
  const args = [ncc, 'build', join(dir, 'bare.js'), '--out', out, '--no-cache', '--quiet']
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  if (status !== 0) throw new Error(`ncc: ${stderr}`)
  const program = join(out, 'index.js')
  const small = { minify: true, legalComments: 'none', target: 'node20', format: 'esm' } as const
  writeFileSync(program, transformSync(readFileSync(program, 'utf8'), small).code)
  return program
}

/** As a runner starts the gate's job. */
function environment(dir: string, url: string): Record<string, string> {
  const event = join(dir, 'event.json')
  const account = { login: 'maintainer', id: 1, type: 'User' }
  writeFileSync(
    event,
    JSON.stringify({
      action: 'labeled',
      number: 1,
      pull_request: {
        number: 1,
        head: { sha: '1'.repeat(40) },
        labels: [{ name: 'orchestrate' }],
        state: 'open',
      },
      label: { name: 'orchestrate' },
      sender: account,
    }),
  )
  return {
    ...cleanEnv(dir),
    GITHUB_API_URL: url,
    GITHUB_SERVER_URL: url,
    GITHUB_GRAPHQL_URL: `${url}/graphql`,
    GITHUB_REPOSITORY: 'acme/ledger',
    GITHUB_EVENT_NAME: 'pull_request_target',
    GITHUB_EVENT_PATH: event,
    GITHUB_WORKSPACE: dir,
    INPUT_MODE: 'plan',
    INPUT_TOKEN: 'token',
  }
}

interface Asked {
  server: Server
  url: string
  /** Told of the next request, once. */
  told: (() => void) | undefined
}

async function listen(): Promise<Asked> {
  const asked: Asked = { server: createServer(), url: '', told: undefined }
  asked.server.on('request', (_, answer) => {
    answer.writeHead(404).end()
    asked.told?.()
    asked.told = undefined
  })
  await new Promise<void>((resolve) => asked.server.listen(0, '127.0.0.1', resolve))
  asked.url = `http://127.0.0.1:${(asked.server.address() as AddressInfo).port}`
  return asked
}

/** Milliseconds; the program is ended then. */
async function begin(
  program: string,
  env: Record<string, string>,
  asked: Asked,
  moment: 'line' | 'request',
): Promise<number> {
  const began = performance.now()
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const taken = await new Promise<number>((resolve, reject) => {
    const now = (): void => resolve(performance.now() - began)
    if (moment === 'request') asked.told = now
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text) => {
        output += String(text)
        // Commands to the runner, such as masks, are no lines of the log.
        if (moment === 'line' && /^(?!::).*\n/m.test(output)) now()
      })
    void ended.then(() => reject(new Error(`${program} ended before its first ${moment}:\n${output}`)))
  })
  child.kill('SIGKILL')
  await ended
  return taken
}

const megabytes = (dir: string): number =>
  readdirSync(dir)
    .filter((name) => name.endsWith('.js'))
    .reduce((sum, name) => sum + statSync(join(dir, name)).size, 0) / MEGABYTE
