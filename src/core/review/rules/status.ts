import type { Phase } from '../../model/plan.ts'
import { count, list } from '../../text/display.ts'
import { named, openPhases, phaseOf } from '../facts.ts'
import type { Rule } from './rule.ts'

const allDone: Rule = {
  id: 'done-but-open',
  severity: 'info',
  why: 'A phase whose tasks are all ticked runs again unless its status says that it is completed.',
  fix: 'Set its status to completed, or untick what is to be done.',
  check: (plan) =>
    openPhases(plan)
      .filter((phase) => phase.tasks.length > 0 && phase.tasks.every((task) => task.done))
      .map((phase) => ({
        place: phase.place,
        phase: phase.id,
        message: `${named(phase, plan)} is ${phase.status.replace('_', ' ')}, though every ${plan.words.task} is ticked`,
      })),
}

const leftBehind: Rule = {
  id: 'completed-with-open-tasks',
  severity: 'info',
  why: 'A completed phase does not run, so its open tasks are never done, and the phases after it count on them.',
  fix: 'Tick the tasks, or set the phase to in_progress.',
  check: (plan) =>
    plan.phases
      .filter((phase) => phase.status === 'completed')
      .flatMap((phase) => {
        const open = phase.tasks.filter((task) => !task.done)
        const [first] = open
        // Who ticks nothing keeps no book of tasks.
        if (first === undefined || open.length === phase.tasks.length) return []
        return {
          place: first.place,
          phase: phase.id,
          message: `${named(phase, plan)} is completed, though ${count(open.length, plan.words.task)} of ${phase.tasks.length} ${open.length === 1 ? 'is' : 'are'} not ticked`,
          related: [{ ...phase.place, message: `${phaseOf(phase.id, plan)} is here` }],
        }
      }),
}

const onSkipped: Rule = {
  id: 'depends-on-skipped',
  severity: 'warning',
  why: 'A skipped phase counts as done, so this one starts without what it was to wait for.',
  fix: 'Move what it needs into a phase that runs, or drop the dependency.',
  check(plan) {
    const skipped = new Map<string, Phase>(
      plan.phases.filter(({ status }) => status === 'skipped').map((phase) => [phase.id, phase]),
    )
    return openPhases(plan).flatMap((phase) => {
      const gone = phase.dependsOn.flatMap((id) => skipped.get(id) ?? [])
      if (gone.length === 0) return []
      return {
        place: phase.place,
        phase: phase.id,
        message: `${named(phase, plan)} depends on ${list(gone.map(({ id }) => `${phaseOf(id, plan)}`))}, which is skipped`,
        related: gone.map((other) => ({
          ...other.place,
          message: `${phaseOf(other.id, plan)} is skipped here`,
        })),
      }
    })
  },
}

export const status: Rule[] = [allDone, leftBehind, onSkipped]
