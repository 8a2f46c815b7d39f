import { expect } from '@jest/globals'
import { orchestrate } from './cli.ts'
import {
  type Ended,
  type Killed,
  killRig,
  type KillRig,
  type Outcome,
  outcomeOf,
  processesOf,
} from './kill-rig.ts'

/** A run that nobody killed: what every other has to come to. */
export interface Undisturbed {
  outcome: Outcome
  events: number
}

export async function undisturbed(killed: Killed): Promise<Undisturbed> {
  const rig = await killRig(killed)
  const ended = await rig.start()
  expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: '' })
  const outcome = await outcomeOf(rig.repo)
  // Of itself: what is begun ends, and nothing is called twice.
  const done = [...outcome.passed, ...outcome.failed.map(withoutReason)]
  expect(outcome.begun).toEqual(done.sort())
  expect(rig.invocations()).toHaveLength(done.length)
  return { outcome, events: ended.lines.length }
}

/** The run ended as one that nobody killed, and nothing was done twice, lost, or left over. */
export async function expectSameEnd(rig: KillRig, ends: Ended[], whole: Undisturbed): Promise<void> {
  const last = ends.at(-1)
  expect({ code: last?.code, stderr: last?.stderr }).toEqual({ code: 0, stderr: '' })
  const outcome = await outcomeOf(rig.repo)
  const { run, begun, failed, teams, ...same } = outcome
  const { run: _, begun: __, failed: fails, teams: told, ...wanted } = whole.outcome
  expect(same).toEqual(wanted)
  // Whoever was cut off beside the other begins after it, and has nothing to collide with.
  const collided = (line: string): boolean => line.endsWith('unit-collision')
  expect(failed.filter((line) => !collided(line))).toEqual(fails.filter((line) => !collided(line)))
  expect(teams).toEqual(told)

  // A step that has its record was never begun again: whatever was begun more often was cut off by a kill.
  const kills = ends.filter((end) => end.killed).length
  expect(begun.length - outcome.passed.length - failed.length).toBeLessThanOrEqual(kills * AT_ONCE)
  for (const [step, times] of counted(rig.invocations().map((line) => line.replace(/ \d+$/, '')))) {
    const recorded = [...outcome.passed, ...failed.map(withoutReason)].filter((one) => one === step).length
    const started = begun.filter((one) => one === step).length
    // An agent starts while its beginning is being recorded: a kill between the two leaves a call without one.
    const most = recorded + kills
    expect({ step, recorded: recorded > 0, times: Math.max(times, started) <= most }).toEqual({
      step,
      recorded: true,
      times: true,
    })
  }

  expect(processesOf(run)).toEqual([])
  expect(rig.repo.git('status', '--porcelain')).toBe('')
  expect(rig.repo.git('worktree', 'list').split('\n')).toHaveLength(1)
  const verified = await orchestrate(rig.repo.path, ['verify', run])
  expect({ code: verified.code, stderr: verified.stderr }).toMatchObject({ code: 0 })
}

const withoutReason = (line: string): string => line.slice(0, line.lastIndexOf(' '))

/** Agents at one time: three in each of two phases. */
const AT_ONCE = 6

function counted(items: string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1)
  return counts
}
