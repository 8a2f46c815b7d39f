import { afterEach, expect, it } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { buildSync } from 'esbuild'
import { fromPs, findHolders } from '../../../src/adapters/process/process-table.ts'
import { createSweeper } from '../../../src/adapters/process/sweep.ts'

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

let count = 0
const freshRun = (): string => `sweep-${process.pid}-${(count += 1)}`

/** A program with this run in its environment, ready when it has printed. */
async function start(run: string, program: string): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    ['-e', `${program}; setInterval(() => {}, 1000); console.log('up')`],
    {
      env: { PATH: process.env['PATH'], ORCHESTRATE_RUN: run },
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    },
  )
  children.push(child)
  await once(child.stdout ?? child, 'data')
  return child
}

it('ends every process of the run, also those that ignore SIGTERM, and counts them', async () => {
  const run = freshRun()
  const polite = await start(run, '')
  const stubborn = await start(run, `process.on('SIGTERM', () => {})`)
  const ends = [once(polite, 'exit'), once(stubborn, 'exit')]
  expect(await createSweeper(300).sweep(run)).toBe(2)
  const [[, first], [, second]] = (await Promise.all(ends)) as [[null, string], [null, string]]
  expect([first, second]).toEqual(['SIGTERM', 'SIGKILL'])
})

it('leaves the processes of other runs alone, also where one name begins with the other', async () => {
  const run = freshRun()
  const other = await start(`${run}0`, '')
  expect(await createSweeper().sweep(run)).toBe(0)
  expect(other.exitCode).toBeNull()
  expect(other.signalCode).toBeNull()
})

it('finds nobody where nothing runs', async () => {
  expect(await createSweeper().sweep(freshRun())).toBe(0)
})

it('does not count us or those who started us', async () => {
  const run = freshRun()
  const built = buildSync({
    entryPoints: [new URL('../../../src/adapters/process/process-table.ts', import.meta.url).pathname],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    write: false,
  }).outputFiles[0]?.text
  const inner = `${built}; module.exports.findHolders('ORCHESTRATE_RUN', '${run}').then((pids) => console.log(JSON.stringify(pids)))`
  // The outer program holds the run's variable, and so does the inner one, which looks.
  const program = `console.log(require('node:child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(inner)}], { encoding: 'utf8' }).stdout)`
  const outer = spawn(process.execPath, ['-e', program], {
    env: { PATH: process.env['PATH'], ORCHESTRATE_RUN: run },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  outer.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  await once(outer, 'close')
  expect(JSON.parse(printed)).toEqual([])
})

it('finds the same processes through ps as through /proc', async () => {
  const run = freshRun()
  const child = await start(run, '')
  expect(await fromPs('ORCHESTRATE_RUN', run)).toEqual([child.pid])
  expect(await findHolders('ORCHESTRATE_RUN', run)).toEqual([child.pid])
})
