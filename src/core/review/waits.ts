/** What the phases of a plan wait for, directly and through others. Many rules ask, so it is worked out once for a plan. */
import type { Plan } from '../model/plan.ts'
import { type Edges, reachability, type Reaches } from './graph.ts'

/** What is stated, and what the order of the plan adds. */
export const waitsOf = (plan: Plan): Edges =>
  new Map(plan.phases.map((phase) => [phase.id, [...new Set([...phase.dependsOn, ...phase.after])]]))

export const reachesOf = once((plan) => reachability(waitsOf(plan)))

/** As the scheduler sees it. */
export const runsAfterOf = once((plan) =>
  reachability(new Map(plan.phases.map((phase) => [phase.id, phase.after]))),
)

function once(make: (plan: Plan) => Reaches): (plan: Plan) => Reaches {
  const known = new WeakMap<Plan, Reaches>()
  return (plan) => {
    const found = known.get(plan) ?? make(plan)
    known.set(plan, found)
    return found
  }
}
