import { parsePolicy } from '../../config/config-file.ts'
import { merge, refuse } from '../../config/merge.ts'
import { approvalHolds, parseSource } from '../../gate/approval.ts'
import type { Refusal } from '../../gate/refusal.ts'
import { refusal } from '../../gate/refusal.ts'
import { chooseScope, isSettled as isPhaseSettled } from '../../gate/scope.ts'
import type { Shown } from '../../gate/shown.ts'
import type { Forge, PullFacts } from '../../forge.ts'
import { findPlanDirs, type PlanDir } from '../../ingest/plan-dirs.ts'
import { digest } from '../../model/ids.ts'
import { isOptional } from '../../model/optional-tasks.ts'
import { DEFAULT_POLICY } from '../../model/policy.ts'
import { err, ok, type Result } from '../../model/result.ts'
import type { Prepared } from '../prepare.ts'
import type { GateContext } from './context.ts'
import { isOwnHead, type KnownRun, newestRun } from './known-run.ts'
import type { Marker } from './marker.ts'
import { otherPlans } from './other-plans.ts'
import { planAt } from './read-plan.ts'
import type { GateAnswer, Rules, Standing } from './standing.ts'

/** The rules of the base ref, or what is wrong with them. */
export function rulesOf(facts: PullFacts): Result<Rules> {
  const read = parsePolicy(facts.config)
  if (!read.ok) return read
  const config = merge({}, read.value.config)
  const refused = refuse(config)
  return refused.length > 0
    ? err(refused)
    : ok({ policy: read.value.policy, file: read.value.config, config })
}

export const hasLabel = (facts: PullFacts, label: string): boolean =>
  facts.pull.labels.some((one) => one.toLowerCase() === label.toLowerCase())

/** How the pull request stands. Reads what the facts do not hold: the run's ledger, the plan at the head. */
export async function assess(
  forge: Forge,
  facts: PullFacts,
  remembered: Marker,
  ctx: GateContext,
): Promise<Result<Standing>> {
  const rules = rulesOf(facts)
  const label = rules.ok ? rules.value.policy.label : DEFAULT_POLICY.label
  const labelled = hasLabel(facts, label)
  const read: Result<KnownRun | undefined> =
    facts.runs.length > 0 ? await newestRun(forge, facts) : ok(undefined)
  if (!read.ok) {
    return read.error.some(({ reason }) => reason.startsWith('ledger-'))
      ? ok(answer({ kind: 'unreadable-run', failures: read.error }, { state: 'invalid' }))
      : read
  }
  const known = read.value
  const open = facts.pull.state === 'open'
  if (known === undefined && !(labelled && open)) return ok(noGate(open))
  if (!rules.ok) return ok(answer({ kind: 'bad-config', failures: rules.error }, { state: 'invalid' }))
  if (known !== undefined) {
    const standing = withRun(facts, known, rules.value, labelled)
    if (standing !== undefined) return ok(standing)
    if (!open || !labelled) return ok(stopped(facts, known, rules.value, labelled))
  }
  if (remembered.refused !== undefined)
    return ok(answer({ kind: 'label-refused', by: remembered.refused }, { state: 'nothing' }))
  return await reviewed(forge, facts, remembered, rules.value, known, ctx)
}

const noGate = (open: boolean): Standing => ({
  kind: 'no-gate',
  why: open ? 'not-labelled' : 'closed',
  shown: { state: 'nothing' },
})

const answer = (given: GateAnswer, shown: Shown): Standing => ({ kind: 'answer', answer: given, shown })

/** A run that goes on, or has come to its end here; undefined where its approval may be void or it ended without landing. */
function withRun(facts: PullFacts, known: KnownRun, rules: Rules, labelled: boolean): Standing | undefined {
  const { state } = known
  const { pull } = facts
  const landed = state.state === 'landed' || (state.planTip === pull.head.sha && pull.state === 'merged')
  if (!landed && (state.state !== 'approved' || pull.state !== 'open' || !labelled)) return undefined
  if (!isOwnHead(state, pull.head.sha) || holds(facts, known, rules, state.digest).length > 0)
    return undefined
  return { kind: 'run', shown: shownOf(facts, known), known, rules, notes: [] }
}

