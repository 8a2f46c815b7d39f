import type { PhaseEvent, StepPassed } from '../model/event.ts'
import { unreachable } from '../model/result.ts'
import { addUsage, type FixPass, REVIEW_STEPS, type ReviewStep } from '../model/step.ts'
import {
  callKey,
  type Check,
  checkKey,
  type PhaseProgress,
  severe,
  type TrackedFinding,
} from './phase-progress.ts'
import { both, leftOut } from './problem.ts'
import { tellStep } from './phase-steps.ts'
import { startTeam, teamFailed, teamPassed } from './team/team-progress.ts'

/** The fold of a phase's chain over all its attempts. Throws on an event that does not fit: the chain is then defective. */
export function evolvePhase(state: PhaseProgress | undefined, event: PhaseEvent): PhaseProgress {
  if (event.type === 'attempt-started') return started(state, event)
  if (!state) throw new Error(`${event.type} before attempt-started`)
  const next = { ...state, updatedAt: event.at, steps: tellStep(state.steps, event) }
  switch (event.type) {
    case 'step-started': {
      const { step, unit } = event
      const key = callKey(step, unit)
      next.calls = new Map(state.calls).set(key, event.try)
      const tries = [...(state.open.get(key)?.tries ?? []), event.try]
      next.open = new Map(state.open).set(key, { step, unit, tries })
      return next
    }
    case 'step-cut': {
      next.usage = addUsage(state.usage, event.usage)
      next.open = withoutTry(state.open, event)
      const { inputTree, tree } = event
      if (tree !== undefined)
        next.cut = new Map(state.cut).set(callKey(event.step, event.unit), { inputTree, tree })
      return next
    }
    case 'step-failed': {
      next.cut = without(state.cut, event)
      next.open = without(state.open, event)
      next.usage = addUsage(state.usage, event.usage)
      if (event.step === 'resolve-docs') {
        // Work that is built, tested and reviewed does not wait for its documentation.
        const why = `${event.problem.message} ${event.problem.hint}`.trim()
        return { ...next, docs: 'failed', notes: [...state.notes, `The codebase map is as it was: ${why}`] }
      }
      const turn = state.team === undefined ? { failed: event.problem } : teamFailed(state.team, event)
      if ('team' in turn) next.team = turn.team
      if (event.problem.reason === 'unit-collision') next.alone = new Set(state.alone).add(event.unit)
      else if (turn.failed !== undefined) {
        next.failed = state.failed ? both(state.failed, turn.failed) : turn.failed
        const whole = event.step === 'phase' || (event.step === 'lead' && event.access === 'edit')
        const all = state.units.map((unit) => unit.id).filter((id) => !state.unitsDone.has(id))
        const open = whole ? all : [event.unit]
        if ((event.step === 'implement' || whole) && byHand.has(event.problem.reason))
          next.unfinished = new Set([...state.unfinished, ...open])
      }
      if (event.step === 'fix-build' || event.step === 'fix-test') next.fixTries = bump(state, event.step)
      return next
    }
    case 'step-passed':
      return passed(next, event)
    case 'check-finished': {
      const { outcome, command, counts, tail, exitCode, left } = event
      const check = { outcome, left, command, counts, tail, exitCode } as Check
      next.checks = new Map(state.checks).set(checkKey(event.check, event.tree), check)
      next.left = event.left
      if (outcome === 'green') next.fixTries = { ...state.fixTries, [event.check]: 0 }
      return next
    }
    case 'synced':
      return {
        ...next,
        base: event.planTip,
        head: event.commit,
        left: undefined,
        docs: event.withoutDocs === true ? undefined : state.docs,
        beforeDocs: undefined,
        fixTries: { build: 0, test: 0 },
      }
    case 'attempt-stopped':
      return { ...next, ended: { kind: 'stopped', problem: event.problem, conflicts: event.conflicts } }
    case 'attempt-merged':
      return {
        ...next,
        notes: [...state.notes, ...(event.notes ?? [])],
        ended: { kind: 'merged', merge: event.merge },
      }
    default:
      return unreachable(event)
  }
}

