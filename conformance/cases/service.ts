import type { AgentFailure } from '../../src/core/ports.ts'
import { bad, type Case, DONE, failedAs, judged, outcomeWord } from '../case.ts'

const answering = (status: number, reason: AgentFailure['reason']): Case => ({
  name: `status ${status}`,
  wanted: `told as ${reason}`,
  run: async ({ call }) => failedAs(await call({ moves: [{ status }] }), reason),
})

/** What comes of a model's service that fails, and of money and turns that run out. */
export const SERVICE: Case[] = [
  answering(400, 'refused'),
  answering(401, 'auth'),
  answering(429, 'rate-limited'),
  answering(500, 'unavailable'),
  answering(529, 'rate-limited'),
  {
    name: 'refused connection',
    wanted: 'told as unavailable',
    run: async ({ call }) => failedAs(await call({ moves: [], fault: 'refused' }), 'unavailable'),
  },
  {
    name: 'cut stream',
    wanted: 'told as unavailable',
    run: async ({ call }) => failedAs(await call({ moves: [{ answer: DONE }], fault: 'cut' }), 'unavailable'),
  },
  {
    name: 'stalled stream',
    wanted: 'ended as idle',
    async run({ call }) {
      const limits = { wallMs: 40_000, extraMs: 0, idleMs: 6_000 }
      return failedAs(await call({ moves: [{ answer: DONE }], fault: 'stalled' }, { limits }), 'idle')
    },
  },
  {
    name: 'budget',
    wanted: 'ended as over-budget; the call after the one that passed it is never made',
    async run({ call, requests }) {
      const limits = { wallMs: 45_000, extraMs: 0, idleMs: 40_000, budgets: { step: 0.5 } }
      const outcome = await call(
        { moves: [{ shell: 'true' }], tokens: { input: 1_000_000, output: 1000 } },
        { limits },
      )
      const asked = requests().filter(({ tools }) => tools.length > 0).length
      if (asked !== 1) return bad(`${asked} calls, ${outcomeWord(outcome)}`)
      return judged(failedAs(outcome, 'over-budget').ok, outcomeWord(outcome))
    },
  },
  {
    name: 'turns',
    wanted: 'an agent that goes round in circles is ended as over-budget',
    async run({ call, requests }) {
      const outcome = await call({ moves: [{ shell: 'true' }] }, {}, { maxCalls: 4 })
      const asked = requests().length
      return judged(
        asked <= 4 && failedAs(outcome, 'over-budget').ok,
        `${outcomeWord(outcome)}, ${asked} calls`,
      )
    },
  },
]
