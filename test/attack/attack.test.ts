import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals'
import { chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openRepository } from '../../src/adapters/git/repository.ts'
import { findHolders } from '../../src/adapters/process/process-table.ts'
import { runProcess } from '../../src/adapters/process/run-process.ts'
import { cageProblems } from '../../src/adapters/sandbox/problems.ts'
import { loadRuntime, type Runtime } from '../../src/adapters/sandbox/runtime.ts'
import { tempDir, tempRepo, testEnv } from '../support/git.ts'
import { specPlan } from '../support/plans.ts'
import { runRig } from '../support/run-rig.ts'
import { CAGED, CHECKOUT, GATED, LOOT, MARK } from './attempts.ts'
import { attackedWorld, type World } from './world.ts'

const runtime = await loadRuntime(undefined)
// Needs bubblewrap, socat and ripgrep, which .ci/run installs; without them these tests say that they were skipped.
const there = (await cageProblems(runtime, process.env)).length === 0
const caged = there ? describe : describe.skip

/** Prints what an attempt got, between marks. */
const marked = (script: string, at: number): string => `echo "<${at}>"; ( ${script} ) 2>&1; echo "</${at}>"`

let world: World
beforeAll(async () => {
  if (there) world = await attackedWorld(runtime as Runtime)
})
afterAll(async () => await world?.close())

caged('a hostile agent in the cage', () => {
  let said: string
  const RUN = `attack-${process.pid}`
  beforeAll(async () => {
    const { spec, end } = await world.cage.wrap(
      {
        file: 'sh',
        args: ['-c', CAGED.map(({ script }, at) => marked(script, at)).join('\n')],
        cwd: world.worktree,
        env: {
          PATH: process.env['PATH'] ?? '',
          NODE: process.execPath,
          ORCHESTRATE_RUN: RUN,
          ...world.place,
        },
        limits: { wallMs: 60_000 },
        signal: new AbortController().signal,
        tailBytes: 1024 * 1024,
      },
      { write: [world.worktree], reach: { hosts: [], loopback: [] } },
    )
    const ended = await runProcess(spec)
    await end()
    said = ended.tail
    expect(ended.outcome).toEqual({ kind: 'exit', code: 0 })
  }, 90_000)

  it.each(CAGED.map((attempt, at) => ({ ...attempt, at })))('cannot $what', ({ at }) => {
    const got = new RegExp(`<${at}>([^]*?)</${at}>`).exec(said)?.[1]
    expect(got).toBeDefined()
    expect(got).not.toContain(LOOT)
  })

  it('leaves nothing outside of its worktree, and no process', async () => {
    const left = readdirSync(world.root, { recursive: true, encoding: 'utf8' }).filter(
      (path) => path.includes(MARK) && !path.startsWith(join('state', 'mine')),
    )
    expect(left).toEqual([])
    for (const shared of ['/tmp', '/var/tmp', '/dev/shm', '/tmp/claude'])
      expect([shared, existsSync(join(shared, MARK))]).toEqual([shared, false])
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
  test.each(GATED)('cannot $what', async ({ script, reason }) => {
    const file = join(tempDir(), 'hostile.sh')
    writeFileSync(
      file,
      `[ "$ORCHESTRATE_STEP" = implement ] || exit 1\nmkdir -p src\necho x > src/alpha.txt\n${script}\nprintf '{"nonce":"%s","summary":"Did it."}' "$ORCHESTRATE_NONCE" > "$ORCHESTRATE_ARTIFACT"\n`,
    )
    const rig = await runRig({
      plan: specPlan([{ name: 'alpha', phase: 1, sprint: 1, files: ['src/alpha.txt'] }]),
      config: { agentCommand: `sh '${file}'` },
    })
    await rig.run()
    const { phases } = await rig.view()
    expect(phases[0]?.stopped).toMatchObject({ reason })
    expect(rig.repo.git('for-each-ref', '--format=%(refname)', 'refs/heads/orchestrate')).not.toContain(
      'phase-1\n',
    )
  })
})

caged('a hostile checkout', () => {
  test.each(CHECKOUT)('cannot $what', async ({ files, config, use }) => {
    const repo = tempRepo()
    repo.commit({ 'file.txt': 'x\n', ...files }, 'Begin')
    const outside = tempDir()
    for (const [key, value] of Object.entries(config)) repo.git('config', key, value)
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
      const head = await repository.resolve('HEAD')
      if (head === undefined) throw new Error('no commit')
      const workspace = await repository.workspaces.open(
        'hostile',
        `p-${use}-${Object.keys(files).length}`,
        head,
      )
      for (const [path, text] of Object.entries(files)) {
        writeFileSync(join(workspace.path, path), text.replaceAll('OUTSIDE', outside))
        chmodSync(join(workspace.path, path), 0o755)
      }
      await workspace.snapshot()
      const ran = await repository.runHook('pre-commit', workspace)
      expect({ ran: ran.ok ? ran.ran : ran.output }).toEqual({ ran: use === 'hook' })
      await workspace.snapshot()
      expect(readdirSync(outside)).toEqual([])
    } finally {
      await repository.close()
    }
  })
})
