import type { Problem } from '../model/event.ts'
import type { Finding, ReviewArtifact } from '../model/finding.ts'
import { err, ok, type Result } from '../model/result.ts'
import type { ReviewStep } from '../model/step.ts'
import { runAgentStep, type StepRun } from './agent-step.ts'
import { judgeCriteria } from './criteria.ts'
import { changedFiles } from './do-checks.ts'
import { checkFindings, checkReopened, CRITERIA_STEP, filesNamed, type TreeFacts } from './findings.ts'
import type { PhaseContext } from './phase-context.ts'
import { clean, recordPass } from './record-step.ts'
import { severe } from './phase-progress.ts'
import { planText } from './plan-text.ts'
import { jointSnapshot } from './joint-snapshot.ts'

const DIFF_BYTES = 60_000

/** What the reviewers will read is got ready while build and tests run: a tree that passes is mostly the one that is reviewed. */
export function diffAhead({ book, ports }: PhaseContext): void {
  const { base, head, reviews } = book.progress
  if (reviews.size > 0) return
  ports.repository.patch(base, head, DIFF_BYTES).catch(() => undefined)
}

/** The reviews that are missing, side by side. Each stands or falls alone; a directory that changed under them fails all. */
export async function review(ctx: PhaseContext, steps: ReviewStep[]): Promise<void> {
  const { input, book, ports } = ctx
  const inputTree = ctx.directory.tree
  const { base, head } = book.progress
  const [changed, diff] = await Promise.all([
    changedFiles(ctx),
    ports.repository.patch(base, head, DIFF_BYTES),
  ])
  const shared = jointSnapshot(ctx.workspace, steps.length)
  const ended = await Promise.allSettled(
    steps.map((step) =>
      runAgentStep(ctx, {
        step,
        unit: '',
        workspace: ctx.workspace,
        inputTree,
        ...shared,
        prompt: {
          phaseText: planText(input.phase),
          documents: input.documents,
          sheets: input.sheets,
          skills: input.skills,
          changedFiles: changed,
          diff,
          ...(step === CRITERIA_STEP ? { criteria: input.criteria } : {}),
        },
      }),
    ),
  )
  const runs = ended.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []))
  const touched = await treeProblem(ctx, runs)
  for (const run of runs) {
    const judged = touched ? err(touched) : await judge(ctx, run, changed)
    if (!judged.ok) {
      await book.append({ ...run.end, type: 'step-failed', problem: judged.error }, run.files)
      continue
    }
    const { findings, criteria, notes } = judged.value
    const summary = run.artifact.ok ? run.artifact.value.summary : ''
    await recordPass(ctx, run, { commits: [], tree: inputTree, notes }, { summary, findings, criteria })
    tellFindings(ctx, run.end.step, findings)
  }
  // One that was cut off does not take the others along: they are recorded, and it alone is made again.
  for (const end of ended) if (end.status === 'rejected') throw end.reason
}

/** Looks only at what the fixers said and did about these findings, so that the phase converges. */
export async function verify(ctx: PhaseContext, findings: Finding[]): Promise<void> {
  const { input, book, ports } = ctx
  const inputTree = ctx.directory.tree
  const { progress } = book
  const from = progress.fixedFrom ?? progress.base
  const changed = await changedFiles(ctx, from)
  const run = await runAgentStep(ctx, {
    step: 'verify',
    unit: '',
    workspace: ctx.workspace,
    inputTree,
    ...jointSnapshot(ctx.workspace, 1),
    prompt: {
      phaseText: planText(input.phase),
      documents: input.documents,
      changedFiles: changed,
      diff: await ports.repository.patch(from, progress.head, DIFF_BYTES),
      findings: findings.map((finding) => {
        const tracked = progress.findings.get(finding.id)
        const said = tracked && tracked.state !== 'open' ? { disposition: tracked.state } : {}
        return { ...finding, ...said, note: tracked?.note ?? '' }
      }),
    },
  })
  const touched = await treeProblem(ctx, [run])
  const judged = touched ? err(touched) : await judge(ctx, run, await changedFiles(ctx))
  const again = judged.ok && run.artifact.ok ? reopened(run.artifact.value, findings) : undefined
  const problem = !judged.ok ? judged.error : again && !again.ok ? again.error : undefined
  if (problem) {
    await book.append({ ...run.end, type: 'step-failed', problem }, run.files)
    return
  }
  const found = judged.ok ? judged.value : { findings: [], criteria: [], notes: [] }
  const summary = run.artifact.ok ? run.artifact.value.summary : ''
  const { findings: fresh, notes } = found
  await recordPass(
    ctx,
    run,
    { commits: [], tree: inputTree, notes },
    { summary, findings: fresh, reopened: again?.ok ? again.value : [] },
  )
  tellFindings(ctx, 'verify', found.findings)
}

