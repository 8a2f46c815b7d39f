import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { TEAM_LOG } from '../../src/core/execute/team/team-progress.ts'
import { phaseRef } from '../../src/core/model/ledger-refs.ts'
import { phaseId } from '../../src/core/model/ids.ts'
import { answerWell, type FakeCall } from '../support/fake-agent.ts'
import { taskPlan } from '../support/plans.ts'
import { type RunRig, runRig } from '../support/run-rig.ts'

/** Without criteria the confidence in it is medium. */
const THREE = {
  'task_plan.md': taskPlan([
    {
      id: '1',
      tasks: [
        'Write the store in `store.txt`',
        'Write the routes in `routes.txt`',
        'Write the page in `page.txt`',
      ],
    },
  ]).replace(/### Acceptance Criteria\n.*\n/, ''),
}
const FILES: Record<string, string> = { '1.1': 'store.txt', '1.2': 'routes.txt', '1.3': 'page.txt' }
const TEAM = { dispatch: 'team' as const, maxParallel: 2 }

/** What the ledger's newest entry of the phase has as the team's log. */
async function logOf(rig: RunRig, attempt = 1): Promise<string> {
  const { ledger } = await rig.ports()
  const chain = await ledger.read(phaseRef((await rig.view()).run, phaseId('1'), attempt))
  const head = chain.ok ? chain.value.entries.at(-1)?.commit : undefined
  return (head && (await ledger.file(head, TEAM_LOG))) ?? ''
}

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((go) => setTimeout(go, 20))
}
const says = (call: FakeCall, artifact: object) =>
  call.finish({ artifact: { summary: `Did ${call.step}.`, ...artifact } })
const implements_ = async (call: FakeCall): Promise<void> => {
  await call.write({ [FILES[call.unit] ?? 'x.txt']: `${call.unit}\n` })
  await says(call, {})
}

