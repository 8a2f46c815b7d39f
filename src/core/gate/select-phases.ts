import type { Config } from '../model/config.ts'
import { type Failure, failure } from '../model/failure.ts'
import type { GateFlags } from '../model/gate-command.ts'
import type { PhaseId } from '../model/ids.ts'
import { err, ok, type Result } from '../model/result.ts'
import { list } from '../text/display.ts'

/**
 * The phases that are meant, in the plan's order, each once. A range goes over the order in which the plan is written, so
 * "1-3" takes 1.5 and 2a with it where they stand between. An id that is written with a dash is that phase.
 */
export function selectPhases(selectors: readonly string[], ids: readonly PhaseId[]): Result<PhaseId[]> {
  const failures: Failure[] = []
  const chosen = new Set<number>()
  for (const selector of selectors) {
    const range = resolve(selector, ids)
    if (!range.ok) failures.push(range.error)
    else for (let at = range.value[0]; at <= range.value[1]; at++) chosen.add(at)
  }
  if (failures.length > 0) return err(failures)
  return ok(ids.filter((_, at) => chosen.has(at)))
}

/** First and last place of the phases that a selector means. */
function resolve(selector: string, ids: readonly string[]): Result<[number, number], Failure> {
  const one = ids.indexOf(selector)
  if (one !== -1) return ok([one, one])
  const splits = [...selector.matchAll(/-/g)].flatMap(({ index }) => {
    const [from, to] = [ids.indexOf(selector.slice(0, index)), ids.indexOf(selector.slice(index + 1))]
    return from === -1 || to === -1 ? [] : [[from, to] as [number, number]]
  })
  const [range, ...others] = splits
  if (range === undefined) {
    return err(
      failure(
        'unknown-phase',
        `The plan has no phase ${missingEnd(selector, ids) ?? selector}.`,
        ids.length === 0 ? 'The plan has none.' : `Its phases: ${list(ids, 30)}.`,
      ),
    )
  }
  if (others.length > 0) {
    return err(
      failure(
        'bad-value',
        `“${selector}” means more than one range of phases.`,
        'Name the phases one by one.',
      ),
    )
  }
  if (range[0] > range[1]) {
    return err(
      failure(
        'bad-value',
        `“${selector}” is the wrong way round: the plan has phase ${ids[range[1]]} before phase ${ids[range[0]]}.`,
        `Write ${ids[range[1]]}-${ids[range[0]]}.`,
      ),
    )
  }
  return ok(range)
}

/** The end of a range that is no phase, where the other is one. */
function missingEnd(selector: string, ids: readonly string[]): string | undefined {
  for (const { index } of selector.matchAll(/-/g)) {
    const [from, to] = [selector.slice(0, index), selector.slice(index + 1)]
    if (ids.includes(from)) return to
    if (ids.includes(to)) return from
  }
  return undefined
}

/** What the flags of an approval say about the configuration of its run. `ids` are the plan's phases in written order. */
export function flagsToConfig(flags: GateFlags, ids: readonly PhaseId[]): Result<Partial<Config>> {
  const { phases: selectors, ...rest } = flags
  if (selectors === undefined) return ok(rest)
  const phases = selectPhases(selectors, ids)
  return phases.ok ? ok({ ...rest, phases: phases.value }) : phases
}
