import { describe, expect, test } from '@jest/globals'
import { unitsOf } from '../../../src/core/execute/units.ts'
import { planOf, type SpecSketch } from '../../support/plan-builder.ts'

const requirements = (n: number): string[] => Array.from({ length: n }, (_, i) => `Does thing ${i + 1}`)
const unitsFor = (specs: SpecSketch[]) => {
  const [phase] = planOf([{ id: '1', specs }]).phases
  if (phase === undefined) throw new Error('no phase')
  return unitsOf(phase).map(({ id, after, part, title }) => ({ id, after, title, items: part?.items.length }))
}

describe('a spec', () => {
  test('of 8 items is one unit', () => {
    expect(unitsFor([{ name: 'model', requirements: requirements(8) }])).toEqual([
      { id: 'model', after: [], title: 'model' },
    ])
  })

  test('of more is shared out to agents one after the other, and who needs it waits for the last', () => {
    expect(
      unitsFor([
        { name: 'model', requirements: requirements(9), tasks: requirements(17) },
        { name: 'api', requirements: requirements(1), dependsOn: ['model'] },
        { name: 'page', sprint: 2, requirements: requirements(10) },
      ]),
    ).toEqual([
      { id: 'model#1', after: [], title: 'model (1 of 3)', items: 6 },
      { id: 'model#2', after: ['model#1'], title: 'model (2 of 3)', items: 6 },
      { id: 'model#3', after: ['model#2'], title: 'model (3 of 3)', items: 5 },
      { id: 'api', after: ['model#3'], title: 'api' },
      { id: 'page#1', after: ['model#3', 'api'], title: 'page (1 of 2)', items: 5 },
      { id: 'page#2', after: ['page#1'], title: 'page (2 of 2)', items: 5 },
    ])
  })
})