/** The pull request was closed or its label taken away while the run was under way. */
function stopped(facts: PullFacts, known: KnownRun, rules: Rules, labelled: boolean): Standing {
  const notes =
    facts.pull.state !== 'open'
      ? [`The pull request is ${facts.pull.state}: phases stop at their next step.`]
      : labelled
        ? []
        : [`The label ${rules.policy.label} was taken away: phases stop at their next step.`]
  return { kind: 'run', shown: shownOf(facts, known), known, rules, notes }
}

async function reviewed(
  forge: Forge,
  facts: PullFacts,
  remembered: Marker,
  rules: Rules,
  known: KnownRun | undefined,
  ctx: GateContext,
): Promise<Result<Standing>> {
  const { pull } = facts
  const candidates = candidatesOf(facts, remembered, known)
  if (pull.head.fork)
    return ok(answer({ kind: 'fork', dirs: candidates.map(({ dir }) => dir) }, { state: 'nothing' }))
  if (candidates.length === 0) return ok(answer({ kind: 'no-plan' }, { state: 'no-plan' }))
  const [found, others] = await Promise.all([
    planAt(
      forge,
      pull,
      candidates.map(({ dir }) => dir),
      rules.config,
      ctx,
    ),
    otherPlans(forge, pull.number, rules.policy.label),
  ])
  if (!found.ok) return found
  const { dirs, skipped, prepared } = found.value
  const [dir, ...more] = dirs
  if (dir === undefined) return ok(answer({ kind: 'no-plan' }, { state: 'no-plan' }))
  if (more.length > 0 || prepared === undefined)
    return ok(answer({ kind: 'several-plans', dirs }, { state: 'several-plans', dirs }))
  if (!prepared.ok)
    return ok(answer({ kind: 'invalid-plan', dir, failures: prepared.error }, { state: 'invalid' }))
  const { plan } = prepared.value
  // Who approves says whether optional tasks are done: until then they are work that is left.
  const scope = chooseScope(plan, undefined, { withOptional: true })
  const done = known?.state.digest === plan.digest && known.state.state === 'landed'
  if (!scope.ok && !done)
    return ok(answer({ kind: 'invalid-plan', dir, failures: scope.error }, { state: 'invalid' }))
  const shown = {
    state: 'reviewed',
    head: pull.head.sha,
    base: pull.base,
    digest: plan.digest,
    phases: plan.phases.map(({ id }) => id),
    open: plan.phases.filter((phase) => !isPhaseSettled(phase)).map(({ id }) => id),
    optional: plan.phases.filter(isOptional).map(({ id }) => id),
  } as const
  const shared = others(targetsOf(prepared.value))
  const notes = [...shared.map(({ note }) => note), ...ownNotes(facts, prepared.value, skipped)]
  const neighbours = shared.map(({ pull: number }) => number)
  if (known !== undefined) {
    const voids = holds(facts, known, rules, plan.digest)
    const goesOn = known.state.state === 'approved' || known.state.state === 'landed'
    // Somebody pushed, and the plan is the one that was approved: the run goes on, and landing will ask.
    if (goesOn && voids.length === 0)
      return ok({ kind: 'run', shown, known, rules, notes: movedNote(facts, known) })
    return ok({
      kind: 'reviewed',
      shown,
      dir,
      prepared: prepared.value,
      rules,
      notes,
      neighbours,
      run: { known, void: voids },
    })
  }
  return ok({ kind: 'reviewed', shown, dir, prepared: prepared.value, rules, notes, neighbours })
}

/** More directories than a request reads are no plan that anybody can approve. */
const MAX_DIRS = 8

