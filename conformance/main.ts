/**
 * npm run conformance -- [NAME…] [--only TEXT] [--uncaged] [--write] [--check]
 *
 * Runs every case with the real programs, through our adapters and our gateway, against a scripted model on loopback, and prints
 * a table. `--write` brings docs/agents.md up to date, `--check` fails where a cell is red that the table there has green, or
 * that it does not have.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AGENT_NAMES } from '../src/core/model/config.ts'
import { bad, type Case, type Finding } from './case.ts'
import { CHECKOUT } from './cases/checkout.ts'
import { ENDING } from './cases/ending.ts'
import { SERVICE } from './cases/service.ts'
import { WORK } from './cases/work.ts'
import { publish, readTable, type Results, shown } from './table.ts'
import { binDirectory, callAgent, type CallPlan, closeCage, openRig, type Place } from './rig.ts'

const CASES: Case[] = [...WORK, ...CHECKOUT, ...SERVICE, ...ENDING]
/** On two cores; most of a case is a program that starts. */
const AT_ONCE = 2

const args = process.argv.slice(2)
if (args[0] === '--call') {
  // This process is there to be killed.
  await callAgent(JSON.parse(args[1] ?? '') as CallPlan)
} else {
  process.exitCode = await main()
}

async function main(): Promise<number> {
  const programs = JSON.parse(process.env['CONFORMANCE_PROGRAMS'] ?? '{}') as Record<string, Program>
  const only = args.includes('--only') ? (args[args.indexOf('--only') + 1] ?? '') : ''
  const caged = !args.includes('--uncaged')
  const cases = CASES.filter(({ name }) => name.includes(only))
  const home = await mkdtemp(join(tmpdir(), 'conformance-'))
  const results: Results = new Map()
  try {
    for (const [cli, { file, version }] of Object.entries(programs)) {
      const name = AGENT_NAMES.find((one) => one === cli)
      if (name === undefined) throw new Error(`there is no agent ${cli}`)
      const place = { cli: name, bin: await binDirectory(home, cli, file), caged }
      results.set(cli, { version, caged, cells: await column(place, cases) })
    }
  } finally {
    await closeCage()
    await rm(home, { recursive: true, force: true })
  }
  process.stdout.write(shown(results, cases))
  if (args.includes('--json')) process.stdout.write(`${JSON.stringify(plain(results), null, 2)}\n`)
  const before = await readTable()
  const red = [...results].flatMap(([cli, { cells }]) =>
    [...cells].flatMap(([name, { ok, seen }]) =>
      ok || before.get(cli)?.get(name) === false ? [] : [`${cli}, ${name}: ${seen}`],
    ),
  )
  if (args.includes('--write')) await publish(results, CASES)
  if (!args.includes('--check') || red.length === 0) return 0
  process.stderr.write(`Red, and not red in docs/agents.md:\n${red.map((one) => `  ${one}\n`).join('')}`)
  return 1
}

interface Program {
  file: string
  version: string
}

async function column(place: Place, cases: Case[]): Promise<Map<string, Finding>> {
  const found = new Map<string, Finding>()
  const waiting = [...cases]
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const begun = Date.now()
      const finding = await attempt(place, next)
      found.set(next.name, finding)
      const took = ((Date.now() - begun) / 1000).toFixed(1)
      process.stderr.write(
        `${finding.ok ? '✔' : '✖'} ${place.cli.padEnd(9)} ${next.name.padEnd(28)} ${took} s  ${finding.seen}\n`,
      )
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return found
}

async function attempt(place: Place, { run }: Case): Promise<Finding> {
  const { rig, close } = await openRig(place)
  try {
    return await run(rig)
  } catch (error) {
    return bad(String(error))
  } finally {
    await close()
  }
}

const plain = (results: Results): object =>
  Object.fromEntries(
    [...results].map(([cli, { version, cells }]) => [cli, { version, cases: Object.fromEntries(cells) }]),
  )
