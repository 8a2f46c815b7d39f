import type { Phase, Plan } from '../../model/plan.ts'
import { list, plural } from '../../text/display.ts'
import { isOpen, named, openPhases, phaseOf, placeOfFile } from '../facts.ts'
import { cycles, type Reaches } from '../graph.ts'
import { independentPairs, looksIndependent } from '../side-by-side.ts'
import { reachesOf, waitsOf } from '../waits.ts'
import type { Found, Rule } from './rule.ts'

const order = (plan: Plan): Map<string, number> => new Map(plan.phases.map((phase, at) => [phase.id, at]))

const cyclic: Rule = {
  id: 'cyclic-dependency',
  severity: 'error',
  why: 'Each waits for the next, so none of them can ever start.',
  fix: 'Remove one of these dependencies, or move what both need into a phase before them.',
  check(plan) {
    const byId = new Map<string, Phase>(plan.phases.map((phase) => [phase.id, phase]))
    const ofPhases = cycles(waitsOf(plan)).flatMap((ids) => {
      const members = ids.flatMap((id) => byId.get(id) ?? [])
      return circle(
        ids,
        members.map((phase) => ({ place: phase.place, name: named(phase, plan) })),
        members[0]?.id,
      )
    })
    if (ofPhases.length > 0) return ofPhases
    const specs = plan.phases.flatMap((phase) => phase.specs.map((spec) => ({ phase, spec })))
    const bySpec = new Map(specs.map((entry) => [entry.spec.name, entry]))
    return cycles(new Map(specs.map(({ spec }) => [spec.name, spec.dependsOn]))).flatMap((names) => {
      const members = names.flatMap((name) => bySpec.get(name) ?? [])
      return circle(
        names,
        members.map(({ spec }) => ({ place: spec.place, name: `Spec ${spec.name}` })),
        members[0]?.phase.id,
      )
    })
  },
}

function circle(
  ids: string[],
  members: { place: Found['place']; name: string }[],
  phase: Phase['id'] | undefined,
): Found[] {
  const [first, ...others] = members
  if (first === undefined) return []
  const path = [...ids, ids[0]].join(' → ')
  return [
    {
      place: first.place,
      message:
        others.length === 0 ? `${first.name} depends on itself: ${path}.` : `Circular dependency: ${path}.`,
      ...(phase !== undefined && { phase }),
      related: others.map(({ place, name }) => ({ ...place, message: `${name} is part of it` })),
    },
  ]
}

const forward: Rule = {
  id: 'forward-dependency',
  severity: 'warning',
  why: 'Readers take the written order for the order of work; here the work goes the other way.',
  fix: 'Move the phase behind the one it waits for, or correct the dependency.',
  check(plan) {
    const at = order(plan)
    const byId = new Map<string, Phase>(plan.phases.map((phase) => [phase.id, phase]))
    const reaches = reachesOf(plan)
    return plan.phases.filter(isOpen).flatMap((phase) =>
      phase.dependsOn
        .filter((id) => (at.get(id) ?? -1) > (at.get(phase.id) ?? 0))
        // A circle has a finding of its own.
        .filter((id) => !reaches(id, phase.id))
        .map((id) => ({
          place: phase.place,
          phase: phase.id,
          message: `${named(phase, plan)} depends on ${phaseOf(id, plan)}, which is written after it`,
          related: [byId.get(id)?.place ?? []]
            .flat()
            .map((place) => ({ ...place, message: `${phaseOf(id, plan)} is here` })),
        })),
    )
  },
}

const unknown: Rule = {
  id: 'unknown-dependency',
  severity: 'warning',
  why: 'A dependency that names no phase is not waited for.',
  fix: 'Name a phase of this plan by its id or title, or remove it.',
  check(plan) {
    const ids = list(
      plan.phases.map(({ id }) => id as string),
      12,
    )
    return plan.phases.filter(isOpen).flatMap((phase) =>
      phase.unknownDependencies.map(({ text, place }) => ({
        place,
        phase: phase.id,
        message: `${named(phase, plan)} depends on “${text}”, which is no ${plan.words.phase} of this plan`,
        hint: `Name one of ${ids}, or remove it.`,
      })),
    )
  },
}

