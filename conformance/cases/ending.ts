import { createSweeper } from '../../src/adapters/process/sweep.ts'
import { bad, type Case, DONE, failedAs, judged, outcomeWord } from '../case.ts'

/** A command in its own session, and one in the agent's. */
const twice = (command: string): string => `setsid ${command} & ${command}`

/** How calls end, and what is left of them. */
export const ENDING: Case[] = [
  {
    name: 'SIGTERM',
    wanted: 'cancelled in the middle of a command: nothing of it runs afterwards',
    async run({ call, sleeper }) {
      const [asleep, stop] = [sleeper(), new AbortController()]
      const ended = call({ moves: [{ shell: twice(asleep.command) }] }, {}, { signal: stop.signal })
      await Promise.race([asleep.started(), ended])
      const before = await asleep.alive()
      stop.abort()
      const outcome = await ended
      const left = await asleep.alive()
      if (before === 0)
        return bad(`the command never ran, ${outcomeWord(outcome)}: ${outcome.tail.slice(-300)}`)
      return left > 0 ? bad(`${left} processes left`) : failedAs(outcome, 'cancelled')
    },
  },
  {
    name: 'SIGKILL of us',
    wanted: 'what a killed Orchestrate leaves behind is found by its run and ended',
    async run({ callApart, sleeper, run }) {
      const asleep = sleeper()
      const apart = await callApart({ moves: [{ shell: twice(asleep.command) }] })
      await asleep.started()
      await apart.kill()
      const swept = await createSweeper().sweep(run)
      const left = await asleep.alive()
      return left > 0 ? bad(`${left} processes left`) : judged(swept > 0, 'swept')
    },
  },
  {
    name: 'orphan sweep',
    wanted: 'a daemon that an agent leaves behind ends with its step',
    async run({ call, sleeper }) {
      const asleep = sleeper()
      const outcome = await call({
        moves: [{ shell: `setsid ${asleep.command} >/dev/null 2>&1 &` }, { answer: DONE }],
      })
      const left = await asleep.alive()
      return left > 0
        ? bad(`${left} processes left`)
        : judged(outcome.kind === 'completed', outcomeWord(outcome))
    },
  },
]
