import { describe, expect, test } from '@jest/globals'

import { reviewPlan } from '../../../src/core/review/review.ts'
import { planOf, type PhaseSketch } from '../../support/plan-builder.ts'

const solid = { files: ['src/a.ts', 'src/a.test.ts'], criteria: ['`npm test` exits 0'] }
/** A phase whose task is vague, below these lines. */
const vague = (...prose: string[]): PhaseSketch => ({
  id: '1',
  prose,
  tasks: ['Improve performance'],
  ...solid,
})
const found = (phase: PhaseSketch | PhaseSketch[], severities = {}) => {
  const review = reviewPlan(planOf(Array.isArray(phase) ? phase : [phase]), severities)
  return {
    rules: review.diagnostics.map(({ rule, severity }) => `${severity} ${rule}`),
    silenced: review.silenced.map(
      ({ diagnostic, reason, place }) => `${diagnostic.rule} ${place.line} ${reason}`,
    ),
    messages: review.diagnostics.map(({ message }) => message),
    hints: review.diagnostics.map(({ hint }) => hint),
    blocking: review.blocking.length,
  }
}

describe('a comment of the plan', () => {
  test('silences what it names on the next line, with its reason', () => {
    expect(found(vague())).toMatchObject({ rules: ['warning vague-task'], silenced: [] })
    expect(found(vague('<!-- orchestrate-ignore vague-task: the budget is set on Friday -->'))).toMatchObject(
      {
        rules: [],
        silenced: ['vague-task 3 the budget is set on Friday'],
      },
    )
  })

  test('silences its own line where it stands behind something', () => {
    const task = 'Improve performance <!-- orchestrate-ignore vague-task: on purpose -->'
    const plan = planOf([{ id: '1', tasks: [{ title: 'Improve performance' }], ...solid }])
    plan.files = plan.files.map((file) => ({ ...file, text: file.text.replace('Improve performance', task) }))
    expect(reviewPlan(plan).diagnostics).toEqual([])
  })

  test('is about one line only, unless it says section or file', () => {
    const phase = (comment: string): PhaseSketch => ({ ...vague(comment, 'Some words.'), criteria: [] })
    expect(found(phase('<!-- orchestrate-ignore vague-task: x -->')).rules).toContain('warning vague-task')
    for (const scope of ['section', 'file']) {
      const comment = `<!-- orchestrate-ignore-${scope} vague-task, no-acceptance-criteria: a spike -->`
      expect(found(phase(comment))).toMatchObject({
        rules: [],
        silenced: [/^no-acc/, /^vague/].map((r) => expect.stringMatching(r)),
      })
    }
  })

  test('of a section is not about the next one', () => {
    const { rules } = found([
      vague('<!-- orchestrate-ignore-section vague-task: x -->'),
      { ...vague(), id: '2', tasks: ['Polish the page'] },
    ])
    expect(rules).toContain('warning vague-task')
  })

  test('several of them are all about the line below', () => {
    const comments = ['vague-task', 'task-cannot-fail'].map(
      (id) => `<!-- orchestrate-ignore ${id}: decided -->`,
    )
    const plan: PhaseSketch = { id: '1', prose: comments, tasks: ['Improve it if possible'], ...solid }
    expect(found({ ...plan, prose: [] }).rules).toEqual(['warning vague-task', 'warning task-cannot-fail'])
    expect(found(plan)).toMatchObject({ rules: [], silenced: expect.arrayContaining([expect.any(String)]) })
  })

  test('without a reason silences nothing', () => {
    expect(found(vague('<!-- orchestrate-ignore vague-task -->')).rules).toEqual([
      'warning silencer-without-reason',
      'warning vague-task',
    ])
  })

  test('that meets nothing is told, with what was probably meant', () => {
    expect(found(vague('<!-- orchestrate-ignore vage-task: x -->'))).toMatchObject({
      rules: ['warning unused-silencer', 'warning vague-task'],
      messages: ['vage-task is no rule of the review', expect.any(String)],
      hints: ['Did you mean vague-task?', expect.any(String)],
    })
  })

  test('of a phase that is done is left alone', () => {
    const phase = vague('<!-- orchestrate-ignore vague-task: x -->')
    expect(
      found([
        { ...phase, status: 'completed' },
        { id: '2', tasks: ['Write the store'], ...solid },
      ]).rules,
    ).toEqual([])
  })

  test('in a code fence is no comment', () => {
    expect(found(vague('```', '<!-- orchestrate-ignore-file vague-task: x -->', '```')).rules).toEqual([
      'warning vague-task',
    ])
  })

  test('turns what guards the approver into a note and no further', () => {
    const phase: PhaseSketch = {
      id: '1',
      prose: ['<!-- orchestrate-ignore destructive-command: a throw-away machine -->'],
      tasks: ['Run git push --force'],
      ...solid,
    }
    expect(found(phase)).toMatchObject({
      rules: ['info destructive-command'],
      messages: [expect.stringMatching(/\(silenced by the plan: a throw-away machine\)$/)],
      silenced: ['destructive-command 3 a throw-away machine'],
    })
  })

  test('does not make a circle of dependencies run', () => {
    const circle: PhaseSketch[] = [
      { ...vague('<!-- orchestrate-ignore-file cyclic-dependency, vague-task: x -->'), dependsOn: ['1'] },
    ]
    expect(found(circle)).toMatchObject({ rules: [], blocking: 1 })
    expect(found(circle, { 'cyclic-dependency': 'off' })).toMatchObject({ blocking: 1 })
  })
})

describe('the configuration', () => {
  test('says how much a rule weighs, or that it is off', () => {
    expect(found(vague(), { 'vague-task': 'error' }).rules).toEqual(['error vague-task'])
    expect(found(vague(), { 'vague-task': 'off' }).rules).toEqual([])
  })

  test('that turns a rule off does not make its silencers useless', () => {
    const phase = vague('<!-- orchestrate-ignore vague-task: x -->')
    expect(found(phase, { 'vague-task': 'off' })).toMatchObject({ rules: [], silenced: [] })
  })
})