describe('a team', () => {
  test('plans, sends back, relays, replaces, and loses nothing where two write one file', async () => {
    const tries = new Map<string, number>()
    const prompts = new Map<string, string[]>()
    const waiting = new Map<string, FakeCall>()
    const boards: string[] = []
    const rig: RunRig = await runRig({
      plan: THREE,
      config: TEAM,
      processes: true,
      answer: async (call) => {
        const key = `${call.step} ${call.unit}`.trim()
        const n = (tries.get(key) ?? 0) + 1
        tries.set(key, n)
        prompts.set(key, [...(prompts.get(key) ?? []), call.prompt])
        if (key === 'lead') {
          // Who only leads changes nothing, whatever it does.
          await call.write({ 'lead.txt': 'I could not resist\n' })
          const verdicts = Object.keys(FILES).map((unit) =>
            unit === '1.2' && n === 1
              ? { unit, approved: false, note: 'endAll does not exist' }
              : { unit, approved: true },
          )
          return await says(call, { verdicts, discoveries: ['Sessions end by end(id)'] })
        }
        if (call.step === 'lead') return await says(call, { plan: `Plan ${n} for ${call.unit}`, files: [] })
        if (call.step !== 'implement') return await answerWell(call)
        if (call.unit === '1.1' || call.unit === '1.2') {
          if (n === 1) {
            // Neither goes on before the other has begun.
            waiting.set(call.unit, call)
            await until(() => waiting.size === 2)
          }
          if (call.unit === '1.1' && n === 1)
            await call.append(call.env['ORCHESTRATE_DISCOVERIES'] ?? '', 'The store needs a lock\n')
          if (call.unit === '1.2' && n === 1) {
            const board = (): string => readFileSync(call.env['ORCHESTRATE_TEAM'] ?? '', 'utf8')
            await until(() => board().includes('The store needs a lock'))
            boards.push(board())
          }
          // Outside of the files of either.
          await call.write({ 'index.txt': `${call.unit} was here\n` })
        }
        if (call.unit === '1.3' && n < 3) return await call.crash()
        return await implements_(call)
      },
    })
    const ended = await rig.run()
    expect(ended.failures).toEqual([])

    const gate = rig.events.flatMap((event) => (event.type === 'execution-plan' ? [event.text] : [])).join('')
    expect(gate.replace(/\s+/g, ' ')).toContain(
      "Dispatch - phase 1 team: asked for with --team; workers' plans are approved by the lead first (confidence medium)",
    )
    expect(rig.calls().slice(0, 6)).toEqual([
      ...['lead 1.1', 'lead 1.2'].map((call) =>
        expect.stringMatching(new RegExp(`^(?:${call}|lead 1\\.[12])$`)),
      ),
      'lead 1.3',
      'lead',
      'lead 1.2',
      'lead',
    ])
    expect(prompts.get('lead')?.[0]).toMatch(/## Plan for 1\.1: Write the store[\s\S]*Plan 1 for 1\.1/)
    expect(prompts.get('lead 1.2')?.[1]).toMatch(/Why the lead rejected it[^\n]*\n```\nendAll does not exist/)
    expect(prompts.get('implement 1.2')?.[0]).toMatch(/as the lead approved it[^\n]*\n```\nPlan 2 for 1\.2/)
    expect(prompts.get('implement 1.2')?.[0]).toContain('Sessions end by end(id)')

    const [board = '{}'] = boards
    const { tasks, discoveries } = JSON.parse(board) as {
      tasks: { id: string; state: string }[]
      discoveries: object[]
    }
    expect(tasks.map(({ id, state }) => `${id} ${state}`)).toEqual([
      '1.1 working',
      '1.2 working',
      '1.3 planned',
    ])
    expect(discoveries).toContainEqual({ unit: '1.1', text: 'The store needs a lock' })
    expect(prompts.get('implement 1.3')?.[0]).toContain('1.1: The store needs a lock')

    // Both wrote index.txt: whoever came second did its work again, on top of the first's.
    expect((tries.get('implement 1.1') ?? 0) + (tries.get('implement 1.2') ?? 0)).toBe(3)
    const of = (path: string): string => rig.repo.git('show', `main:${path}`)
    expect([of('store.txt'), of('routes.txt'), of('page.txt')]).toEqual(['1.1', '1.2', '1.3'])
    expect(of('index.txt')).toMatch(/^1\.[12] was here$/)
    expect(rig.repo.git('log', '--format=%s', 'main', '--', 'index.txt').split('\n')).toHaveLength(2)
    expect(rig.repo.git('ls-tree', '--name-only', 'main')).not.toContain('lead.txt')

    expect(prompts.get('implement 1.3')?.[2]).toMatch(/The worker before you got stuck[\s\S]*exit code 137/)
    const log = await logOf(rig)
    for (const line of [
      /Attempt 1: 3 units, one process for each worker, plans are approved first\./,
      /Plan of 1\.2 rejected \(1 of 2\): endAll does not exist/,
      /Plan of 1\.2 approved/,
      /1\.1 found out, told to all: The store needs a lock/,
      /Worker of 1\.3 is stuck \(agent-(?:crashed|killed)\) and replaced \(2 of 2\)\./,
      /1\.3 is done/,
    ])
      expect(log).toMatch(line)
    const subjects = rig.repo.git('log', '--format=%s', 'main^1..main^2').split('\n')
    expect(subjects.toSorted()).toEqual([
      'orchestrate(phase-1): Write the page in page.txt',
      'orchestrate(phase-1): Write the routes in routes.txt',
      'orchestrate(phase-1): Write the store in store.txt',
    ])
    await rig.verify()
  })

  test('asks a person after two rejected plans, and after three workers that got stuck', async () => {
    let mode: 'reject' | 'stuck' | 'well' = 'reject'
    const rig: RunRig = await runRig({
      plan: THREE,
      config: TEAM,
      answer: async (call) => {
        if (call.step === 'lead' && call.unit === '')
          return await says(call, {
            verdicts: Object.keys(FILES).map((unit) => ({
              ...{ unit, approved: unit !== '1.1' || mode !== 'reject', note: 'Not so' },
            })),
          })
        if (call.step === 'lead') return await says(call, { plan: `Write ${FILES[call.unit]}` })
        if (call.step !== 'implement') return await answerWell(call)
        // It says that it is done, and did nothing.
        if (mode === 'stuck' && call.unit === '1.2') return await says(call, {})
        return await implements_(call)
      },
    })
    const rejected = await rig.run()
    expect(rejected.exit).toBe(3)
    expect(rejected.failures[0]?.message).toContain(
      'The lead rejected 2 plans for 1.1. The last: Write store.txt',
    )
    expect(rig.calls().filter((call) => call === 'lead 1.1')).toHaveLength(2)
    expect(rig.calls().filter((call) => call.startsWith('implement'))).toEqual([])

    mode = 'stuck'
    const stuck = await rig.resume()
    expect(stuck.exit).toBe(3)
    expect(stuck.failures[0]?.message).toMatch(
      /3 workers, one after the other, got stuck with 1\.2: .*Nothing was changed/,
    )
    expect(rig.calls().filter((call) => call === 'implement 1.2')).toHaveLength(3)
    // The one beside it went on, and what was approved is not asked again.
    const before = rig.calls().length
    mode = 'well'
    expect((await rig.resume()).failures).toEqual([])
    expect(
      rig
        .calls()
        .slice(before)
        .filter((call) => /^(?:lead|implement)/.test(call)),
    ).toEqual(['implement 1.2'])
    expect(await logOf(rig, 3)).toMatch(/given up after 3 workers \(empty-diff\)[\s\S]*Attempt 3: /)
    await rig.verify()
  })

  test('keeps each plan as it comes where it is cut off, and asks the lead once more for a verdict that is missing', async () => {
    let begun = 0
    const judged: string[] = []
    const rig: RunRig = await runRig({
      plan: THREE,
      config: { ...TEAM, maxParallel: 3 },
      answer: async (call) => {
        if (call.step === 'lead' && call.unit === '') {
          judged.push(call.prompt)
          const verdicts = ['1.1', '1.3', ...(judged.length > 1 ? ['1.2'] : [])]
          return await says(call, { verdicts: verdicts.map((unit) => ({ unit, approved: true })) })
        }
        if (call.step === 'lead' && call.unit === '1.2' && ++begun === 1) {
          // Whoever writes where it is to read has not written anything.
          await call.write({ 'page.txt': 'too early\n' })
          while (!(await logOf(rig)).includes('Worker of 1.3 plans'))
            await new Promise((go) => setTimeout(go, 20))
          rig.abort.abort()
          return await call.gone
        }
        if (call.step === 'lead') return await says(call, { plan: `Plan for ${call.unit}` })
        return await (call.step === 'implement' ? implements_(call) : answerWell(call))
      },
    })
    expect((await rig.run()).exit).not.toBe(0)
    rig.abort = new AbortController()
    expect((await rig.resume()).failures).toEqual([])
    const calls = rig.calls().filter((call) => call.startsWith('lead'))
    expect(calls.slice(0, 3).toSorted()).toEqual(['lead 1.1', 'lead 1.2', 'lead 1.3'])
    expect(calls.slice(3)).toEqual(['lead 1.2', 'lead', 'lead'])
    expect(judged[1]).toMatch(/## You skipped this\.[^#]*There is no verdict on the plan for 1\.2\./)
    expect(rig.repo.git('show', 'main:page.txt')).toBe('1.3')
    await rig.verify()
  })

  test('that nobody can lead works as a classic phase does', async () => {
    const rig = await runRig({
      plan: THREE,
      config: TEAM,
      answer: async (call) => {
        if (call.step === 'lead') return await call.finish({ exit: 1 })
        return await (call.step === 'implement' ? implements_(call) : answerWell(call))
      },
    })
    expect((await rig.run()).failures).toEqual([])
    expect(await logOf(rig)).toContain('failed (agent-crashed): the phase goes on without.')
    expect(rig.repo.git('log', '--format=%s', 'main^1..main^2').split('\n')).toHaveLength(3)
    await rig.verify()
  })
})
