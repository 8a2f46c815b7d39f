import { bindApproval } from '../../gate/approval.ts'
import { formatCommand } from '../../gate/format-command.ts'
import { plannedPhases, policyOf } from '../../gate/planned.ts'
import { isSettled } from '../../gate/scope.ts'
import { flagsToConfig } from '../../gate/select-phases.ts'
import type { Shown } from '../../gate/shown.ts'
import { merge, refuse } from '../../config/merge.ts'
import type { PullFacts } from '../../forge.ts'
import type { Config } from '../../model/config.ts'
import { failure } from '../../model/failure.ts'
import type { GateCommand } from '../../model/gate-command.ts'
import type { Sha } from '../../model/ids.ts'
import { isOptional } from '../../model/optional-tasks.ts'
import { err, ok, type Result } from '../../model/result.ts'
import { RunBook } from '../../run/book.ts'
import { rulesOf } from '../gate/assess.ts'
import { prepare, type Prepared, researchPlan } from '../prepare.ts'
import { matchedAgain } from '../matching.ts'
import { planRef } from '../publisher.ts'
import { toRecord } from '../recorded.ts'
import type { JobDeps } from './deps.ts'
import { jobRunName } from './names.ts'
import { allow, type Order } from './order.ts'

export type StartOrder = Order & {
  command: Extract<GateCommand, { name: 'approve' }>
  /** The commit that was shown when it was said. */
  head: Sha
  planDir: string
}

/** Runs of one pull request and head that ended and were begun again; more is a mistake somewhere. */
const MAX_RUNS = 50

/**
 * Makes the run that an approval asks for, once: the name follows from pull request, plan and head, and creating it is a
 * compare-and-swap at the remote. Delivered twice, the second finds the run with its own source and goes on with that.
 */
export async function startRun(order: StartOrder, deps: JobDeps): Promise<Result<RunBook>> {
  const { forge, ports } = deps
  const pulled = await forge.pull(order.pull)
  if (!pulled.ok) return pulled
  const facts = pulled.value
  const planDir = order.planDir === '.' ? '' : order.planDir
  const source = sourceText(order)
  for (let nth = 1; nth <= MAX_RUNS; nth++) {
    const run = jobRunName(order.pull, planDir, order.head, nth)
    const fetched = await ports.shared.fetch(run)
    if (!fetched.ok) return fetched
    const book = new RunBook(run, ports)
    const opened = await book.open()
    if (!opened.ok) {
      if (opened.error[0]?.reason !== 'unknown-run') return opened
      const created = await create(run, order, planDir, facts, deps)
      if (created.ok) return created
      // Somebody was faster with this very name: what they made tells whether it is ours.
      const again = await book.open()
      if (!again.ok) return created
    }
    const { approval, state } = book.state
    if (approval?.source === source && source !== 'dispatch') return ok(book)
    if (state === 'approved')
      return err([
        failure(
          'unfinished-run',
          `Run ${run} of this plan is approved already.`,
          'Write /resume to go on with it, or /abort to end it first.',
        ),
      ])
  }
  return err([
    failure('refused', `There were ${MAX_RUNS} runs of this commit.`, 'Push a new commit and approve it.'),
  ])
}

async function create(
  run: string,
  order: StartOrder,
  planDir: string,
  facts: PullFacts,
  deps: JobDeps,
): Promise<Result<RunBook>> {
  const { command, head } = order
  const rules = rulesOf(facts)
  if (!rules.ok) return rules
  const { base } = facts.pull
  const opened = await deps.planAt({ head, base: base.sha, dir: planDir })
  if (!opened.ok) return opened
  const { source, files } = opened.value
  const prepared = await prepare(source, rules.value.config, { ...deps.ports, files })
  if (!prepared.ok) return prepared
  const { plan } = prepared.value
  const shown = shownOf(prepared.value, head, base)
  const allowed = await allow(order, { facts, policy: rules.value.policy, shown }, deps)
  if (!allowed.ok) return allowed
  const bound = bindApproval(command, shown, { login: allowed.value.by }, order.source)
  if (!bound.ok) return err(bound.error.map(({ why, hint }) => failure('not-authorized', why, hint)))
  const { scope } = bound.value
  const flags = flagsToConfig(command.flags, shown.phases)
  if (!flags.ok) return flags
  const merged = merge({ ...flags.value, phases: scope }, rules.value.file)
  const { registries } = prepared.value
  const config: Config = registries.length === 0 ? merged : { ...merged, registries }
  const cannot = refuse(config)
  if (cannot.length > 0) return err(cannot)

  const matched = await matchedAgain(prepared.value, rules.value.config, config, { files })
  // No agent here, and no key for one: what `research: agent` asks for is for runs on a person's machine.
  const unwritten: Config = { ...config, researchAgent: 'never' }
  const research =
    config.online && deps.documentation !== undefined
      ? await researchPlan(plan, matched.match, unwritten, {
          ...{ files, clock: deps.ports.clock, ...deps.documentation(config) },
        })
      : matched.research
  const { files: texts, ...recorded } = toRecord({ match: matched.match, research })
  const book = new RunBook(run, deps.ports)
  const created = await book.create(
    {
      type: 'run-created',
      run,
      planDir: plan.path,
      index: plan.index,
      ...{ title: plan.title, words: plan.words },
      branch: facts.pull.head.ref,
      base: head,
      digest: plan.digest,
      pull: order.pull,
      phases: plannedPhases(plan, scope, { run, parallel: config.parallel }),
      policy: policyOf(plan, config),
      ...recorded,
      config: { ...config },
    },
    { hold: true, files: texts },
  )
  if (!created.ok) return created
  const told = await book.tell(
    {
      type: 'approve',
      by: allowed.value.by,
      head,
      digest: plan.digest,
      scope,
      source: allowed.value.source,
      base: { ref: base.ref, sha: base.sha },
      limits: formatCommand({ name: 'approve', flags: command.flags }),
    },
    [{ ref: planRef(run), from: undefined, to: head }],
  )
  return told.ok ? ok(book) : err([told.error])
}

const sourceText = ({ source }: Order): string =>
  'id' in source ? `${source.kind}:${source.id}` : source.kind

/** What the gate shows of this plan: the job computes it anew, from the commit that is meant. */
export function shownOf(
  { plan }: Prepared,
  head: Sha,
  base: { ref: string; sha: Sha },
): Shown & { state: 'reviewed' } {
  return {
    state: 'reviewed',
    head,
    base,
    digest: plan.digest,
    phases: plan.phases.map(({ id }) => id),
    open: plan.phases.filter((phase) => !isSettled(phase)).map(({ id }) => id),
    optional: plan.phases.filter(isOptional).map(({ id }) => id),
  }
}
