import { ROLE_OF, type AgentStep, type StepRole } from '../../core/model/step.ts'
import type { Agent } from '../../core/ports.ts'

/** One agent to the run, and another one for some kinds of steps. */
export function routedAgent(main: Agent, others: ReadonlyMap<StepRole, Agent>): Agent {
  if (others.size === 0) return main
  const all = [main, ...new Set(others.values())]
  const of = (step: AgentStep): Agent => others.get(ROLE_OF[step]) ?? main
  return {
    ...main,
    metered: all.every((one) => one.metered === true),
    leads: of('lead').leads ?? false,
    nameFor: (step) => of(step).name,
    async about() {
      const found = await Promise.all(
        all.map(async (one) => ({ name: one.name, about: await one.about?.() })),
      )
      const version = found
        .flatMap(({ name, about }, at) =>
          about?.version === undefined ? [] : [at === 0 ? about.version : `${name} ${about.version}`],
        )
        .join(', ')
      const warnings = found.flatMap(({ about }) => about?.warnings ?? [])
      return version === '' ? { warnings } : { version, warnings }
    },
    async preflight() {
      return (await Promise.all(all.map((one) => one.preflight()))).flat()
    },
    run: (request, ...rest) => of(request.step).run(request, ...rest),
  }
}
