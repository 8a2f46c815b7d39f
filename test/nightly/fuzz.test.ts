/** What `test/core/ingest/fuzz.test.ts` draws some of, by the thousand, each plan with a time it has to end in. */
import { afterAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { FuzzThread } from '../support/fuzz-thread.ts'
import { FUZZED } from '../support/plan-fuzz.ts'

/** Milliseconds of one kind, however many it comes to. */
const BUDGET = 60_000
const RUNS = 4_000
/** The seed that a failure printed, to draw the same plans again. */
const SEED = process.env.FUZZ_SEED

const thread = FuzzThread.open()
afterAll(async () => await thread.close())

test.each(Object.entries(FUZZED))(
  'nothing about %s breaks reading, reviewing, mending',
  async (kind, plans) => {
    let runs = 0
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        runs += 1
        expect(await thread.faultsOf(plan)).toEqual([])
      }),
      {
        numRuns: RUNS,
        interruptAfterTimeLimit: BUDGET,
        ...(SEED === undefined ? {} : { seed: Number(SEED) }),
      },
    )
    // a machine that is busy draws fewer; too few would say nothing
    expect({ kind, enough: runs >= RUNS / 40 }).toEqual({ kind, enough: true })
  },
)
