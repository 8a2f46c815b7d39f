import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { boundsOf } from '../../src/adapters/process/bounds.ts'
import { createCommandRunner } from '../../src/adapters/process/command-runner.ts'
import { cageDoor } from '../../src/adapters/sandbox/door.ts'
import { cageProblems } from '../../src/adapters/sandbox/problems.ts'
import { loadRuntime, type Runtime } from '../../src/adapters/sandbox/runtime.ts'
import { DONE, HEAVY } from '../attack/heavy.ts'
import { heavyWorld } from '../attack/heavy-world.ts'
import { tempDir } from '../support/git.ts'
import { specPlan } from '../support/plans.ts'
import { runRig } from '../support/run-rig.ts'

/** The attacks of test/attack/heavy.ts at the size that the issue names, one after the other. */
const MOST_BYTES = 8e9
const runtime = await loadRuntime(undefined)
const disk = statfsSync(tmpdir())
const why =
  (await cageProblems(runtime, process.env))[0]?.message ??
  (disk.bavail * disk.bsize < MOST_BYTES ? 'The disk has less than 8 GB free.' : undefined)
const there = why === undefined
if (why !== undefined) process.stderr.write(`Skipped: ${why}\n`)
const caged = there ? describe : describe.skip

caged('a hostile agent at full size', () => {
  let world: ReturnType<typeof heavyWorld>
  beforeAll(() => {
    world = heavyWorld(runtime as Runtime)
  })
  afterAll(async () => await world.close())

  it.each(HEAVY)(
    'cannot $what',
    async (one) => {
      const { outcome, tail, durationMs } = await world.attempt(one, one.full.size, one.full.bounds)
      process.stderr.write(`${one.what}: ${JSON.stringify(outcome)} after ${durationMs} ms\n`)
      if (one.ends === 'kernel') expect(tail).toMatch(/file size limit|File too large/i)
      else expect(outcome).toMatchObject({ kind: 'over-limit', limit: one.ends })
      if (one.ends === 'kernel') expect(tail).not.toContain(DONE)
    },
    180_000,
  )

  it('is read of 2 GB that a build prints only the end', async () => {
    const door = cageDoor({ mode: 'required', env: process.env, hide: [] })
    const [cwd, home] = [tempDir(), tempDir()]
    try {
      const runner = createCommandRunner(process.env, {
        ...{ door, home, hosts: [], uncaged: [], bounds: boundsOf() },
      })
      let most = 0
      const begin = process.memoryUsage.rss()
      const timer = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 100)
      const { outcome, tail } = await runner.run('head -c 2000000000 /dev/zero; echo end', {
        ...{ cwd, wallMs: 180_000, signal: new AbortController().signal },
      })
      clearInterval(timer)
      process.stderr.write(`2 GB of output: ${Math.round((most - begin) / 1e6)} MB of memory more\n`)
      expect(outcome).toEqual({ kind: 'exit', code: 0 })
      expect(tail.endsWith('end\n')).toBe(true)
      expect(most - begin).toBeLessThan(150_000_000)
    } finally {
      await door.close()
    }
  }, 200_000)
})

it('records none of 100,000 files, and begins anew without them', async () => {
  const file = join(tempDir(), 'agent.sh')
  const answer = `printf '{"nonce":"%s","summary":"Did it.","findings":[]}' "$ORCHESTRATE_NONCE" > "$ORCHESTRATE_ARTIFACT"`
  writeFileSync(
    file,
    `mkdir -p src; echo x > src/alpha.txt\n[ "$ORCHESTRATE_STEP" = implement ] && { mkdir many; cd many; seq 100000 | xargs touch; cd ..; }\n${answer}\n`,
  )
  const rig = await runRig({
    plan: specPlan([{ name: 'alpha', phase: 1, sprint: 1, files: ['src/alpha.txt'] }]),
    config: { agentCommand: `sh '${file}'` },
  })
  await rig.run()
  expect((await rig.view()).phases[0]?.stopped).toMatchObject({ reason: 'too-large' })
  writeFileSync(
    file,
    `[ "$ORCHESTRATE_STEP" = implement ] && { mkdir -p src; echo x > src/alpha.txt; }\n${answer}\n`,
  )
  await rig.resume()
  expect((await rig.view()).phases[0]).toMatchObject({ state: 'merged' })
  expect(rig.repo.git('count-objects')).toMatch(/^\d{1,3} objects/)
}, 300_000)
