import { expect, test } from '@jest/globals'
import { answerWell } from '../support/fake-agent.ts'
import { specPlan } from '../support/plans.ts'
import { runRig } from '../support/run-rig.ts'

test('a large spec goes to several agents, a long list of findings to several fixers, the worst first', async () => {
  const plan = specPlan([{ name: 'alpha', phase: 1, sprint: 1, files: ['alpha.txt'] }])
  const file = 'specs/alpha-spec.md'
  const items = Array.from({ length: 9 }, (_, i) => `- REQ-${i + 1}: thing ${i + 1} is there`)
  plan[file] = (plan[file] ?? '').replace('- REQ-1: alpha exists', items.join('\n'))
  const finding = (severity: string, n: number) => ({
    ...{ severity, file: 'alpha.txt', line: 1, title: `${severity} number ${n}` },
    ...{ detail: 'It does not do what it says.', recommendation: 'Do it.' },
  })
  const findings = [...Array(16).keys()].map((n) => finding(n < 13 ? 'P1' : 'P0', n))
  const prompts: string[] = []
  const fixed: string[][] = []
  const rig = await runRig({
    plan,
    answer: async (call) => {
      if (call.step === 'implement') prompts.push(call.prompt)
      if (call.step === 'review-code')
        return await call.finish({
          artifact: { summary: 'Read it.', findings: [...findings, finding('P1', 16)] },
        })
      if (call.step !== 'implement' && !call.step.startsWith('fix')) return await call.finish()
      if (call.step.startsWith('fix')) fixed.push(call.asked.findings.map(({ title }) => title))
      await call.append('alpha.txt', `${call.step} ${call.unit}\n`)
      return await call.finish()
    },
  })
  expect((await rig.run()).failures).toEqual([])

  expect(rig.calls().filter((call) => call.startsWith('implement'))).toEqual([
    'implement alpha#1',
    'implement alpha#2',
  ])
  const [first = '', second = ''] = prompts
  const part = (prompt: string) => prompt.slice(prompt.indexOf('## Your part of it'))
  expect(part(first)).toMatch(
    /1 of 2: these items\. Other agents do the rest after you[\s\S]*REQ-5: thing 5[^#]*```/,
  )
  expect(part(first)).not.toContain('REQ-6: thing 6')
  expect(part(second)).toMatch(/2 of 2: these items\. What comes before them is done\n```\nREQ-6: thing 6/)
  const trailers = rig.repo.git(
    'log',
    '--format=%s|%(trailers:key=Requirements,valueonly,separator=%x2C)',
    'main^2',
  )
  expect(trailers).toContain('alpha — Makes alpha work. (1 of 2)|REQ-1, REQ-2, REQ-3, REQ-4, REQ-5')

  expect(fixed.map((titles) => titles.map((title) => title.slice(0, 2)))).toEqual([
    ['P0', 'P0', 'P0', 'P1', 'P1', 'P1'],
    ['P1', 'P1', 'P1', 'P1', 'P1', 'P1'],
    ['P1', 'P1', 'P1', 'P1', 'P1'],
  ])
  expect(new Set(fixed.flat()).size).toBe(17)
  await rig.verify()
})

test('one agent for the whole phase is sent back once for what it skipped, by name', async () => {
  const plan = specPlan(
    ['alpha', 'beta'].map((name) => ({ name, phase: 1, sprint: 1, files: [`${name}.txt`] })),
  )
  const prompts: string[] = []
  const kinds = ['test', 'code', 'perf'] as const
  const reviews = kinds.map((kind) => ({ kind, summary: `Read ${kind}.`, findings: [] }))
  const rig = await runRig({
    plan,
    config: { subprocess: false },
    answer: async (call) => {
      if (call.step !== 'phase') return await answerWell(call)
      prompts.push(call.prompt)
      if (prompts.length === 1) {
        await call.write({ 'alpha.txt': 'a\n' })
        return await call.finish({ artifact: { summary: 'All done.', reviews: reviews.slice(0, 1) } })
      }
      await call.write({ 'beta.txt': 'b\n' })
      const criteria = call.asked.criteria.map((id) => ({ id, met: true, evidence: 'alpha.txt:1' }))
      return await call.finish({
        artifact: { summary: 'All done now.', reviews: reviews.slice(0, 2), criteria },
      })
    },
  })
  expect((await rig.run()).failures).toEqual([])

  const back = (prompts[1] ?? '').slice((prompts[1] ?? '').indexOf('## You skipped this'))
  expect(back).toContain('- Spec beta was not done: there is no beta.txt.')
  expect(back).toContain('- No review of the code and the performance counts.')
  expect(back).toMatch(/- Nobody judged .*alpha\/AC-1/)
  // Back once and no more: what is missing then a reviewer does.
  expect(rig.calls()).toEqual(['phase', 'phase', 'review-perf'])
  expect(rig.repo.git('show', 'main:alpha.txt', 'main:beta.txt')).toBe('a\nb')
  expect(rig.result('1')?.notes.filter((note) => note.startsWith('Sent back once'))).toHaveLength(3)
  expect(rig.result('1')?.criteria.notJudged).toEqual([])
  await rig.verify()
})
