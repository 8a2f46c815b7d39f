import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { planFaults } from '../../support/plan-faults.ts'
import { FUZZED } from '../../support/plan-fuzz.ts'

// the same plans each time; `npm run test:nightly -- fuzz` draws others by the thousand, each with a time it has to end in
test.each(Object.entries(FUZZED))(
  'nothing about %s breaks reading, reviewing, mending',
  async (_kind, plans) => {
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => expect(await planFaults(plan)).toEqual([])),
      { numRuns: 25, seed: 1 },
    )
  },
)
