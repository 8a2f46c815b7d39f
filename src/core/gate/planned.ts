import type { PlannedPhase, RunPolicy } from '../model/event.ts'
import type { Config } from '../model/config.ts'
import { type PhaseId, refSegment } from '../model/ids.ts'
import type { Phase, Plan } from '../model/plan.ts'
import { isSettled } from './scope.ts'

/** Steps of a phase besides its units: build, test, three reviews, fixes, merge. Keeps short phases from weighing nothing. */
const OWN_WEIGHT = 4

/** The plan as the run records it: what is approved, with the names of branches settled. */
export function plannedPhases(
  plan: Plan,
  scope: readonly PhaseId[],
  at: { run: string; parallel: boolean },
): PlannedPhase[] {
  const branches = new Set<string>()
  return plan.phases.map((phase) => {
    const state = isSettled(phase)
      ? phase.status === 'completed'
        ? ('merged' as const)
        : ('skipped' as const)
      : scope.includes(phase.id)
        ? ('pending' as const)
        : ('excluded' as const)
    return {
      id: phase.id,
      title: phase.title,
      branch: branchName(at.run, phase, branches),
      after: at.parallel && !plan.dependenciesStated ? [] : phase.after,
      files: phase.files,
      state,
      weight: OWN_WEIGHT + Math.max(1, phase.specs.length || phase.tasks.filter((task) => !task.done).length),
    }
  })
}

/** `orchestrate/<run>/phase-<id>-<slug>`, each once. */
function branchName(run: string, phase: Phase, taken: Set<string>): string {
  const slug = phase.title === '' ? '' : `-${refSegment(phase.title)}`
  const wanted = `orchestrate/${run}/phase-${refSegment(phase.id)}${slug}`
  let name = wanted
  for (let n = 2; taken.has(name); n++) name = `${wanted}-${n}`
  taken.add(name)
  return name
}

export function policyOf(plan: Plan, config: Config): RunPolicy {
  const { execution } = plan.contract
  return {
    maxParallelPhases: config.maxParallelPhases,
    maxPhaseRetries: execution.maxPhaseRetries,
    betweenPhases: execution.gates.betweenPhases,
    onFailure: execution.gates.onFailure,
    land: config.land,
    ...(config.maxCostUsd === undefined ? {} : { maxCostUsd: config.maxCostUsd }),
  }
}
