import { expect, test } from '@jest/globals'

import { goodPlans } from '../../../bench/review/good-plans.ts'
import { runSuite } from '../../../bench/review/suite.ts'
import { packageRoot } from '../../support/cli.ts'

/** Of both formats, with one phase and with several; `npm run bench:review` takes all there are. */
const SAMPLE = [
  'init',
  'demo',
  'no-file-targets.md',
  'depends-on-skipped.md',
  'unmet-need.md',
  'spec-file-missing.md',
]

test('every kind of defect is found by its own rule and no other, and good plans are left alone', async () => {
  const plans = goodPlans(packageRoot).filter(({ name }) => SAMPLE.includes(name))
  expect(plans).toHaveLength(SAMPLE.length)
  const { rules, errors, warnings, notes } = await runSuite(plans, 1)
  expect({ errors, warnings, notes }).toEqual({ errors: [], warnings: 0, notes: 0 })
  expect(rules.filter(({ planted }) => planted === 0).map(({ rule }) => rule)).toEqual([])
  expect(rules.flatMap(({ rule, missed }) => missed.map((where) => `${rule}: ${where}`))).toEqual([])
  expect(rules.flatMap(({ rule, beside }) => beside.map((where) => `${rule}: ${where}`))).toEqual([])
})
