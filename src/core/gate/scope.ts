import { type Failure, failure } from '../model/failure.ts'
import type { PhaseId } from '../model/ids.ts'
import { isOptional } from '../model/optional-tasks.ts'
import type { Phase, Plan } from '../model/plan.ts'
import { plural } from '../text/display.ts'
import { capital } from '../text/sentence.ts'
import { err, ok, type Result } from '../model/result.ts'

/** What is done already, for the scheduler: nothing waits for it and nothing runs. */
export const isSettled = (phase: Phase): boolean => phase.status === 'completed' || phase.status === 'skipped'

/**
 * The phases to run: the chosen ones, or all that the plan does not call completed or skipped. A chosen phase whose stated
 * dependency is neither completed nor chosen is refused; the mere order of writing holds nobody back who chose otherwise. A phase
 * of which the plan leaves everything to the approver is taken with `withOptional`, or where it is chosen.
 */
export function chooseScope(
  plan: Plan,
  chosen: readonly string[] | undefined,
  { withOptional = false }: { withOptional?: boolean | undefined } = {},
): Result<PhaseId[], Failure[]> {
  const leaves = (phase: Phase): boolean => !withOptional && isOptional(phase)
  if (chosen === undefined) {
    const open = plan.phases.filter((phase) => !isSettled(phase))
    const scope = open.filter((phase) => !leaves(phase)).map((phase) => phase.id)
    if (scope.length > 0) return ok(scope)
    return err([open.length > 0 ? onlyOptional(open) : nothingToDo()])
  }
  const failures: Failure[] = []
  const wanted = new Set<string>(chosen)
  for (const id of wanted) {
    const phase = plan.phases.find((p) => p.id === id)
    if (!phase) {
      failures.push(
        failure(
          'unknown-phase',
          `The plan has no ${plan.words.phase} ${id}.`,
          `Its ${plural(plan.words.phase)}: ${plan.phases.map((p) => p.id).join(', ')}.`,
        ),
      )
      continue
    }
    if (isSettled(phase)) {
      failures.push(
        failure(
          'nothing-to-do',
          `${capital(plan.words.phase)} ${id} is ${phase.status} already.`,
          'Change its status in the plan to run it again.',
          {
            file: phase.place.file,
            line: phase.place.line,
          },
        ),
      )
    }
    if (!plan.dependenciesStated) continue
    for (const before of phase.after) {
      const other = plan.phases.find((p) => p.id === before)
      if (other && !isSettled(other) && !wanted.has(before) && !leaves(other)) {
        failures.push(
          failure(
            'bad-value',
            `${capital(plan.words.phase)} ${id} depends on ${plan.words.phase} ${before}, which is not completed.`,
            `Run ${plan.words.phase} ${before} first and land it, or run both: \`orchestrate run DIR --phase ${before} --phase ${id}\`.`,
            { file: phase.place.file, line: phase.place.line },
          ),
        )
      }
    }
  }
  if (failures.length > 0) return err(failures)
  return ok(plan.phases.filter((phase) => wanted.has(phase.id)).map((phase) => phase.id))
}

const nothingToDo = (): Failure =>
  failure('nothing-to-do', 'Every phase of the plan is completed or skipped.', 'Nothing is left to run.')

const onlyOptional = (open: readonly Phase[]): Failure =>
  failure(
    'nothing-to-do',
    `Only what the plan calls optional is left: ${open.map(({ id, title }) => `${id} ${title}`).join('; ')}.`,
    'Add --with-optional to have it done.',
  )
