import { askAboutOptional, askAtGate } from '../gate/ask.ts'
import { chooseScope } from '../gate/scope.ts'
import type { Config } from '../model/config.ts'
import { type Failure, failure } from '../model/failure.ts'
import type { PhaseId } from '../model/ids.ts'
import { optionalTasksOf } from '../model/optional-tasks.ts'
import type { Plan } from '../model/plan.ts'
import { err, ok, type Result } from '../model/result.ts'
import type { Ports, RunRequest } from '../pipeline-types.ts'
import { type ExecutionPlan, executionPlanText } from '../report/execution-plan.ts'
import { sheetFrom } from '../research/sheet-from.ts'
import { count, list } from '../text/display.ts'
import { PLAIN } from '../text/style.ts'
import { earlierSteps, forecast } from './forecast.ts'
import { matchedAgain } from './matching.ts'
import type { Prepared } from './prepare.ts'

export interface Approval {
  config: Config
  /** As it was shown last: what a person says of catalogues changes it. */
  prepared: Prepared
  scope: PhaseId[]
  /** Where the approval came from, for the record. */
  source: 'terminal' | 'flag'
}

/** Stage 5: shows the whole execution plan and waits for a person, unless `--yes` said so before. */
export async function approve(
  run: string,
  given: Prepared,
  request: RunRequest,
  ports: Ports,
): Promise<Result<Approval, Failure[]>> {
  let { config } = request
  let prepared = given
  const cage = (await ports.agent.cage?.()) ?? { held: false, why: 'nothing here makes one' }
  const earlier = await earlierSteps(ports)
  for (;;) {
    const scope = chooseScope(prepared.plan, config.phases, config)
    if (!scope.ok) return scope
    const shown = executionPlanText(
      { ...executionPlan(run, prepared, config), cage, forecast: forecast(prepared.plan, config, earlier) },
      request.columns ?? 100,
      request.style ?? PLAIN,
    )
    ports.reporter.emit({ type: 'stage', stage: 'gate', at: ports.clock.now() })
    if (request.dryRun || request.yes) {
      ports.reporter.emit({ type: 'execution-plan', text: shown })
      if (request.yes && !request.dryRun) return ok({ config, prepared, scope: scope.value, source: 'flag' })
      return err([
        failure(
          'stopped-at-gate',
          'This was a dry run.',
          'Leave out --dry-run to be asked, or add --yes to run it.',
        ),
      ])
    }
    const answer = await askAtGate(ports.person, shown, config, scope.value)
    if (answer.kind === 'approve') {
      const chosen = await askAboutOptional(ports.person, prepared.plan, config)
      const taken = chooseScope(prepared.plan, chosen.phases, chosen)
      if (!taken.ok) return taken
      return ok({ config: chosen, prepared, scope: taken.value, source: 'terminal' })
    }
    if (answer.kind === 'changed') {
      const checked = chooseScope(prepared.plan, answer.config.phases, answer.config)
      if (checked.ok) {
        prepared = await matchedAgain(prepared, config, answer.config, ports)
        config = answer.config
      } else
        for (const wrong of checked.error)
          ports.reporter.emit({ type: 'warning', message: wrong.message, hint: wrong.hint })
      continue
    }
    if (answer.kind === 'stop')
      return err([failure('stopped-at-gate', 'Stopped at the gate.', 'Nothing was run.')])
    if (ports.signal.aborted) return err([failure('interrupted', 'Stopped at the gate.', 'Nothing was run.')])
    ports.reporter.emit({ type: 'execution-plan', text: shown })
    return err([
      failure(
        'gate-needs-answer',
        'The plan needs an approval, and there is no terminal to ask in.',
        'Read the plan above, then add --yes to run it; --dry-run only shows it.',
      ),
    ])
  }
}

/** What stands at the gate. */
export function executionPlan(run: string, prepared: Prepared, config: Config): ExecutionPlan {
  const { plan, review, match, research, commands, dispatch } = prepared
  const notes = [...match.diagnostics, ...research.diagnostics].map((d) => d.message)
  notes.push(...(prepared.notes ?? []))
  if (commands.setup)
    notes.push(`Each worktree is made ready with: ${commands.setup.command} (${commands.setup.why}).`)
  notes.push(...optionalNote(plan, config))
  return {
    run,
    plan,
    config: prepared.registries.length === 0 ? config : { ...config, registries: prepared.registries },
    review: {
      confidence: review.confidence,
      questions: review.questions.map(({ phase, text }) =>
        phase === undefined ? { text } : { phase, text },
      ),
      diagnostics: review.diagnostics,
    },
    assignments: new Map(
      match.assignments.map((assignment) => [
        assignment.phase as string,
        {
          agentType: assignment.agentType,
          ...{ why: assignment.why, score: assignment.score, offers: assignment.offers },
          ...(assignment.agentFrom === undefined ? {} : { from: assignment.agentFrom }),
          skills: assignment.skills,
        },
      ]),
    ),
    research: {
      sheets: research.sheets.map((sheet) => ({
        technology: sheet.tech,
        from: sheetFrom(sheet),
      })),
      unknown: research.unknown.map(({ tech }) => tech),
    },
    commands,
    dispatch: new Map(
      [...dispatch].map(([id, { mode }]) => [id as string, config.subprocess ? mode : 'single']),
    ),
    reasons: new Map(
      [...dispatch].map(([id, { mode, why }]) => [
        id as string,
        dispatchReason(mode, why, review.confidence.get(id)?.level ?? 'medium', config),
      ]),
    ),
    notes,
  }
}

/** Why a phase is dispatched so, in words. */
function dispatchReason(
  mode: 'classic' | 'team',
  why: string,
  confidence: string,
  { subprocess }: Config,
): string {
  if (!subprocess) return 'one agent: asked for with --no-subprocess'
  if (mode === 'classic') return `classic: ${why}`
  const plans =
    confidence === 'high' ? '' : `; workers' plans are approved by the lead first (confidence ${confidence})`
  return `team: ${why}${plans}`
}

/** What becomes of the tasks that the plan leaves to the approver. */
function optionalNote(plan: Plan, { withOptional }: Config): string[] {
  const tasks = optionalTasksOf(plan)
  if (tasks.length === 0) return []
  const named = `${count(tasks.length, 'optional task')} (${list(
    tasks.map(({ id, title }) => `${id} ${title}`),
    5,
  )})`
  return [
    withOptional === true
      ? `Also done: ${named}.`
      : `Left out: ${named}. With --with-optional they are done too.`,
  ]
}
