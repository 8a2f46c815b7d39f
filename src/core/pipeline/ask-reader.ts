import { checkArtifact } from '../execute/artifact.ts'
import { artifactSchema, type ArtifactOf } from '../execute/schemas.ts'
import type { Config } from '../model/config.ts'
import type { Sha } from '../model/ids.ts'
import { err, ok, type Result } from '../model/result.ts'
import { modelOf } from '../model/routing.ts'
import type { Usage } from '../model/step.ts'
import type { Ports } from '../pipeline-types.ts'

/** Steps of agents that work before the gate. They read and answer. */
export type ReaderStep = 'plan-review' | 'research'

export type ReaderPorts = Pick<Ports, 'agent' | 'repository' | 'reporter' | 'clock' | 'random' | 'signal'>

export interface Answered<S extends ReaderStep> {
  /** What it handed in, or why nothing of it counts, a sentence. */
  artifact: Result<ArtifactOf<S>, string>
  /** Who answered. */
  by: string
  usage: Usage
}

/** A name for the worktrees of such calls: there is no run yet. */
export const readersRun = (step: ReaderStep, { random }: Pick<Ports, 'random'>): string =>
  `${step}-${random.hex(4)}`

/**
 * One call of an agent before the gate, in a worktree of `commit` that is thrown away: what it changes there makes its answer void.
 * `spent` is what such calls have cost so far, US dollars: it counts into the run's budgets.
 */
export async function askReader<S extends ReaderStep>(
  order: {
    step: S
    unit: string
    run: string
    commit: Sha
    spent: number
    prompt: (nonce: string) => { system: string; user: string }
  },
  config: Config,
  { agent, repository, reporter, clock, random, signal }: ReaderPorts,
): Promise<Answered<S>> {
  const { step: kind, unit, run, commit } = order
  const by = agent.nameFor?.(kind) ?? agent.name
  const nonce = random.hex(16)
  const workspace = await repository.workspaces.open(run, unit === '' ? kind : `${kind}-${unit}`, commit)
  const step = { phase: '', attempt: 1, step: kind, unit } as const
  reporter.emit({ type: 'step-started', ...step, at: clock.now() })
  try {
    const before = await workspace.snapshot()
    const model = modelOf(config, kind)
    const outcome = await agent.run(
      {
        ...{ ...step, run, cwd: workspace.path, prompt: order.prompt(nonce), access: 'read-only', nonce },
        ...(model === undefined ? {} : { model }),
        schema: artifactSchema(kind),
        limits: { ...config.limits, budgets: budgetsOf(config, order.spent) },
      },
      signal,
      () => undefined,
    )
    const { usage, durationMs } = outcome
    const changed = (await workspace.snapshot()) !== before
    if (changed) await workspace.checkoutTree(before)
    const checked = checkArtifact(kind, outcome.artifact, { nonce, attempt: 1 })
    const problem =
      outcome.kind === 'failed'
        ? outcome.message
        : changed
          ? 'it changed files, so what it says does not count'
          : checked.ok
            ? undefined
            : (checked.error[0]?.message ?? 'its answer cannot be read')
    reporter.emit({
      ...{ type: 'step-finished', ...step, at: clock.now(), ok: problem === undefined, durationMs, usage },
      ...(problem === undefined ? {} : { note: problem }),
    })
    const artifact = problem === undefined && checked.ok ? ok(checked.value) : err(problem ?? '')
    return { artifact, by, usage }
  } finally {
    await repository.workspaces.remove(workspace)
  }
}

/** What the call may cost, where it is metered. */
function budgetsOf({ maxCostUsd = Infinity, budgets = {} }: Config, spent: number) {
  const run = Math.min(maxCostUsd, budgets.run ?? Infinity) - spent
  return {
    ...(run === Infinity ? {} : { run: Math.max(0, run) }),
    ...(budgets.step === undefined ? {} : { step: budgets.step }),
  }
}

/** Whether nothing more may be spent before the gate. */
export const isSpent = (config: Config, spent: number): boolean => budgetsOf(config, spent).run === 0
