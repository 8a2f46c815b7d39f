import type { Problem } from '../model/event.ts'
import type { Finding } from '../model/finding.ts'
import type { FixPass } from '../model/step.ts'
import { runAgentStep } from './agent-step.ts'
import { stepMessage } from './commit-message.ts'
import { commitWork } from './commit-work.ts'
import { checkDispositions } from './dispositions.ts'
import { fixerPrompt } from './do-checks.ts'
import type { PhaseContext } from './phase-context.ts'
import { recordFailure, recordPass } from './record-step.ts'

/** One pass over the open findings of its severities: every finding gets a disposition, "fixed" touched its file, one commit. */
export async function fix(ctx: PhaseContext, pass: FixPass, findings: Finding[]): Promise<void> {
  const { input, workspace } = ctx
  const person = findings.filter((finding) => finding.from === 'person').map((finding) => finding.detail)
  const run = await runAgentStep(ctx, {
    step: pass,
    unit: '',
    workspace,
    inputTree: ctx.directory.tree,
    snapshot: () => workspace.snapshot(),
    prompt: {
      ...(await fixerPrompt(ctx)),
      findings,
      ...(person.length > 0 ? { person: person.join('\n\n') } : {}),
    },
  })
  const { artifact } = run
  if (!artifact.ok) return await recordFailure(ctx, run.end, artifact.error, run.files)
  const facts = { run: input.run, phase: input.phase.id, step: pass, attempt: input.attempt }
  const committed = await commitWork(ctx, {
    workspace,
    inputTree: run.end.inputTree,
    outputTree: run.end.outputTree,
    message: stepMessage(input.phase, facts, listed(findings, artifact.value.dispositions)),
    mayBeEmpty: true,
  })
  if (!committed.ok) return await recordFailure(ctx, run.end, committed.error, run.files)
  const { problems } = checkDispositions(findings, artifact.value, committed.value.changed)
  if (problems.length > 0) return await recordFailure(ctx, run.end, asOne(problems), run.files)
  const { summary, dispositions } = artifact.value
  await recordPass(ctx, run, committed.value, { summary, dispositions })
}

/** The findings of the pass in the commit's body, so that a reviewer of the commit sees what it is for. */
function listed(findings: Finding[], said: { finding: string; disposition: string }[]): string {
  return findings
    .map(
      (f) =>
        `- ${f.id} ${f.severity} ${f.file}:${f.line} ${f.title} (${said.find((d) => d.finding === f.id)?.disposition ?? '?'})`,
    )
    .join('\n')
}

const asOne = (problems: Problem[]): Problem => ({
  reason: problems[0]?.reason ?? 'dispositions',
  message: problems.map((problem) => problem.message).join('\n'),
  hint: problems[0]?.hint ?? '',
})
