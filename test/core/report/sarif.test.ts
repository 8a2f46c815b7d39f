import { describe, expect, test } from '@jest/globals'
import { Ajv } from 'ajv'
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

import type { Diagnostic } from '../../../src/core/model/diagnostic.ts'
import { toSarif } from '../../../src/core/report/formats.ts'
import { reviewPlan, RULES } from '../../../src/core/review/review.ts'
import { planOf } from '../../support/plan-builder.ts'

/** The published schema, of draft 4: what newer drafts read otherwise (`id`) does not occur below its root. */
function sarifSchema(): object {
  const require = createRequire(import.meta.url)
  const path = require.resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json')
  const { $schema, id, ...schema } = JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''))
  expect([$schema, id]).toEqual([
    'http://json-schema.org/draft-04/schema#',
    expect.stringContaining('sarif-2.1.0'),
  ])
  return schema
}

const validate = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(
  sarifSchema(),
)
const problemsOf = (text: string) => {
  validate(JSON.parse(text))
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}
const context = { dir: 'plans/a', version: '1.2.3', rules: RULES }

describe('SARIF 2.1.0', () => {
  test('holds for a review with findings of many kinds and silenced ones', () => {
    const plan = planOf([
      { id: '1', dependsOn: ['2'], tasks: ['Improve it', 'Then git push --force', 'Add\u200b a form'] },
      {
        id: '2',
        dependsOn: ['1'],
        prose: ['<!-- orchestrate-ignore-file vague-task: decided on Friday -->'],
      },
    ])
    const { diagnostics, silenced } = reviewPlan(plan)
    const text = toSarif(diagnostics, { ...context, silenced })
    expect(problemsOf(text)).toEqual([])
    const [{ results }] = JSON.parse(text).runs
    const suppressed = results.filter(
      ({ suppressions }: { suppressions?: unknown }) => suppressions !== undefined,
    )
    expect(suppressed).toMatchObject([
      { ruleId: 'vague-task', suppressions: [{ kind: 'inSource', justification: 'decided on Friday' }] },
    ])
    expect(results).toHaveLength(diagnostics.length + silenced.length)
  })

  test('holds whatever a plan is called and says', () => {
    const place = { line: fc.integer({ min: 1, max: 9_999 }), file: fc.string({ unit: 'binary' }) }
    const finding: fc.Arbitrary<Diagnostic> = fc.record({
      rule: fc.string({ minLength: 1 }),
      severity: fc.constantFrom('error' as const, 'warning' as const, 'info' as const),
      ...place,
      message: fc.string({ unit: 'binary' }),
      hint: fc.string({ unit: 'binary' }),
      related: fc.array(fc.record({ ...place, message: fc.string() }), { maxLength: 2 }),
    })
    fc.assert(
      fc.property(fc.array(finding, { maxLength: 4 }), (found) => {
        expect(problemsOf(toSarif(found, context))).toEqual([])
      }),
      { numRuns: 60 },
    )
  })

  test('is not what the schema takes whatever it says', () => {
    const broken = toSarif([], context).replace('"version": "2.1.0"', '"version": "9"')
    expect(problemsOf(broken)).not.toEqual([])
  })
})
