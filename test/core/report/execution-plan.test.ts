import { describe, expect, test } from '@jest/globals'
import { fileURLToPath } from 'node:url'
import { DEFAULT_CONFIG } from '../../../src/core/model/config.ts'
import { phaseId } from '../../../src/core/model/ids.ts'
import { executionPlanText, settingRows } from '../../../src/core/report/execution-plan.ts'
import { displayWidth } from '../../../src/core/text/display.ts'
import { PLAIN } from '../../../src/core/text/style.ts'
import { expectGolden } from '../../support/golden.ts'
import { given, plan } from './plans.ts'

const golden = (name: string) => fileURLToPath(new URL(`./golden/${name}`, import.meta.url))

describe('the execution plan at the gate', () => {
  test.each([120, 80])('shows everything that is approved, at %i columns', (columns) =>
    expectGolden(
      executionPlanText(given({ cage: { held: true } }), columns, PLAIN),
      golden(`gate-${columns}.txt`),
    ),
  )

  test.each([60, 80, 100, 120])('is no wider than %i columns', (columns) => {
    const lines = executionPlanText(given(), columns, PLAIN).split('\n')
    expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(columns)
  })

  test('says loudly that nothing will be built or tested', () => {
    const text = executionPlanText(given({ commands: {} }), 120, PLAIN)
    expect(text).toContain('NO BUILD COMMAND FOUND: nothing will be built. Give one with --build-cmd.')
    expect(text).toContain('NO TEST COMMAND FOUND: nothing will be tested. Give one with --test-cmd.')
  })

  test('shows only the phases that were chosen', () => {
    const text = executionPlanText(
      given({ config: { ...DEFAULT_CONFIG, phases: [phaseId('3')] } }),
      120,
      PLAIN,
    )
    expect(text).toContain('A store that keeps links')
    expect(text).not.toContain('Data model')
  })

  test('pairs no phases that name the same file', () => {
    const shared = plan()
    const phases = shared.phases.map((phase) => ({ ...phase, files: ['src/same.mjs'] }))
    const text = executionPlanText(given({ plan: { ...shared, phases } }), 120, PLAIN)
    expect(text).not.toContain('Side by side')
  })

  test.each([
    ['caged', {}, { held: true as const }],
    ['caged, but for test', { uncaged: ['test' as const] }, { held: true as const }],
    [
      'no cage (socat not installed): agents run with your rights',
      {},
      { held: false as const, why: 'socat not installed.' },
    ],
    ['caged: a job that cannot make a cage stops', { sandbox: 'required' as const }, undefined],
    [
      'caged: a job that cannot make a cage stops unless its repository accepts that (ORCHESTRATE_UNCAGED)',
      {},
      undefined,
    ],
    [
      'no cage: a job refuses that unless its repository accepts that (ORCHESTRATE_UNCAGED), and agents then run with your rights',
      { sandbox: 'off' as const },
      undefined,
    ],
  ])('says what holds the agents: %s', (text, config, cage) => {
    const plan = given({ config: { ...DEFAULT_CONFIG, ...config }, ...(cage === undefined ? {} : { cage }) })
    const row = settingRows(plan).find(([name]) => name === 'agent')?.[1] ?? ''
    expect(row.split(' · ').filter((part) => !part.startsWith('model') && part !== 'claude')).toEqual([text])
  })
})
