import type { Finding } from '../model/finding.ts'
import type { Sha } from '../model/ids.ts'
import { runAgentStep } from './agent-step.ts'
import { unitMessage } from './commit-message.ts'
import { commitWork } from './commit-work.ts'
import { judgeCriteria } from './criteria.ts'
import { wholePhase as wholeUnit } from './do-checks.ts'
import { implementPrompt } from './do-implement.ts'
import { tellFindings } from './do-reviews.ts'
import { checkFindings, filesNamed } from './findings.ts'
import type { PhaseContext } from './phase-context.ts'
import { recordFailure, recordPass } from './record-step.ts'
import type { PhaseArtifact } from './schemas.ts'
import { planText } from './plan-text.ts'
import { mayChangeNothing } from './units.ts'
import { notDone, skippedIn } from './whole-phase-gate.ts'

/**
 * `--no-subprocess`: one agent implements, reviews and fixes the whole phase. The gates look at it afterwards. What they find
 * skipped it is sent back for, once; what is then still missing others do: we build and test ourselves, and a review that it did
 * not hand in is done by a reviewer. A piece of work that it left out twice is a person's to decide about, by name.
 */
export async function wholePhase(ctx: PhaseContext): Promise<void> {
  const { input, workspace } = ctx
  const inputTree = ctx.directory.tree
  const run = await runAgentStep(ctx, {
    step: 'phase',
    unit: '',
    workspace,
    inputTree,
    snapshot: () => workspace.snapshot(),
    skipped: async (artifact) => {
      const tree = await workspace.snapshot()
      const changed = await changedIn(ctx, inputTree, tree)
      const { reviewed, notes } = await ownReviews(ctx, artifact, tree, changed)
      return await skippedIn(ctx, artifact, { tree, changed, reviewed, refused: notes })
    },
    prompt: {
      ...implementPrompt(ctx, wholeUnit(ctx)),
      phaseText: planText(input.phase),
      unit: undefined,
    },
  })
  if (!run.artifact.ok) return await recordFailure(ctx, run.end, run.artifact.error, run.files)
  const artifact = run.artifact.value
  const facts = { run: input.run, phase: input.phase.id, step: 'phase' as const, attempt: input.attempt }
  const committed = await commitWork(ctx, {
    workspace,
    inputTree: run.end.inputTree,
    outputTree: run.end.outputTree,
    message: unitMessage(input.phase, wholeUnit(ctx), facts),
    named: {
      changes: artifact.changes ?? [],
      message: (subject) => unitMessage(input.phase, wholeUnit(ctx), facts, subject),
    },
    mayBeEmpty: mayChangeNothing(wholeUnit(ctx)),
  })
  if (!committed.ok) return await recordFailure(ctx, run.end, committed.error, run.files)
  const reviews = await ownReviews(ctx, artifact, run.end.outputTree, committed.value.changed)
  const judged = judgeCriteria(artifact, input.criteria, input.planDir)
  const sentBack = run.sentBack.map(({ message }) => `Sent back once: ${message}`)
  await recordPass(ctx, run, committed.value, {
    summary: artifact.summary,
    decisions: artifact.decisions ?? [],
    questions: artifact.questions ?? [],
    findings: [...reviews.findings, ...judged.findings],
    criteria: judged.judged,
    dispositions: reviews.dispositions,
    notes: [...sentBack, ...judged.notes, ...reviews.notes],
    reviewed: reviews.reviewed,
    stuck: await notDone(ctx, { tree: run.end.outputTree, changed: committed.value.changed }),
  })
  tellFindings(ctx, 'phase', reviews.findings)
}

const changedIn = async ({ ports }: PhaseContext, from: Sha, to: Sha): Promise<string[]> =>
  (await ports.repository.changes(from, to)).map(({ path }) => path)

/** Its own reviews count where every finding points at a line that is there; else a reviewer does that one again. */
async function ownReviews(ctx: PhaseContext, artifact: PhaseArtifact, tree: Sha, changed: string[]) {
  const reviewed: ('review-test' | 'review-code' | 'review-perf')[] = []
  const findings: Finding[] = []
  const dispositions: { finding: string; disposition: PhaseArtifactDisposition; note: string }[] = []
  const notes: string[] = []
  for (const own of artifact.reviews ?? []) {
    const step = `review-${own.kind}` as const
    const lines = new Map<string, number>()
    for (const file of filesNamed(own)) {
      const count = await ctx.ports.repository.lineCount(tree, file)
      if (count !== undefined) lines.set(file, count)
    }
    const checked = checkFindings(step, own.findings, { lines, changed })
    const [problem] = checked.problems
    if (problem) {
      notes.push(`The agent's own ${step} does not count: ${problem.message}`)
      continue
    }
    reviewed.push(step)
    findings.push(...checked.findings)
    checked.findings.forEach((finding, i) => {
      const said = own.findings[i]
      if (said) dispositions.push({ finding: finding.id, disposition: said.disposition, note: said.note })
    })
  }
  return { reviewed, findings, dispositions, notes }
}

type PhaseArtifactDisposition = NonNullable<
  PhaseArtifact['reviews']
>[number]['findings'][number]['disposition']
