import type { Phase, Plan } from '../../model/plan.ts'
import { isOpen, named, openPhases, openTasks, tasksOf, textOf } from '../facts.ts'
import { WORDS } from '../vocabulary.ts'
import type { Found, Rule } from './rule.ts'

export const SOURCE =
  /\.(ts|tsx|js|jsx|mjs|cjs|py|rs|go|java|kt|swift|rb|php|cs|cpp|cc|c|h|dart|ex|exs|scala|vue|svelte)$/i
const TEST_FILE = /(^|\/)(tests?|__tests__|e2e)\/|\.(test|spec)\.[^/]+$|(^|\/)test_[^/]+$|_test\.[^/]+$/i

/** The plan writes code: it names source files, or tasks that build something. */
export const buildsCode = (phase: Phase): boolean =>
  phase.files.some((file) => SOURCE.test(file)) ||
  openTasks(phase).some((task) => WORDS.building.test(task.title))

const says = (phase: Phase, pattern: RegExp): boolean => pattern.test(textOf(phase))

/**
 * A finding where an open phase calls for something that no phase of the plan provides: at the first task that says so, else at the
 * phase. `words` are those by which it calls.
 */
function missing(
  plan: Plan,
  calls: RegExp,
  answers: (phase: Phase) => boolean,
  message: (phase: Phase, words: string) => string,
): Found[] {
  for (const caller of openPhases(plan)) {
    const words = called(textOf(caller), calls)
    if (words === undefined) continue
    if (plan.phases.some(answers)) return []
    const task = tasksOf(caller).find(({ title }) => called(title, calls) !== undefined)
    const said = task === undefined ? words : (called(task.title, calls) ?? words)
    return [{ place: task?.place ?? caller.place, phase: caller.id, message: message(caller, said) }]
  }
  return []
}

/** The first words that call for it; "no schema change needed" and "without Redis" call for nothing. */
export function called(text: string, calls: RegExp): string | undefined {
  for (const match of text.matchAll(new RegExp(calls.source, 'gi')))
    if (!NOT.test(text.slice(Math.max(0, match.index - 30), match.index))) return match[0]
  return undefined
}

const NOT =
  /\b(?:no|not|n't|never|without|avoids?|instead of|rather than|existing|sin|sem|kein\w*|ohne|sans|senza|без|не)\s+(?:[\p{L}-]+\s+){0,2}$|(?:无需|不需要|不用|没有|不)$/iu

export const hasTests = (phase: Phase): boolean =>
  says(phase, WORDS.tests) || phase.files.some((file) => TEST_FILE.test(file))

const noTests: Rule = {
  id: 'no-tests',
  severity: 'warning',
  why: 'Without tests the only proof that a phase works is that it builds.',
  fix: 'Add a task per phase that says what is tested and where, or a test command in workflow.md.',
  check(plan) {
    const building = openPhases(plan).filter(buildsCode)
    const [first] = building
    if (first === undefined || plan.phases.some(hasTests)) return []
    const stated = plan.contract.project.testCmd
    return [
      {
        place: first.place,
        phase: first.id,
        message: `No ${plan.words.phase} of this plan says how its code is tested`,
        ...(stated !== undefined && {
          severity: 'info' as const,
          hint: `\`${stated}\` is run after each ${plan.words.phase}: say which new tests it shall find.`,
        }),
      },
    ]
  },
}

const phaseWithoutTests: Rule = {
  id: 'phase-without-tests',
  severity: 'info',
  why: 'Code that is tested in no phase is merged untested, and the phases after it build on it.',
  fix: 'Add a task for its tests, or a later phase that tests it.',
  check(plan) {
    if (!plan.phases.some(hasTests)) return []
    const lastTesting = plan.phases.findLastIndex((phase) => WORDS.tests.test(phase.title))
    return plan.phases
      .slice(lastTesting + 1)
      .filter(isOpen)
      .filter((phase) => phase.files.some((file) => SOURCE.test(file)) && !hasTests(phase))
      .map((phase) => ({
        place: phase.place,
        phase: phase.id,
        message: `${named(phase, plan)} writes code and names no test`,
      }))
  },
}

const noSetup: Rule = {
  id: 'no-setup',
  severity: 'warning',
  why: 'In an empty repository the first phase has nothing to build, test or import.',
  fix: 'Put a phase first that makes the project skeleton: package manifest, build and test commands, configuration.',
  check(plan) {
    const [first] = plan.phases
    const says0 =
      plan.contract.project.type === 'greenfield' ||
      [...plan.files.filter((f) => f.path === plan.index)].some((f) => WORDS.fromScratch.test(f.text))
    if (first === undefined || !says0 || !openPhases(plan).some(buildsCode)) return []
    if (plan.phases.some((phase) => says(phase, WORDS.setup))) return []
    const message = `A new project, and no ${plan.words.phase} sets it up`
    return [{ place: first.place, phase: first.id, message }]
  },
}

const noMigration: Rule = {
  id: 'no-migration',
  severity: 'warning',
  why: 'A schema that changes without a migration works on an empty database only.',
  fix: 'Add a task for the migration: how existing data gets to the new schema, and how to go back.',
  check: (plan) =>
    missing(
      plan,
      WORDS.schema,
      (phase) => says(phase, WORDS.migration),
      (phase, words) =>
        `${named(phase, plan)} changes the database schema (“${words}”), and no ${plan.words.phase} migrates`,
    ),
}

const noInfrastructure: Rule = {
  id: 'no-infrastructure',
  severity: 'info',
  why: 'Agents and tests need the service where they run; when it is missing, tests are skipped or faked.',
  fix: 'Add a task that says where the service comes from: a compose file, a test container, a hosted instance and its variables.',
  check: (plan) =>
    missing(
      plan,
      WORDS.services,
      (phase) => says(phase, WORDS.infrastructure),
      (phase, words) => `${named(phase, plan)} needs ${words}, and no ${plan.words.phase} provides it`,
    ),
}

const noDocs: Rule = {
  id: 'no-docs',
  severity: 'info',
  why: 'What users call (an API, a command, an option) is not finished until they can find out how.',
  fix: 'Add a task that documents it, and where.',
  check: (plan) =>
    missing(
      plan,
      WORDS.surface,
      (phase) => says(phase, WORDS.docs),
      (phase, words) =>
        `${named(phase, plan)} adds something people use (“${words}”), and no ${plan.words.phase} documents it`,
    ),
}

export const gaps: Rule[] = [noTests, phaseWithoutTests, noSetup, noMigration, noInfrastructure, noDocs]