/** Open phases next to each other in the order of some file, neither of which waits for the other. Empty where no dependency is stated. */
export function untiedPairs(plan: Plan): { first: Phase; second: Phase; files: string[] }[] {
  if (!plan.dependenciesStated) return []
  const reaches = reachesOf(plan)
  const last = new Map<string, Phase>()
  const pairs = new Map<string, { first: Phase; second: Phase; files: string[] }>()
  for (const second of openPhases(plan)) {
    for (const file of second.files) {
      const first = last.get(file)
      last.set(file, second)
      if (first === undefined || reaches(second.id, first.id) || reaches(first.id, second.id)) continue
      const key = `${first.id}\n${second.id}`
      const pair = pairs.get(key)
      if (pair === undefined) pairs.set(key, { first, second, files: [file] })
      else pair.files.push(file)
    }
  }
  return [...pairs.values()]
}

const implicit: Rule = {
  id: 'implicit-dependency',
  severity: 'warning',
  why: 'Phases that change the same file in no stated order meet in a merge conflict, or one undoes the other.',
  fix: 'State the dependency, or give the file to one phase only.',
  check: (plan) =>
    untiedPairs(plan).map(({ first, second, files }) => ({
      place: placeOfFile(second, files[0] ?? ''),
      phase: second.id,
      message: `${named(second, plan)} and ${phaseOf(first.id, plan)} both change ${list(files, 4)}, and neither waits for the other`,
      hint: `Say that ${phaseOf(second.id, plan)} depends on ${phaseOf(first.id, plan)}, or give the file to one of them.`,
      related: [
        { ...placeOfFile(first, files[0] ?? ''), message: `${phaseOf(first.id, plan)} names it here` },
      ],
    })),
}

const needlesslySequential: Rule = {
  id: 'needlessly-sequential',
  severity: 'info',
  why: 'Phases that do not need each other take as long as the longest of them, not as all together.',
  fix: 'State the dependencies that are real, or approve with `--parallel`.',
  check(plan) {
    if (!plan.dependenciesStated) return unstated(plan)
    const byId = new Map<string, Phase>(plan.phases.map((phase) => [phase.id, phase]))
    const reaches = reachesOf(plan)
    const at = order(plan)
    return openPhases(plan).flatMap((phase) =>
      directly(phase, at, reaches).flatMap((id) => {
        const other = byId.get(id)
        if (other === undefined || other === phase || !isOpen(other) || !looksIndependent(plan, other, phase))
          return []
        return {
          place: phase.place,
          phase: phase.id,
          message: `${named(phase, plan)} waits for ${phaseOf(id, plan)}, but they share no file and neither speaks of the other`,
          hint: `If ${phaseOf(phase.id, plan)} needs nothing from ${phaseOf(id, plan)}, drop the dependency: they can run side by side.`,
        }
      }),
    )
  },
}

/** What a phase waits for and would no longer wait for if it did not say so: not what another of its dependencies waits for. */
function directly(phase: Phase, at: ReadonlyMap<string, number>, reaches: Reaches): string[] {
  const latestFirst = [...phase.dependsOn].sort((a, b) => (at.get(b) ?? 0) - (at.get(a) ?? 0))
  const kept: string[] = []
  for (const id of latestFirst) if (!kept.some((other) => reaches(other, id))) kept.push(id)
  const isKept = new Set(kept)
  return phase.dependsOn.filter((id) => isKept.has(id))
}

function unstated(plan: Plan): Found[] {
  const pairs = independentPairs(plan)
  const [first] = pairs
  if (first === undefined) return []
  return [
    {
      place: first[1].place,
      phase: first[1].id,
      message: `No dependency is stated, so ${plural(plan.words.phase)} run in written order, but ${list(
        pairs.map(([a, b]) => `${a.id} and ${b.id}`).map((text) => `(${text})`),
        4,
      )} could run side by side`,
    },
  ]
}

export const dependencies: Rule[] = [cyclic, forward, unknown, implicit, needlesslySequential]