function started(
  before: PhaseProgress | undefined,
  event: Extract<PhaseEvent, { type: 'attempt-started' }>,
): PhaseProgress {
  const findings = new Map(event.mode === 'continue' ? before?.findings : [])
  for (const finding of event.findings) {
    findings.set(finding.id, { finding, state: 'open', note: '', passes: [] })
  }
  const fresh: PhaseProgress = {
    run: event.run,
    phase: event.phase,
    attempt: event.attempt,
    branch: event.branch,
    base: event.base,
    origin: event.base,
    head: event.head,
    left: undefined,
    units: event.units,
    unitsDone: new Set(),
    alone: new Set(),
    criteria: event.criteria,
    judged: new Map(),
    maxParallel: event.maxParallel,
    checks: new Map(),
    fixTries: { build: 0, test: 0 },
    reviews: new Map(),
    findings,
    round: 1,
    verified: 0,
    fixedFrom: undefined,
    calls: new Map(),
    open: new Map(),
    cut: new Map(),
    commits: [],
    usage: {},
    decisions: [],
    questions: [],
    notes: [],
    failed: undefined,
    docs: undefined,
    beforeDocs: undefined,
    before: undefined,
    unfinished: new Set(),
    ended: undefined,
    startedAt: event.at,
    updatedAt: event.at,
    passed: [],
    team: startTeam(event, before?.team),
    steps: [],
  }
  if (event.mode === 'fresh' || !before) return fresh
  // Going on: what was committed and reviewed counts; what failed gets its tries again.
  const reopened = new Map(
    [...findings].map(([id, f]): [string, TrackedFinding] => [
      id,
      f.state === 'open' || (f.state === 'deferred' && severe(f.finding))
        ? { ...f, state: 'open', passes: [] }
        : f,
    ]),
  )
  const anyOpen = [...reopened.values()].some((f) => f.state === 'open')
  return {
    ...before,
    attempt: event.attempt,
    branch: event.branch,
    base: event.base,
    head: event.head,
    left: undefined,
    findings: reopened,
    // By hand or by a fixer: after a stop over findings, what changed is verified once more.
    round: anyOpen ? 1 : before.round,
    verified: anyOpen ? 0 : before.verified,
    fixedFrom: event.byHand.length > 0 && before.fixedFrom === undefined ? before.head : before.fixedFrom,
    ...(event.byHand.length > 0
      ? { unitsDone: new Set([...before.unitsDone, ...before.unfinished]), unfinished: new Set<string>() }
      : {}),
    fixTries: { build: 0, test: 0 },
    // A red result is asked again: the world outside the tree may be what was mended.
    checks: new Map([...before.checks].filter(([, check]) => check.outcome === 'green')),
    calls: new Map(),
    open: new Map(),
    cut: new Map(),
    commits: [...before.commits, ...event.byHand.map((sha) => ({ sha, subject: 'changes by hand' }))],
    usage: {},
    failed: undefined,
    docs: undefined,
    beforeDocs: undefined,
    before: before.ended?.kind === 'stopped' ? before.ended.problem : before.failed,
    ended: undefined,
    updatedAt: event.at,
    team: fresh.team,
    steps: tellStep(before.steps, event),
  }
}

/** Ends of a unit after which what a person does in the worktree finishes it. */
const byHand: ReadonlySet<string> = new Set(['empty-diff', 'commit-refused'])

