import { afterAll, expect, test } from '@jest/globals'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createDemoRepository } from '../src/adapters/files/demo-repository.ts'
import { git, orchestrate, packageRoot, run, TempDirs } from './support/cli.ts'

const dirs = new TempDirs()
afterAll(dirs.remove)

interface Event {
  type: string
  phase?: string
  [key: string]: unknown
}

test('the demo shows what it promises: a red build, a P0, P2 and P3 found and fixed, one put off, side by side', async () => {
  const demo = await dirs.make()
  await cp(join(packageRoot, 'demo'), demo, { recursive: true })
  // The waits are there for a person who watches.
  const script = join(demo, 'plan', 'scripted.json')
  await writeFile(script, (await readFile(script, 'utf8')).replace(/"delayMs": \d+/g, '"delayMs": 0'))
  const made = await createDemoRepository({
    from: demo,
    dir: undefined,
    tmpDir: await dirs.make(),
    env: process.env,
  })
  if (!made.ok) throw new Error(made.error[0]?.message)
  const root = made.value

  const ran = await orchestrate(root, ['run', 'plan', '--agent', 'scripted', '--yes', '--json'])
  const events = ran.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Event)
  expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: '' })
  expect(events.at(-1)).toMatchObject({
    view: { state: 'landed', deferred: [{ phase: '5', severity: 'P3' }] },
  })

  const checks = events.filter(({ type }) => type === 'check-finished')
  expect(checks.filter(({ outcome }) => outcome === 'red').map(({ phase, check }) => [phase, check])).toEqual(
    [['3', 'build']],
  )
  const found: Record<string, number> = {}
  for (const { type, counts, step } of events) {
    if (type !== 'findings' || step === 'verify') continue
    for (const [severity, n] of Object.entries(counts as Record<string, number>))
      found[severity] = (found[severity] ?? 0) + n
  }
  expect(found).toEqual({ P0: 1, P1: 0, P2: 2, P3: 2 })

  // The diamond: 2 and 3 begin before either is merged, 4 after both.
  const at = (type: string, phase: string) =>
    events.findIndex((event) => event.type === type && event.phase === phase)
  expect(Math.max(at('phase-started', '2'), at('phase-started', '3'))).toBeLessThan(
    Math.min(at('phase-merged', '2'), at('phase-merged', '3')),
  )
  expect(at('phase-started', '4')).toBeGreaterThan(Math.max(at('phase-merged', '2'), at('phase-merged', '3')))

  // What it made is a program that works.
  expect(await git(root, 'status', '--porcelain')).toBe('')
  expect(await run(process.execPath, ['--test'], { cwd: root })).toMatchObject({ code: 0 })
  await writeFile(join(root, 'entries.csv'), 'date,text,amount\n2025-01-03,"Bakery, Main St",-4.20\n')
  expect(await run(process.execPath, ['src/cli.mjs', 'entries.csv'], { cwd: root })).toEqual({
    code: 0,
    stdout: '2025-01  -4.20\n  other  -4.20\n',
    stderr: '',
  })
}, 120_000)

test('the demo is not built over something that is there', async () => {
  const root = await dirs.make()
  expect(await orchestrate(root, ['demo', '--dir', '.'])).toEqual({
    code: 2,
    stdout: '',
    stderr: `error: ${root} is there already.\n  hint: Name a directory that does not exist yet.\n`,
  })
})
