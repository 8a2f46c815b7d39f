import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { openRepository } from '../../src/adapters/git/repository.ts'
import { findHolders } from '../../src/adapters/process/process-table.ts'
import { type ProcessSpec, runProcess } from '../../src/adapters/process/run-process.ts'
import { cageProblems } from '../../src/adapters/sandbox/problems.ts'
import { loadRuntime, type Runtime } from '../../src/adapters/sandbox/runtime.ts'
import { tempDir, tempRepo, testEnv } from '../support/git.ts'
import { specPlan } from '../support/plans.ts'
import { runRig } from '../support/run-rig.ts'
import { CAGED, CHECKOUT, GATED, markOf } from './attempts.ts'
import { attackedWorld, clearAway, spoils, type World } from './world.ts'

const runtime = await loadRuntime(undefined)
// Needs bubblewrap, socat and ripgrep, which .ci/run installs; without them these tests say that they were skipped.
const there = (await cageProblems(runtime, process.env)).length === 0
const caged = there ? describe : describe.skip

let world: World
/** Another such machine, whose agent nothing holds. */
let open: World
beforeAll(async () => {
  if (there)
    [world, open] = await Promise.all([attackedWorld(runtime as Runtime), attackedWorld(runtime as Runtime)])
})
afterAll(async () => {
  await world?.close()
  await open?.close()
})

/** `sh -c script` as a hostile agent's, in its worktree. */
const attack = (
  { place, worktree }: World,
  script: string,
  more: Record<string, string> = {},
): ProcessSpec => ({
  file: 'sh',
  args: ['-c', script],
  cwd: worktree,
  env: { PATH: process.env['PATH'] ?? '', NODE: process.execPath, ...place, ...more },
  limits: { wallMs: 90_000 },
  signal: new AbortController().signal,
  tailBytes: 1024 * 1024,
})

async function held({ cage, worktree }: World, spec: ProcessSpec, loopback: number[] = []): Promise<string> {
  const { spec: inside, end } = await cage.wrap(spec, { write: [worktree], reach: { hosts: [], loopback } })
  const ended = await runProcess(inside)
  await end()
  expect(ended.outcome).toEqual({ kind: 'exit', code: 0 })
  return ended.tail
}

/** Without our own sweep, which ends what a process leaves behind: here it is the cage that is tried. */
async function unheld({ file, args, cwd, env }: ProcessSpec): Promise<string> {
  const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'], timeout: 60_000 })
  const [said] = await Promise.all([text(child.stdout), once(child, 'exit')])
  return said
}

/** Prints what an attempt got, between marks. */
const marked = (script: string, at: number): string =>
  `export MARK=${markOf(at)}; echo "<${at}>"; ( ${script}\n) 2>&1; echo "</${at}>"`

caged('a hostile agent in the cage', () => {
  const RUN = `attack-${process.pid}`
  let said: string
  beforeAll(async () => {
    const script = CAGED.map(({ script }, at) => marked(script, at)).join('\n')
    said = await held(world, attack(world, script, { ORCHESTRATE_RUN: RUN }))
  }, 120_000)

  it.each(CAGED.map((attempt, at) => ({ ...attempt, at })))('cannot $what', ({ at, met }) => {
    const got = new RegExp(`<${at}>([^]*?)</${at}>`).exec(said)?.[1]
    expect(got).toMatch(met)
    expect(spoils(world, markOf(at), got ?? '')).toEqual([])
  })

  it.each(CAGED.map((attempt, at) => ({ ...attempt, at })))(
    'could otherwise $what',
    async ({ script, at, control }) => {
      const mark = markOf(at)
      const spec = attack(open, `( ${script}\n) 2>&1`, { MARK: mark, AS_ITSELF: 'yes' })
      try {
        const got =
          control === 'listed' ? await held(open, spec, [Number(open.place.PORT)]) : await unheld(spec)
        expect(spoils(open, mark, got)).not.toEqual([])
      } finally {
        clearAway(mark)
      }
    },
    90_000,
  )

  it('leaves no process, and ours alone', async () => {
    expect(await findHolders('ORCHESTRATE_RUN', RUN)).toEqual([])
    expect(world.victim.exitCode ?? world.victim.signalCode).toBeNull()
  })

  it('is read of what it prints only the end', async () => {
    const { spec, end } = await world.cage.wrap(
      {
        file: 'sh',
        args: ['-c', `head -c "$BYTES" /dev/zero; echo end`],
        cwd: world.worktree,
        env: { PATH: process.env['PATH'] ?? '', BYTES: process.env['ATTACK_LOG_BYTES'] ?? '50000000' },
        limits: { wallMs: 120_000 },
        signal: new AbortController().signal,
      },
      { write: [world.worktree], reach: { hosts: [], loopback: [] } },
    )
    const before = process.memoryUsage().arrayBuffers
    const { tail } = await runProcess(spec)
    await end()
    expect(tail.endsWith('end\n')).toBe(true)
    expect(Buffer.byteLength(tail)).toBeLessThanOrEqual(16 * 1024)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40_000_000)
  })
})