function passed(next: PhaseProgress, event: StepPassed): PhaseProgress {
  const tip = event.commits.at(-1)?.sha
  const update: PhaseProgress = {
    ...next,
    usage: addUsage(next.usage, event.usage),
    cut: without(next.cut, event),
    open: without(next.open, event),
    head: tip ?? next.head,
    left: event.left,
    beforeDocs: tip === undefined ? next.beforeDocs : undefined,
    commits: [...next.commits, ...event.commits],
    decisions: [...next.decisions, ...event.decisions],
    questions: [...next.questions, ...event.questions],
    notes: [...next.notes, ...event.notes],
    passed: [...next.passed, event],
  }
  const findings = new Map(next.findings)
  const judged = new Map(next.judged)
  for (const { id, met, evidence } of event.criteria) judged.set(id, { met, evidence })
  for (const finding of event.findings)
    findings.set(finding.id, { finding, state: 'open', note: '', passes: [] })
  update.findings = findings
  update.judged = judged
  if (next.team !== undefined) {
    const turn = teamPassed(next.team, event)
    update.team = turn.team
    if (turn.failed !== undefined) update.failed = next.failed ? both(next.failed, turn.failed) : turn.failed
  }

  if (event.step === 'implement' || event.step === 'phase') {
    update.unitsDone = new Set(next.unitsDone).add(event.unit)
    update.unfinished = new Set([...next.unfinished].filter((id) => id !== event.unit))
    if (event.step === 'phase') {
      const left = event.stuck ?? []
      const open = new Set(left.map(({ unit }) => unit))
      update.unitsDone = new Set(next.units.map((unit) => unit.id).filter((id) => !open.has(id)))
      // What a person does in the worktree after that finishes them.
      update.unfinished = open
      if (left.length > 0) update.failed = leftOut(left.map(({ note }) => note))
      const own = (event.reviewed ?? []).map((step): [ReviewStep, { counts: number; summary: string }] => [
        step,
        { counts: event.findings.filter((f) => f.from === step).length, summary: event.summary },
      ])
      // Of work that is not whole they say nothing about what is still to come.
      if (left.length === 0) update.reviews = new Map([...next.reviews, ...own])
      settle(findings, event, undefined)
    }
  } else if (event.step === 'lead') {
    update.unitsDone = new Set([...next.unitsDone, ...(event.done ?? [])])
  } else if (event.step === 'fix-build' || event.step === 'fix-test') {
    update.fixTries = bump(next, event.step)
    // Also where nothing was committed: the fixer may have mended what git does not see, so the check runs again.
    update.checks = new Map([...next.checks].filter(([, check]) => check.outcome !== 'red'))
  } else if ((REVIEW_STEPS as readonly string[]).includes(event.step)) {
    const review = { counts: event.findings.length, summary: event.summary }
    update.reviews = new Map(next.reviews).set(event.step as ReviewStep, review)
  } else if (event.step === 'fix-p0p1' || event.step === 'fix-p2' || event.step === 'fix-p3') {
    settle(findings, event, { round: next.round, pass: event.step })
    update.fixedFrom = next.fixedFrom ?? next.head
  } else if (event.step === 'resolve-docs') {
    update.docs = 'refreshed'
    update.beforeDocs = tip === undefined ? undefined : next.head
  } else if (event.step === 'verify') {
    for (const id of event.reopened) {
      const tracked = findings.get(id)
      if (tracked)
        findings.set(id, {
          ...tracked,
          state: severe(tracked.finding) ? 'open' : 'deferred',
          note: 'still open after its fix',
        })
    }
    // What is not urgent and comes up this late is put off: the round has to converge.
    for (const { id } of event.findings) {
      const tracked = findings.get(id)
      if (tracked && !severe(tracked.finding))
        findings.set(id, { ...tracked, state: 'deferred', note: 'found while verifying' })
    }
    update.verified = next.round
    update.round = next.round + 1
  }
  return update
}

/** What a fixer says about findings. A P0 or P1 cannot be put off: it stays open until it is fixed, refuted, or a person decides. */
function settle(
  findings: Map<string, TrackedFinding>,
  event: StepPassed,
  pass: { round: number; pass: FixPass } | undefined,
): void {
  for (const { finding: id, disposition, note } of event.dispositions) {
    const tracked = findings.get(id)
    if (!tracked) continue
    const stays = disposition === 'deferred' && severe(tracked.finding)
    const passes = pass ? [...tracked.passes, pass] : tracked.passes
    findings.set(id, { ...tracked, state: stays ? 'open' : disposition, note, passes })
  }
}

const without = <T>(of: Map<string, T>, { step, unit }: Pick<StepPassed, 'step' | 'unit'>): Map<string, T> =>
  new Map([...of].filter(([key]) => key !== callKey(step, unit)))

/** A step's end pays for all its calls, a cut for the one that was cut off. */
const withoutTry = (
  open: PhaseProgress['open'],
  call: Pick<StepPassed, 'step' | 'unit' | 'try'>,
): PhaseProgress['open'] => {
  const { step, unit } = call
  const tries = open.get(callKey(step, unit))?.tries.filter((one) => one !== call.try) ?? []
  const others = without(open, call)
  return tries.length === 0 ? others : others.set(callKey(step, unit), { step, unit, tries })
}

const bump = (state: PhaseProgress, step: 'fix-build' | 'fix-test') => {
  const check = step === 'fix-build' ? 'build' : 'test'
  return { ...state.fixTries, [check]: state.fixTries[check] + 1 }
}
