import { describe, expect, test } from '@jest/globals'
import { TEAM_LOG } from '../../src/core/execute/team/team-progress.ts'
import { phaseId } from '../../src/core/model/ids.ts'
import { phaseRef } from '../../src/core/model/ledger-refs.ts'
import type { Agent, AgentRequest } from '../../src/core/ports.ts'
import { answerWell, type FakeCall, FakeAgentRig } from '../support/fake-agent.ts'
import { afterThisTest } from '../support/git.ts'
import { taskPlan } from '../support/plans.ts'
import { type RunRig, runRig } from '../support/run-rig.ts'

const NAMES = ['store', 'routes', 'page', 'help']
const PLAN = {
  'task_plan.md': taskPlan([
    { id: '1', tasks: NAMES.map((name) => `Write the ${name} in \`${name}.txt\``) },
  ]).replace(/### Acceptance Criteria\n.*\n/, ''),
}
const IDS = ['1.1', '1.2', '1.3', '1.4']
const fileOf = (unit: string): string => `${NAMES[IDS.indexOf(unit)] ?? 'x'}.txt`

/** A rig whose agent can lead workers of its own, as Claude Code does, and what it was asked. */
async function leadRig(
  answer: (call: FakeCall) => unknown,
): Promise<{ rig: RunRig; driven: FakeAgentRig; requests: AgentRequest[] }> {
  const driven = await FakeAgentRig.create()
  afterThisTest(() => driven.close())
  driven.auto(answer)
  const requests: AgentRequest[] = []
  const { here } = driven
  const otherAgent: Agent = {
    ...here,
    leads: true,
    run: (request, ...rest) => {
      requests.push(request)
      return here.run(request, ...rest)
    },
  }
  const rig = await runRig({ plan: PLAN, config: { dispatch: 'team', maxParallel: 3 }, otherAgent })
  return { rig, driven, requests }
}
const callsOf = (driven: FakeAgentRig): string[] =>
  driven.calls
    .map(({ step, unit }) => `${step} ${unit}`.trim())
    .filter((call) => /^(lead|implement)/.test(call))
const leads = ({ step, unit }: FakeCall): boolean => step === 'lead' && unit === ''
const write = (call: FakeCall, ...units: string[]): Promise<void> =>
  call.write(Object.fromEntries(units.map((unit) => [fileOf(unit), `${unit}\n`])))
const says = (call: FakeCall, artifact: object): Promise<void> =>
  call.finish({ artifact: { summary: `Did ${call.step}.`, ...artifact } })
const subjects = ({ repo }: RunRig): string[] =>
  repo.git('log', '--reverse', '--format=%s', 'main^1..main^2').split('\n')

async function logOf(rig: RunRig, attempt = 1): Promise<string> {
  const { ledger } = await rig.ports()
  const chain = await ledger.read(phaseRef((await rig.view()).run, phaseId('1'), attempt))
  const head = chain.ok ? chain.value.entries.at(-1)?.commit : undefined
  return (head && (await ledger.file(head, TEAM_LOG))) ?? ''
}

describe('a lead with workers of its own', () => {
  test('makes a commit of each piece that it calls done; what it does not, our own loop does with what was found out', async () => {
    const prompts = new Map<string, string>()
    const { rig, driven, requests } = await leadRig(async (call) => {
      prompts.set(`${call.step} ${call.unit}`.trim(), call.prompt)
      if (leads(call) && !prompts.has('lead 1.3')) {
        // 1.4 is done and not said; 1.3 is neither.
        await write(call, '1.1', '1.2', '1.4')
        return await says(call, {
          units: [
            { unit: '1.1', state: 'done', files: ['store.txt'] },
            { unit: '1.2', state: 'done', files: ['routes.txt'] },
          ],
          log: ['1.1 and 1.2 begun at one time', 'Plan of 1.2 rejected: it names no file'],
          discoveries: ['Sessions end by end(id)'],
          decisions: ['One file for each piece'],
        })
      }
      if (leads(call))
        return await says(call, { verdicts: ['1.3', '1.4'].map((unit) => ({ unit, approved: true })) })
      if (call.step === 'lead') return await says(call, { plan: `Plan for ${call.unit}` })
      if (call.step !== 'implement') return await answerWell(call)
      await write(call, call.unit)
      return await says(call, {})
    })
    expect((await rig.run()).failures).toEqual([])

    expect(callsOf(driven)[0]).toBe('lead')
    expect(callsOf(driven).slice(1, 4).toSorted()).toEqual(['lead', 'lead 1.3', 'lead 1.4'])
    expect(callsOf(driven).slice(4).toSorted()).toEqual(['implement 1.3', 'implement 1.4'])
    const [first] = requests
    expect(Object.keys(first?.workers ?? {})).toEqual(['planner', 'worker'])
    expect(first?.limits.wallMs).toBe(4 * rig.config.limits.wallMs)
    expect(requests.slice(1).every(({ workers }) => workers === undefined)).toBe(true)
    const asked = prompts.get('lead') ?? ''
    expect(requests[0]?.prompt.user).toMatch(/1\.3: Write the page in page\.txt · files page\.txt/)
    expect(requests[0]?.prompt.user).toContain('Plans are approved first')
    expect(asked).toContain('## Plan for 1.3')
    expect(prompts.get('implement 1.3')).toContain('Sessions end by end(id)')

    // 1.4 was there already: its worker had nothing to change, and the gates looked at it all the same.
    expect(subjects(rig)).toEqual([
      'orchestrate(phase-1): Write the store in store.txt',
      'orchestrate(phase-1): Write the routes in routes.txt',
      'orchestrate(phase-1): what its team did besides',
      'orchestrate(phase-1): Write the page in page.txt',
    ])
    for (const id of IDS) expect(rig.repo.git('show', `main:${fileOf(id)}`)).toBe(id)
    const log = await logOf(rig)
    for (const line of [
      'Attempt 1: 4 units, a lead with workers of its own, plans are approved first.',
      'Plan of 1.2 rejected: it names no file',
      '1.2 is done.',
      'The lead found out, told to all: Sessions end by end(id)',
      'Plan of 1.3 approved',
      '1.4 is done: Did implement.',
    ])
      expect(log).toContain(line)
    expect(rig.result('1')?.decisions).toContain('One file for each piece')
    await rig.verify()
  })

  test('that is stuck stops the phase with every piece; going on it gets those that are open', async () => {
    let isStuck = true
    const { rig, driven, requests } = await leadRig(async (call) => {
      if (!leads(call)) return await answerWell(call)
      const done = isStuck ? ['1.1', '1.2'] : ['1.3', '1.4']
      await write(call, ...done)
      const stuck = isStuck ? ['1.3', '1.4'] : []
      await says(call, {
        units: [
          ...done.map((unit) => ({ unit, state: 'done', files: [fileOf(unit)] })),
          ...stuck.map((unit) => ({ unit, state: 'stuck', note: `nobody knows ${unit}` })),
        ],
      })
    })
    const stopped = await rig.run()
    expect(stopped.exit).toBe(3)
    expect(stopped.failures[0]?.message).toContain(
      'The lead got stuck with 1.3, 1.4: 1.3: nobody knows 1.3\n1.4: nobody knows 1.4',
    )
    isStuck = false
    expect((await rig.resume()).failures).toEqual([])
    expect(callsOf(driven)).toEqual(['lead', 'lead'])
    expect(requests.filter(({ step }) => step === 'lead')[1]?.prompt.user).not.toContain('1.1: Write')
    expect(subjects(rig)).toEqual(
      NAMES.map((name) => `orchestrate(phase-1): Write the ${name} in ${name}.txt`),
    )
    expect(await logOf(rig, 2)).toMatch(
      /1\.3 is stuck: nobody knows 1\.3[\s\S]*Attempt 2: [\s\S]*1\.4 is done/,
    )
    await rig.verify()
  })

  test('that crashes, or writes what nobody may, leaves the phase to our own loop, and its work on a ref', async () => {
    const { rig, driven } = await leadRig(async (call) => {
      if (leads(call) && driven.calls.length === 1) {
        await write(call, '1.1', '1.2')
        return await call.crash()
      }
      if (leads(call)) return await says(call, { verdicts: IDS.map((unit) => ({ unit, approved: true })) })
      if (call.step === 'lead') return await says(call, { plan: `Plan for ${call.unit}` })
      if (call.step !== 'implement') return await answerWell(call)
      await write(call, call.unit)
      return await says(call, {})
    })
    expect((await rig.run()).failures).toEqual([])
    expect(
      callsOf(driven)
        .filter((call) => call.startsWith('implement'))
        .toSorted(),
    ).toEqual(IDS.map((id) => `implement ${id}`))
    expect(await logOf(rig)).toMatch(/The lead failed \(agent-\w+\): the phase goes on without\./)
    const saved = rig.repo.git('for-each-ref', '--format=%(refname)', 'refs/orchestrate').split('\n')
    const [ref] = saved.filter((name) => name.includes('/saved/'))
    expect(rig.repo.git('show', `${ref ?? ''}:store.txt`)).toBe('1.1')
    await rig.verify()
  })
})
