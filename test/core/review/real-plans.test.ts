import { describe, expect, test } from '@jest/globals'

import { ingest } from '../../../src/core/ingest/ingest.ts'
import { renderDiagnostics } from '../../../src/core/report/diagnostics.ts'
import { CATALOGUE, reviewPlan } from '../../../src/core/review/review.ts'
import { planFilesOf, PLANS } from '../ingest/fixtures.ts'
import { memorySource } from '../ingest/memory-source.ts'

/** The fixtures that are broken on purpose, and what must be said of them. */
const BROKEN: Record<string, string> = { cycle: 'cyclic-dependency' }

/** Fixtures in which nobody finds a phase. */
const NO_PLAN = ['gbk', 'no-phases']

describe.each(PLANS)('%s', (name) => {
  test('is reviewed with findings on lines that exist, and no error where nothing is broken', async () => {
    const { plan } = await ingest(memorySource(planFilesOf(name)))
    if (plan === undefined) return expect(NO_PLAN).toContain(name)
    const { diagnostics, confidence } = reviewPlan(plan)
    const ours = new Set(CATALOGUE.map(({ id }) => id))
    const errors = diagnostics.filter(({ severity, rule }) => severity === 'error' && ours.has(rule))
    expect([...new Set(errors.map(({ rule }) => rule))]).toEqual(
      BROKEN[name] === undefined ? [] : [BROKEN[name]],
    )
    expect(confidence.size).toBe(new Set(plan.phases.map(({ id }) => id)).size)
    for (const { file, line } of diagnostics.filter(({ rule }) => ours.has(rule))) {
      const text = plan.files.find(({ path }) => path === file)?.text
      expect({ file, lines: text?.split('\n').length ?? 0 }).toEqual({ file, lines: expect.any(Number) })
      expect(text?.split('\n').length ?? 0).toBeGreaterThanOrEqual(line)
    }
    const printed = renderDiagnostics(
      diagnostics,
      (file) => plan.files.find(({ path }) => path === file)?.text,
      { color: false, width: 80 },
    )
    expect(printed.split('\n').length).toBeGreaterThan(diagnostics.length)
  })
})
