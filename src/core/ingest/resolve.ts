/** From what is written to what can be scheduled. */
import type { PhaseId } from '../model/ids.ts'
import type { Phase, Spec, Task, WrittenPlan } from '../model/plan.ts'
import { fold } from '../text/inline.ts'

export interface Resolved {
  phases: Phase[]
  dependenciesStated: boolean
}

/**
 * Gives every phase what it waits for (`after`) and every task an id of its own. Dependencies between phases follow from
 * those between their specs. A plan that states none anywhere runs in written order; in some formats a phase that states none does too.
 */
export function resolve(written: WrittenPlan): Resolved {
  const phases = uniqueTaskIds(written.phases)
  const homes = specHomes(phases)
  const followed = phases.map((phase) => fromSpecs(phase, homes))
  const openBefore = lastOpen(phases)
  const stated = phases.some(
    (phase) =>
      phase.dependsOn.length > 0 ||
      phase.unknownDependencies.length > 0 ||
      phase.specs.some((spec) => spec.dependsOn.length > 0),
  )
  return {
    dependenciesStated: stated,
    phases: phases.map((phase, index) => {
      const before = openBefore[index] ?? phases[index - 1]
      const own = [...new Set([...phase.dependsOn, ...(followed[index] ?? [])])]
      const silent = written.inOrder !== undefined && own.length === 0 && !written.inOrder.free.has(phase.id)
      const inOrder = before === undefined ? [] : [before.id]
      return { ...phase, after: stated && !silent ? own : inOrder }
    }),
  }
}

/** For each phase the last one before it that is not done: written order holds, whatever was done out of order. */
function lastOpen(phases: WrittenPlan['phases']): (WrittenPlan['phases'][number] | undefined)[] {
  let open: WrittenPlan['phases'][number] | undefined
  return phases.map((phase) => {
    const before = open
    if (phase.status !== 'completed' && phase.status !== 'skipped') open = phase
    return before
  })
}

/** The phase of each spec, by the spec's folded name. */
function specHomes(phases: readonly { id: PhaseId; specs: readonly Spec[] }[]): Map<string, PhaseId> {
  return new Map(phases.flatMap((phase) => phase.specs.map((spec) => [fold(spec.name), phase.id] as const)))
}

function fromSpecs(phase: Omit<Phase, 'after'>, homes: ReadonlyMap<string, PhaseId>): PhaseId[] {
  const ids = phase.specs.flatMap((spec) =>
    spec.dependsOn.flatMap((name) => {
      const home = homes.get(fold(name))
      return home === undefined || home === phase.id ? [] : [home]
    }),
  )
  return [...new Set(ids)]
}

/** A written id that stands twice ("1." in two phases, copied rows) gets the phase's id and a running number instead. */
function uniqueTaskIds(phases: WrittenPlan['phases']): WrittenPlan['phases'] {
  const used = new Set<string>()
  const unique = (tasks: readonly Task[], owner: string): Task[] =>
    tasks.map((task, index) => {
      let id = task.id
      for (let n = index + 1; used.has(id); n += 1) id = `${owner}.${n}`
      used.add(id)
      return id === task.id ? task : { ...task, id }
    })
  return phases.map((phase) => ({
    ...phase,
    tasks: unique(phase.tasks, phase.id),
    specs: phase.specs.map((spec) => ({ ...spec, tasks: unique(spec.tasks, spec.name) })),
  }))
}
