import type { RecordedUnit } from '../../model/event.ts'
import type { Sha } from '../../model/ids.ts'
import { runAgentStep } from '../agent-step.ts'
import { stepMessage, unitMessage } from '../commit-message.ts'
import { commitWork } from '../commit-work.ts'
import { wholePhase } from '../do-checks.ts'
import { implementPrompt } from '../do-implement.ts'
import type { PhaseContext } from '../phase-context.ts'
import { planText } from '../plan-text.ts'
import { WORKER_AGENTS } from '../prompts/team.ts'
import { recordFailure, recordPass } from '../record-step.ts'
import type { NamedChange } from '../split-commits.ts'
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
  const parts = await partsOf(ctx, run.end, done, said)
  const bySubject = new Map(done.map((unit) => [unit.title || unit.id, unit]))
  const [only] = done
  const committed = await commitWork(ctx, {
    workspace,
    inputTree: run.end.inputTree,
    outputTree: run.end.outputTree,
    message:
      parts.length === 1 && only ? unitMessage(input.phase, only, facts) : stepMessage(input.phase, facts),
    named: {
      changes: parts,
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

/**
 * Which files are whose: a piece's are those that the lead names for it, and those of the plan that nobody else is named for. What
 * belongs to no piece that is done is a commit of its own.
 */
async function partsOf(
  { ports }: PhaseContext,
  { inputTree, outputTree }: { inputTree: Sha; outputTree: Sha },
  done: readonly RecordedUnit[],
  said: ReadonlyMap<string, { files?: string[] | undefined }>,
): Promise<NamedChange[]> {
  const changed = (await ports.repository.changes(inputTree, outputTree)).map(({ path }) => path)
  const filesOf = (id: string): string[] => said.get(id)?.files ?? []
  const named = new Set(done.flatMap(({ id }) => filesOf(id)))
  const parts = done.map(({ id, title, files }) => ({
    subject: title || id,
    files: [...filesOf(id), ...files.filter((file) => changed.includes(file) && !named.has(file))],
  }))
  const theirs = new Set(parts.flatMap(({ files }) => files))
  const rest = changed.filter((path) => !theirs.has(path))
  return rest.length === 0 || done.length === 0 ? parts : [...parts, { subject: 'besides', files: rest }]
}
