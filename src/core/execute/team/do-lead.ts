import type { RecordedUnit } from '../../model/event.ts'
import { runAgentStep } from '../agent-step.ts'
import { stepMessage, unitMessage } from '../commit-message.ts'
import { commitWork } from '../commit-work.ts'
import { wholePhase } from '../do-checks.ts'
import { implementPrompt } from '../do-implement.ts'
import type { PhaseContext } from '../phase-context.ts'
import { planText } from '../plan-text.ts'
import { WORKER_AGENTS } from '../prompts/team.ts'
import { recordFailure, recordPass } from '../record-step.ts'
import { mayChangeNothing } from '../units.ts'

/**
 * One agent process leads workers of its own through the open units, in the phase's directory. It says which are done, which are
 * stuck, and what it decided; what it does not call done is done afterwards, one process for each unit. A unit is a commit, by the
 * files that the lead names for it.
 */
export async function lead(ctx: PhaseContext, units: RecordedUnit[]): Promise<void> {
  const { input, workspace, book } = ctx
  const run = await runAgentStep(ctx, {
    step: 'lead',
    unit: '',
    workspace,
    inputTree: ctx.directory.tree,
    snapshot: () => workspace.snapshot(),
    workers: WORKER_AGENTS,
    times: units.length,
    prompt: {
      ...implementPrompt(ctx, wholePhase(ctx)),
      unit: undefined,
      phaseText: planText(input.phase),
      team: {
        role: 'lead',
        pieces: units.map(({ id, title, files, after }) => ({
          id,
          title,
          files,
          after: after.filter((one) => units.some((unit) => unit.id === one)),
        })),
        maxParallel: book.progress.maxParallel,
        approval: book.progress.team?.plans ?? false,
        discoveries: ctx.board?.discoveries('') ?? [],
      },
    },
  })
  if (!run.artifact.ok) return await recordFailure(ctx, run.end, run.artifact.error, run.files)
  const artifact = run.artifact.value
  const said = new Map((artifact.units ?? []).map((one) => [one.unit, one]))
  const done = units.filter(({ id }) => said.get(id)?.state === 'done')
  const facts = { run: input.run, phase: input.phase.id, step: 'lead' as const, attempt: input.attempt }
  const bySubject = new Map(done.map((unit) => [unit.title || unit.id, unit]))
  const [only] = done
  const committed = await commitWork(ctx, {
    workspace,
    inputTree: run.end.inputTree,
    outputTree: run.end.outputTree,
    message:
      done.length === 1 && only ? unitMessage(input.phase, only, facts) : stepMessage(input.phase, facts),
    named: {
      changes: [...bySubject].map(([subject, { id }]) => ({ subject, files: said.get(id)?.files ?? [] })),
      message: (subject) => {
        const unit = bySubject.get(subject)
        return unit ? unitMessage(input.phase, unit, facts) : stepMessage(input.phase, facts)
      },
    },
    // A lead that did nothing has nothing to show; what is open is done by others.
    mayBeEmpty: done.every(mayChangeNothing),
  })
  if (!committed.ok) return await recordFailure(ctx, run.end, committed.error, run.files)
  const { summary, decisions = [], questions = [], discoveries = [], log = [] } = artifact
  await recordPass(ctx, run, committed.value, {
    ...{ summary, decisions, questions, discoveries, log },
    done: done.map(({ id }) => id),
    stuck: units.flatMap(({ id }) => {
      const one = said.get(id)
      return one?.state === 'stuck' ? [{ unit: id, note: one.note ?? '' }] : []
    }),
  })
}
