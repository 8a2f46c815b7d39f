import type { Problem } from '../model/event.ts'
import { runAgentStep } from './agent-step.ts'
import { Interrupted } from './call-agent.ts'
import { parseCounts } from './checks.ts'
import { stepMessage } from './commit-message.ts'
import { commitWork } from './commit-work.ts'
import type { PhaseContext } from './phase-context.ts'
import { checkKey } from './phase-progress.ts'
import { recordFailure, recordPass } from './record-step.ts'
import { planText } from './plan-text.ts'

/** What a shell says when a command cannot be run at all: nothing that a fixer could mend in the code. */
const NOT_FOUND = [126, 127]
const TAIL = 12_000

/**
 * Runs the build or the tests ourselves, in the phase's directory. The exit code decides; counts are for people. No command
 * found is recorded as such and said loudly, never as passed. `meanwhile` is called once the command runs.
 */
export async function runCheck(
  ctx: PhaseContext,
  check: 'build' | 'test',
  meanwhile: () => void = () => undefined,
): Promise<Problem | undefined> {
  const { input, ports, book, workspace } = ctx
  const command = input.commands[check]
  const phase = input.phase.id
  const tree = await ports.repository.treeOf(book.progress.head)
  if (command === undefined) {
    const left = ctx.directory.tree
    await book.append({ type: 'check-finished', check, tree, left, outcome: 'no-command', durationMs: 0 })
    ports.reporter.emit({
      type: 'check-finished',
      phase,
      check,
      outcome: 'no-command',
      at: ports.clock.now(),
      durationMs: 0,
    })
    return undefined
  }
  ports.reporter.emit({ type: 'check-started', phase, check, command, at: ports.clock.now() })
  const running = ports.commands.run(command, {
    cwd: workspace.path,
    wallMs: input.config.limits.checkMs,
    signal: ports.signal,
    env: { ORCHESTRATE_RUN: input.run, CI: 'true' },
    kind: check,
  })
  meanwhile()
  const ran = await running
  if (ports.signal.aborted) throw new Interrupted()
  const { outcome, durationMs } = ran
  const exitCode = outcome.kind === 'exit' ? outcome.code : undefined
  const green = exitCode === 0
  const counts = check === 'test' ? parseCounts(ran.tail) : undefined
  const ended = outcome.kind === 'exit' ? '' : `\n[${describeEnd(outcome)}]`
  const left = await workspace.snapshot()
  ctx.directory.tree = left
  await book.append({
    type: 'check-finished',
    check,
    tree,
    left,
    command,
    outcome: green ? 'green' : 'red',
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(counts === undefined ? {} : { counts }),
    ...(green ? {} : { tail: ran.tail.slice(-TAIL) + ended }),
    durationMs,
  })
  ports.reporter.emit({
    type: 'check-finished',
    phase,
    check,
    outcome: green ? 'green' : 'red',
    command,
    at: ports.clock.now(),
    durationMs,
    ...(counts === undefined ? {} : { counts }),
  })
  if (
    exitCode !== undefined &&
    NOT_FOUND.includes(exitCode) &&
    /not found|cannot execute|permission denied/i.test(ran.tail)
  ) {
    return {
      reason: 'command-not-found',
      message: `The ${check} command cannot be run: \`${command}\` (exit ${exitCode}).\n${ran.tail.trim().split('\n').slice(-3).join('\n')}`,
      hint: `Install it, or say another one with --${check}-cmd or ${check}_cmd in workflow.md.`,
    }
  }
  // No fault of the code, which a fixer could do nothing about.
  if (outcome.kind === 'over-limit' && outcome.limit === 'free') {
    const hint = 'Make room and run `orchestrate resume`.'
    return {
      reason: 'disk-full',
      message: `The ${check} command did not run to its end: ${outcome.message}.`,
      hint,
    }
  }
  return undefined
}

function describeEnd(outcome: { kind: string; afterMs?: number; signal?: string; message?: string }): string {
  if (outcome.kind === 'timeout') return `ended by us after ${Math.round((outcome.afterMs ?? 0) / 1000)} s`
  if (outcome.kind === 'over-limit') return `ended by us: ${outcome.message ?? ''}`
  if (outcome.kind === 'signal') return `ended by signal ${outcome.signal}`
  return outcome.message ?? outcome.kind
}

/** A fixer gets the command, how it ended, and the end of its output; then we build and test again. */
export async function fixCheck(
  ctx: PhaseContext,
  check: 'build' | 'test',
  step: 'fix-build' | 'fix-test',
): Promise<void> {
  const { input, ports, book, workspace } = ctx
  const tree = await ports.repository.treeOf(book.progress.head)
  const red = book.progress.checks.get(checkKey(check, tree))
  const run = await runAgentStep(ctx, {
    step,
    unit: '',
    workspace,
    inputTree: ctx.directory.tree,
    snapshot: () => workspace.snapshot(),
    prompt: {
      ...(await fixerPrompt(ctx)),
      phaseFiles: input.phase.files,
      failing: {
        command: red?.command ?? '',
        outcome: red?.exitCode === undefined ? 'did not end by itself' : `exit ${red.exitCode}`,
        tail: red?.tail ?? '',
      },
    },
  })
  const { artifact } = run
  if (!artifact.ok) return await recordFailure(ctx, run.end, artifact.error, run.files)
  const committed = await commitWork(ctx, {
    workspace,
    inputTree: run.end.inputTree,
    outputTree: run.end.outputTree,
    message: stepMessage(input.phase, {
      run: input.run,
      phase: input.phase.id,
      step,
      attempt: input.attempt,
    }),
    mayBeEmpty: true,
  })
  if (!committed.ok) return await recordFailure(ctx, run.end, committed.error, run.files)
  const { summary, decisions, questions } = artifact.value
  await recordPass(ctx, run, committed.value, {
    summary,
    decisions: decisions ?? [],
    questions: questions ?? [],
  })
}

/** What everybody who mends something of the phase gets to know of it. */
export async function fixerPrompt(ctx: PhaseContext) {
  const { input, book } = ctx
  return {
    phaseText: planText(input.phase),
    documents: input.documents,
    sheets: input.sheets,
    skills: input.skills,
    agent: input.agent,
    decisions: [...input.decisions, ...book.progress.decisions],
    changedFiles: await changedFiles(ctx),
  }
}

export async function changedFiles(ctx: PhaseContext, from = ctx.book.progress.base): Promise<string[]> {
  const changes = await ctx.ports.repository.changes(from, ctx.book.progress.head)
  return changes.map((change) => change.path)
}

export const wholePhase = (ctx: PhaseContext) => ({
  id: '',
  title: ctx.input.phase.title,
  kind: 'phase' as const,
  files: ctx.input.phase.files,
  after: [],
})
