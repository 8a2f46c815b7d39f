import { describe, expect, test } from '@jest/globals'
import { flagsToConfig, selectPhases } from '../../../src/core/gate/select-phases.ts'
import { phaseId } from '../../../src/core/model/ids.ts'

const ids = ['1', '1.5', '2', '3', '3a', 'A-1', 'A-2', '10'].map(phaseId)
const select = (...selectors: string[]) => {
  const found = selectPhases(selectors, ids)
  return found.ok ? found.value : found.error.map(({ message, hint }) => `${message} ${hint}`)
}

describe('the phases that are meant', () => {
  test('come in the order of the plan, each once', () => {
    expect(select('3', '1', '3')).toEqual(['1', '3'])
    expect(select('1-3', '2-3a', '10')).toEqual(['1', '1.5', '2', '3', '3a', '10'])
  })

  test('an id that has a dash is that phase, and may begin and end a range', () => {
    expect(select('A-1')).toEqual(['A-1'])
    expect(select('A-1-10')).toEqual(['A-1', 'A-2', '10'])
    expect(select('3a-A-2')).toEqual(['3a', 'A-1', 'A-2'])
  })

  test('what the plan does not have is told, all of it', () => {
    expect(select('4', '2-9', '3-1', '3b')).toEqual([
      'The plan has no phase 4. Its phases: 1, 1.5, 2, 3, 3a, A-1, A-2 and 10.',
      'The plan has no phase 9. Its phases: 1, 1.5, 2, 3, 3a, A-1, A-2 and 10.',
      '“3-1” is the wrong way round: the plan has phase 1 before phase 3. Write 1-3.',
      'The plan has no phase 3b. Its phases: 1, 1.5, 2, 3, 3a, A-1, A-2 and 10.',
    ])
  })

  test('a range that can be read in two ways is refused', () => {
    const odd = ['1', '2', '1-2', '2-3', '3'].map(phaseId)
    expect(selectPhases(['1-2-3'], odd)).toMatchObject({ ok: false, error: [{ reason: 'bad-value' }] })
  })
})

test('flags of an approval become configuration', () => {
  expect(
    flagsToConfig({ phases: ['1-2'], maxCostUsd: 5, dispatch: 'classic', subprocess: false }, ids),
  ).toEqual({
    ok: true,
    value: { phases: ['1', '1.5', '2'], maxCostUsd: 5, dispatch: 'classic', subprocess: false },
  })
  expect(flagsToConfig({}, ids)).toEqual({ ok: true, value: {} })
})
