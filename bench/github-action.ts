import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { transformSync } from 'esbuild'
import { atMost, type Bench, type Row, told } from './support/bench.ts'
import { interleaved, median, ms } from './support/measure.ts'
import { cleanEnv, git, inTemp, makeRepository, root } from './support/place.ts'
import { cpuOf, watch, type Watch } from './support/watch.ts'

const ROUNDS = 15
const MEGABYTE = 1_000_000

/** Imports what every action of GitHub's does, and says so. */
const BARE = `import { getInput } from '@actions/core'
import { getOctokit } from '@actions/github'
process.stdout.write('begins\\n')
setTimeout(() => {}, 60_000)
globalThis.imported = [getInput, getOctokit]
`

/**
 * What is waited for, from the start of the process.
 *
 * `work`: the first line of work. It is the first thing that a job does for its user, the same for every mode and seen from
 * outside: its first request has reached GitHub or its first git process runs, whichever comes first. A line in the log is none.
 *
 * `imported`: the other bundle, which has no work, has imported its packages. No request of its own could come earlier, so no
 * other moment of it would be as strict.
 *
 * `remote`: the first word to GitHub, by a request or by `git fetch`. Told only: git looks at the checkout before.
 */
type Moment = 'work' | 'imported' | 'remote'

interface Mode {
  name: string
  event: 'pull_request_target' | 'issue_comment' | 'workflow_dispatch'
  payload: unknown
  inputs: Record<string, string>
}

const RUN = 'ledger-1'
const head = { sha: '1'.repeat(40) }
const sender = { login: 'maintainer', id: 1, type: 'User' }
const pull = (labels: string[]) => ({ number: 1, head, labels: labels.map((name) => ({ name })) })
const dispatch = {
  event: 'workflow_dispatch' as const,
  payload: {
    inputs: { pull: '1', head: head.sha, 'plan-dir': 'plan', command: '/approve', source: 'comment:1' },
  },
}
const MODES: Mode[] = [
  {
    name: 'gate, labelled',
    event: 'pull_request_target',
    payload: {
      action: 'labeled',
      pull_request: pull(['orchestrate']),
      label: { name: 'orchestrate' },
      sender,
    },
    inputs: { mode: 'plan' },
  },
  {
    name: 'gate, no label',
    event: 'pull_request_target',
    payload: { action: 'opened', pull_request: pull([]), sender },
    inputs: { mode: 'plan' },
  },
  {
    name: 'gate, comment',
    event: 'issue_comment',
    payload: { action: 'created', issue: { number: 1, pull_request: {} }, comment: { id: 1 } },
    inputs: { mode: 'plan' },
  },
  { name: 'plan, dispatched', ...dispatch, inputs: { mode: 'plan' } },
  { name: 'phase', ...dispatch, inputs: { mode: 'phase', run: RUN, phase: '1', job: 'phase 1' } },
  { name: 'advance', ...dispatch, inputs: { mode: 'advance', run: RUN } },
]

/**
 * The committed bundle, as a runner starts it for each kind of job, against one of the same make that only imports GitHub's two
 * packages: wall time, and on Linux the processor time of all its threads.
 */
export const githubAction: Bench = {
  name: 'github-action',
  about: 'start of the Action against a bundle of @actions/core and @actions/github alone, and its size',
  run: ({ say }) =>
    inTemp(async (dir) => {
      const bare = bundleBare()
      const ours = join(root, 'dist', 'index.js')
      const workspace = makeRepository(join(dir, 'checkout'), { 'README.md': 'Ledger\n' })
      const watching = await watch(dir)
      git(workspace, 'remote', 'add', 'origin', `${watching.url}/acme/ledger.git`)
      const rows: Row[] = []
      try {
        for (const mode of MODES) {
          say(`${mode.name}, ${ROUNDS} rounds`)
          const env = environment(dir, workspace, mode, watching)
          const cpu: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] }
          const run = async (program: string, moment: Moment, spent: number[] = []) => {
            const begun = await begin(program, env, watching, moment)
            if (begun.cpu !== undefined) spent.push(begun.cpu)
            return begun.wall
          }
          const compared = await interleaved(
            ROUNDS,
            () => run(ours, 'work', cpu.ours),
            () => run(bare, 'imported', cpu.theirs),
          )
          const name = `${mode.name}: start to first line of work, the Action ÷ only importing`
          const figures = `  (${ms(compared.ours)} ÷ ${ms(compared.theirs)})`
          rows.push(atMost(`${name}, wall`, 1.3, compared.ratio, figures))
          if (cpu.ours.length > 0) {
            const ratio = median(cpu.ours.map((each, i) => each / (cpu.theirs[i] ?? NaN)))
            const spent = `  (${ms(median(cpu.ours))} ÷ ${ms(median(cpu.theirs))})`
            rows.push(atMost(`${name}, processor`, 1.3, ratio, spent))
          }
          if (mode.inputs['run'] === undefined) continue
          const remote = await interleaved(
            ROUNDS,
            () => run(ours, 'remote'),
            () => run(bare, 'imported'),
          )
          const word = `  (${ms(remote.ours)} ÷ ${ms(remote.theirs)})`
          rows.push(
            told(`${mode.name}: start to first word to GitHub, wall`, `${remote.ratio.toFixed(2)}${word}`),
          )
        }
        return [...rows, atMost('JavaScript in dist/, MB', 3, megabytes(join(root, 'dist')))]
      } finally {
        watching.close()
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

/** As a runner starts a job. */
function environment(
  dir: string,
  workspace: string,
  mode: Mode,
  { url, bin }: Watch,
): Record<string, string> {
  const event = join(dir, 'event.json')
  writeFileSync(event, JSON.stringify(mode.payload))
  const inputs = { token: 'token-of-the-job', ...mode.inputs }
  const clean = cleanEnv(dir)
  return {
    ...clean,
    PATH: `${bin}:${clean['PATH'] ?? ''}`,
    GITHUB_API_URL: url,
    GITHUB_SERVER_URL: url,
    GITHUB_GRAPHQL_URL: `${url}/graphql`,
    GITHUB_REPOSITORY: 'acme/ledger',
    GITHUB_EVENT_NAME: mode.event,
    GITHUB_EVENT_PATH: event,
    GITHUB_WORKSPACE: workspace,
    RUNNER_TEMP: dir,
    ...Object.fromEntries(
      Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
    ),
  }
}

/** Milliseconds; `cpu` is undefined where the system does not tell. The program is ended then. */
async function begin(
  program: string,
  env: Record<string, string>,
  watching: Watch,
  moment: Moment,
): Promise<{ wall: number; cpu: number | undefined }> {
  const began = performance.now()
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const taken = await new Promise<{ wall: number; cpu: number | undefined }>((resolve, reject) => {
    const now = (): void => {
      watching.told = undefined
      resolve({ wall: performance.now() - began, cpu: cpuOf(child.pid ?? 0) })
    }
    if (moment !== 'imported')
      watching.told = (seen) => {
        if (moment === 'work' || seen === 'request' || / fetch /.test(seen)) now()
      }
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text) => {
        output += String(text)
        if (moment === 'imported' && output.includes('\n')) now()
      })
    void ended.then(() => reject(new Error(`${program} ended before its ${moment}:\n${output}`)))
  })
  child.kill('SIGKILL')
  await ended
  return taken
}

const megabytes = (dir: string): number =>
  readdirSync(dir)
    .filter((name) => name.endsWith('.js'))
    .reduce((sum, name) => sum + statSync(join(dir, name)).size, 0) / MEGABYTE