describe('a hostile agent before the gates', () => {
  const rigOf = async (script: string) => {
    const file = join(tempDir(), 'agent.sh')
    writeFileSync(
      file,
      `if [ "$ORCHESTRATE_STEP" != implement ]; then printf '{"nonce":"%s","summary":"Read it.","findings":[]}' "$ORCHESTRATE_NONCE" > "$ORCHESTRATE_ARTIFACT"; exit 0; fi\nmkdir -p src\necho x > src/alpha.txt\n${script}\nprintf '{"nonce":"%s","summary":"Did it."}' "$ORCHESTRATE_NONCE" > "$ORCHESTRATE_ARTIFACT"\n`,
    )
    const rig = await runRig({
      plan: specPlan([{ name: 'alpha', phase: 1, sprint: 1, files: ['src/alpha.txt'] }]),
      config: { agentCommand: `sh '${file}'` },
    })
    await rig.run()
    return rig
  }

  test.each(GATED)('cannot $what', async ({ script, reason }) => {
    const rig = await rigOf(script)
    const { phases } = await rig.view()
    expect(phases[0]?.stopped).toMatchObject({ reason })
    expect(rig.repo.git('for-each-ref', '--format=%(refname)', 'refs/heads/orchestrate')).not.toContain(
      'phase-1\n',
    )
  })

  it('passes where all of it is what it may do', async () => {
    const rig = await rigOf(GATED.map(({ near }) => near).join('\n'))
    const { phases } = await rig.view()
    expect(phases[0]).toMatchObject({ state: 'merged' })
  })
})

caged('a hostile checkout', () => {
  test.each(CHECKOUT)('cannot $what', async ({ files, config, comes }) => {
    const repo = tempRepo()
    repo.commit({ 'file.txt': 'x\n', ...files }, 'Begin')
    const outside = tempDir()
    const bend = (path: string): void => {
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(path, name)), { recursive: true })
        writeFileSync(join(path, name), text.replaceAll('OUTSIDE', outside))
        chmodSync(join(path, name), 0o755)
      }
      writeFileSync(join(path, 'file.txt'), 'y\n')
      if (existsSync(join(path, 'a.md'))) writeFileSync(join(path, 'a.md'), 'y\n')
    }
    for (const [key, value] of Object.entries(config)) repo.git('config', key, value)
    // What stops it is ours: plain git runs the program.
    bend(repo.path)
    for (const command of [['status'], ['diff'], ['add', '-A'], ['commit', '-qm', 'x']]) {
      spawnSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.com', ...command], {
        ...{ cwd: repo.path, env: testEnv() },
      })
    }
    expect(readdirSync(outside)).toEqual(['left-behind'])
    rmSync(join(outside, 'left-behind'))

    const opened = await openRepository({
      cwd: repo.path,
      env: testEnv(),
      clock: { now: () => Date.now() },
      workspacesRoot: join(world.root, 'state'),
    })
    if (!opened.ok) throw new Error(JSON.stringify(opened.error))
    const repository = opened.value
    try {
      repository.holdHooks(async (spec, write) => {
        const { spec: inside, end } = await world.cage.wrap(
          { ...spec, env: { ...spec.env, HOME: world.place.HOME } },
          { write, reach: { hosts: [], loopback: [] } },
        )
        const ended = await runProcess(inside)
        await end()
        return ended
      })
      // As it was before anybody bent it.
      const begin = await repository.resolve(repo.git('rev-list', '--max-parents=0', 'HEAD').trim())
      if (begin === undefined) throw new Error('no commit')
      const workspace = await repository.workspaces.open('hostile', `p-${Object.keys(config)[0]}`, begin)
      bend(workspace.path)
      if (comes === 'refusal') {
        await expect(workspace.snapshot()).rejects.toThrow(/orchestrate\.trustedFilters/)
      } else {
        const tree = await workspace.snapshot()
        const ran = await repository.runHook('pre-commit', workspace)
        expect({ ran: ran.ok ? ran.ran : ran.output }).toEqual({ ran: comes === 'hook' })
        expect((await repository.changes(begin, tree)).length).toBeGreaterThan(0)
        await workspace.snapshot()
      }
      expect(readdirSync(outside)).toEqual([])
    } finally {
      await repository.close()
    }
  })
})