/** Where a plan may lie: what was chosen, or is being run, else what the changed files tell. */
function candidatesOf(facts: PullFacts, remembered: Marker, known: KnownRun | undefined): PlanDir[] {
  const found = findPlanDirs(facts.files)
  const chosen = remembered.dir ?? (found.length === 1 ? undefined : known?.state.planDir)
  if (chosen !== undefined) return [{ dir: chosen, sure: true }]
  if (found.length === 0 && known !== undefined) return [{ dir: known.state.planDir, sure: true }]
  return found.slice(0, MAX_DIRS)
}

/** Why the run's approval holds no longer. The approver's words and role are looked at by the jobs, before they spend. */
function holds(facts: PullFacts, { state }: KnownRun, rules: Rules, found: string): Refusal[] {
  const { approval } = state
  if (approval === undefined) return [refusal('not-shown', 'The run was never approved.', 'Write /approve.')]
  return approvalHolds(
    {
      by: approval.by,
      head: approval.head,
      base: approval.base ?? facts.pull.base,
      digest: digest(approval.digest),
      scope: approval.scope,
      flags: {},
      source: parseSource(approval.source) ?? { kind: 'dispatch' },
    },
    { pull: facts.pull, digest: digest(found), role: ok('admin'), started: true },
    rules.policy,
  )
}

function shownOf(facts: PullFacts, { state }: KnownRun): Shown & { state: 'reviewed' } {
  const phases = [...state.phases.values()]
  return {
    state: 'reviewed',
    head: facts.pull.head.sha,
    base: facts.pull.base,
    digest: digest(state.digest),
    phases: phases.map(({ planned }) => planned.id),
    open: phases.filter(({ planned }) => planned.state === 'pending').map(({ planned }) => planned.id),
  }
}

const movedNote = ({ pull }: PullFacts, { state }: KnownRun): string[] =>
  isOwnHead(state, pull.head.sha)
    ? []
    : [
        `Somebody pushed to ${pull.head.ref} after the approval and left the plan as it is: the run goes on, and a person has to merge what it makes (orchestrate/${state.run}/plan).`,
      ]

export const targetsOf = ({ plan }: Prepared): string[] => [
  ...new Set(plan.phases.filter((phase) => !isPhaseSettled(phase)).flatMap(({ files }) => files)),
]

function ownNotes(facts: PullFacts, prepared: Prepared, skipped: readonly string[]): string[] {
  const inPlan = (path: string): boolean =>
    prepared.plan.dir === '' || path.startsWith(`${prepared.plan.dir}/`)
  const workflows = facts.files
    .map(({ path }) => path)
    .filter((path) => path.startsWith('.github/workflows/'))
  const planned = targetsOf(prepared).filter((path) => path.startsWith('.github/'))
  const unread = skipped.filter(inPlan)
  return [
    ...(workflows.length > 0
      ? [
          `This pull request changes ${list(workflows)}. A workflow's token may not push commits that do, so no phase could be saved: merge these files apart from the plan first.`,
        ]
      : []),
    ...(planned.length > 0
      ? [
          `The plan names ${list(planned)}: no agent may change CI files, and a workflow's token could not push them. The phase would stop there; take them out of the plan and write them by hand.`,
        ]
      : []),
    ...(unread.length > 0 ? [`Not read, being no text or too large: ${list(unread)}.`] : []),
    ...(facts.filesCut
      ? ['GitHub lists no more than 3,000 changed files: another plan may be among the rest.']
      : []),
    ...(facts.hasWorkflow ? [] : [NO_WORKFLOW]),
  ]
}

const list = (paths: readonly string[]): string =>
  paths.slice(0, 4).join(', ') + (paths.length > 4 ? ` and ${paths.length - 4} more` : '')

/** Said before anybody approves, and to whoever does. */
export const NO_WORKFLOW =
  'There is no .github/workflows/orchestrate.yml on the default branch, so nothing can run yet: copy it from the repository of Orchestrate, commit it to the default branch, then approve.'
