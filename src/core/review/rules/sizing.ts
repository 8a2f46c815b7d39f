import type { Phase, Plan } from '../../model/plan.ts'
import { count, list, plural } from '../../text/display.ts'
import { modulesOf, named, openPhases, openTasks } from '../facts.ts'
import { concernsOf, describeSplit, MAX_MODULES, MAX_TASKS, splitByConcern, splitBySize } from '../split.ts'
import type { Found, Rule } from './rule.ts'

/** More items than this in one spec are handed to several agents (reference pipeline). */
const MAX_SPEC_ITEMS = 8
/** A phase that mixes this many of database, backend, frontend and infrastructure is several phases. */
const MANY_CONCERNS = 3

const tooManyTasks: Rule = {
  id: 'too-many-tasks',
  severity: 'warning',
  why: 'A phase is built, tested and reviewed as a whole: the larger it is, the less its reviews find and the more a retry costs.',
  fix: `Split it so that no phase has more than ${MAX_TASKS} tasks.`,
  check: (plan) =>
    openPhases(plan)
      .filter(isTooLarge)
      .map((phase) => tooLarge(plan, phase)),
}

/** Spec-driven phases count their specs: each is a unit of its own. */
export function isTooLarge(phase: Phase): boolean {
  return (phase.specs.length > 0 ? phase.specs.length : openTasks(phase).length) > MAX_TASKS
}

function tooLarge(plan: Plan, phase: Phase): Found {
  const at = { place: phase.place, phase: phase.id }
  if (phase.specs.length > 0) {
    return {
      ...at,
      message: `${named(phase, plan)} has ${phase.specs.length} specs, more than ${MAX_TASKS}`,
      hint: 'Move specs that others do not need at once into a later phase of the manifest.',
    }
  }
  return {
    ...at,
    message: `${named(phase, plan)} has ${openTasks(phase).length} open ${plural(plan.words.task)}, more than ${MAX_TASKS}`,
    hint: `Split it, for example into ${describeSplit(splitBySize(plan, phase))}.`,
  }
}

const tooManyModules: Rule = {
  id: 'too-many-modules',
  severity: 'warning',
  why: 'A change across many modules meets the changes of every other phase and is hard to review in one go.',
  fix: `Split it by module, at most ${MAX_MODULES} in a phase.`,
  check: (plan) =>
    openPhases(plan).flatMap((phase) => {
      const modules = modulesOf(phase.files)
      if (modules.length <= MAX_MODULES) return []
      return {
        place: phase.place,
        phase: phase.id,
        message: `${named(phase, plan)} touches ${modules.length} modules: ${list(modules, 8)}`,
      }
    }),
}

const mixedConcerns: Rule = {
  id: 'mixed-concerns',
  severity: 'warning',
  why: 'Work on database, backend, frontend and infrastructure needs different knowledge and different reviews.',
  fix: 'Split it by concern, the one that the others need first.',
  check: (plan) =>
    openPhases(plan)
      .filter(isMixed)
      .map((phase) => ({
        place: phase.place,
        phase: phase.id,
        message: `${named(phase, plan)} mixes ${list(concernsIn(phase))}`,
        hint: `Split it, for example into ${describeSplit(splitByConcern(plan, phase))}.`,
        related: openTasks(phase)
          .filter((task) => concernsOf(task).length > 0)
          .slice(0, 6)
          .map((task) => ({ ...task.place, message: `${task.id} is ${concernsOf(task).join(' and ')}` })),
      })),
}

export const concernsIn = (phase: Phase): string[] => [
  ...new Set(openTasks(phase).flatMap((task) => concernsOf(task).slice(0, 1))),
]

export const isMixed = (phase: Phase): boolean =>
  phase.specs.length === 0 && concernsIn(phase).length >= MANY_CONCERNS

const largeSpec: Rule = {
  id: 'large-spec',
  severity: 'info',
  why: 'A spec is one agent call; beyond eight items it is handed to several agents that see each other’s work only as commits.',
  fix: `Split the spec so that each has at most ${MAX_SPEC_ITEMS} tasks.`,
  check: (plan) =>
    openPhases(plan).flatMap((phase) =>
      phase.specs
        .filter((spec) => spec.tasks.length > MAX_SPEC_ITEMS && spec.status !== 'completed')
        .map((spec) => ({
          place: spec.tasks[0]?.place ?? spec.place,
          phase: phase.id,
          message: `Spec ${spec.name} has ${count(spec.tasks.length, 'task')}, more than ${MAX_SPEC_ITEMS}`,
        })),
    ),
}

export const sizing: Rule[] = [tooManyTasks, tooManyModules, mixedConcerns, largeSpec]