function reopened(artifact: ReviewArtifact, findings: Finding[]): Result<string[], Problem> {
  const checked = checkReopened(artifact, findings)
  return checked.problems.length > 0
    ? err(joined('review', checked.problems))
    : ok(checked.reopened.map((finding) => finding.id))
}

async function judge(
  ctx: PhaseContext,
  run: StepRun<ReviewStep | 'verify'>,
  changed: string[],
): Promise<
  Result<
    { findings: Finding[]; criteria: { id: string; met: boolean; evidence: string }[]; notes: string[] },
    Problem
  >
> {
  if (!run.artifact.ok) return run.artifact
  const artifact = run.artifact.value
  const { step } = run.end
  if (step !== 'verify' && step !== 'review-test' && step !== 'review-code' && step !== 'review-perf') {
    throw new Error(`${step} is no review`)
  }
  const first = 1 + [...ctx.book.progress.findings.values()].filter((f) => f.finding.from === step).length
  const facts = await treeFacts(ctx, artifact, changed)
  const { findings, problems } = checkFindings(step, artifact.findings, facts, first)
  if (problems.length > 0) return err(joined('review', problems))
  if (step !== CRITERIA_STEP) return ok({ findings, criteria: [], notes: [] })
  const { criteria, planDir } = { criteria: ctx.input.criteria, planDir: ctx.input.planDir }
  const judged = judgeCriteria(artifact, criteria, planDir)
  return ok({ findings: [...findings, ...judged.findings], criteria: judged.judged, notes: judged.notes })
}

async function treeFacts(ctx: PhaseContext, artifact: ReviewArtifact, changed: string[]): Promise<TreeFacts> {
  const tree = await ctx.ports.repository.treeOf(ctx.book.progress.head)
  const lines = new Map<string, number>()
  for (const file of filesNamed(artifact)) {
    const count = await ctx.ports.repository.lineCount(tree, file)
    if (count !== undefined) lines.set(file, count)
  }
  return { lines, changed }
}

/** A reviewer only reads. Where the directory changed, the review of that tree is worth nothing: it is set aside and we stop. */
async function treeProblem(
  ctx: PhaseContext,
  runs: StepRun<ReviewStep | 'verify'>[],
): Promise<Problem | undefined> {
  const { ports } = ctx
  const changedBy = runs.find((run) => run.end.outputTree !== run.end.inputTree)
  if (!changedBy) return undefined
  const { inputTree, outputTree } = changedBy.end
  const paths = (await ports.repository.changes(inputTree, outputTree)).map((change) => change.path)
  const saved = await clean(ctx)
  const who = runs.length === 1 ? `The agent of ${changedBy.end.step}` : 'A reviewer'
  return {
    reason: 'tree-changed',
    message: `${who} changed ${paths.slice(0, 10).join(', ')}, but a review only reads.`,
    hint: `The change was set aside${saved ? ` as commit ${saved.slice(0, 10)}` : ''}. \`orchestrate resume\` has the tree reviewed as it was.`,
  }
}

function joined(reason: string, problems: { reason: string; message: string; hint: string }[]): Problem {
  return {
    reason: problems[0]?.reason ?? reason,
    message: problems.map((problem) => problem.message).join('\n'),
    hint: problems[0]?.hint ?? '',
  }
}

export function tellFindings(ctx: PhaseContext, step: string, findings: Finding[]): void {
  const counts = { P0: 0, P1: 0, P2: 0, P3: 0 }
  for (const finding of findings) counts[finding.severity]++
  ctx.ports.reporter.emit({ type: 'findings', phase: ctx.input.phase.id, step, counts })
}

export const urgent = (findings: Finding[]): Finding[] => findings.filter(severe)
