import type { CheckFinished, PhaseEvent, Problem, RecordedUnit, StepPassed } from '../model/event.ts'
import type { Disposition, Finding } from '../model/finding.ts'
import type { PhaseId, Sha } from '../model/ids.ts'
import { unreachable } from '../model/result.ts'
import {
  addUsage,
  type AgentStep,
  type FixPass,
  REVIEW_STEPS,
  type ReviewStep,
  type Usage,
} from '../model/step.ts'

export interface TrackedFinding {
  finding: Finding
  state: 'open' | Disposition
  note: string
  /** The fix passes that had it, by round. */
  passes: { round: number; pass: FixPass }[]
}

type Check = Pick<CheckFinished, 'outcome' | 'command' | 'counts' | 'tail' | 'exitCode' | 'left'>

/** One phase as its attempts recorded it. What to do next follows from this alone: see `next.ts`. */
export interface PhaseProgress {
  run: string
  phase: PhaseId
  attempt: number
  branch: string
  /** What the phase forked from, or was last synchronised with: the plan branch's tip then. */
  base: Sha
  /** Where the phase branch began. */
  origin: Sha
  /** Tip of the phase branch. */
  head: Sha
  /** Tree of the phase's directory after the last event; other than the tip's where a build left files. Undefined: the tip's. */
  left: Sha | undefined
  units: RecordedUnit[]
  unitsDone: Set<string>
  /** Units whose work collided with a sibling's: they run alone. */
  alone: Set<string>
  criteria: string[]
  judged: Map<string, { met: boolean; evidence: string }>
  maxParallel: number
  /** The newest result per check and tree. */
  checks: Map<string, Check>
  /** Fixer calls since the check was last green. */
  fixTries: { build: number; test: number }
  reviews: Map<ReviewStep, { counts: number; summary: string }>
  findings: Map<string, TrackedFinding>
  /** 1 until the first verify, 2 after it. */
  round: number
  verified: number
  /** The commit before the first fix pass of the round: what verify looks at begins here. */
  fixedFrom: Sha | undefined
  calls: Map<string, number>
  commits: { sha: Sha; subject: string }[]
  usage: Usage
  decisions: string[]
  questions: string[]
  notes: string[]
  /** Of all steps that failed: those that ran beside each other may fail together. */
  failed: Problem | undefined
  /** How the refresh of the codebase map ended in this attempt; undefined: it was not done. */
  docs: 'refreshed' | 'failed' | undefined
  /** The branch's tip before the refresh that is its tip now; undefined where the tip is anything else. */
  beforeDocs: Sha | undefined
  /** What stopped the attempt before this one. */
  before: Problem | undefined
  /** Units that a person may have finished by hand: nothing was changed, or a hook refused the commit. */
  unfinished: Set<string>
  ended:
    { kind: 'stopped'; problem: Problem; conflicts: string[] } | { kind: 'merged'; merge: Sha } | undefined
  startedAt: number
  updatedAt: number
  /** Steps that passed, for reports: `review-code`, `implement data-model`. */
  passed: StepPassed[]
}

const callKey = (step: AgentStep, unit: string): string => `${step}\n${unit}`
export const callsOf = (progress: PhaseProgress, step: AgentStep, unit = ''): number =>
  progress.calls.get(callKey(step, unit)) ?? 0
export const checkKey = (check: 'build' | 'test', tree: string): string => `${check} ${tree}`

/** The fold of a phase's chain over all its attempts. Throws on an event that does not fit: the chain is then defective. */
export function evolvePhase(state: PhaseProgress | undefined, event: PhaseEvent): PhaseProgress {
  if (event.type === 'attempt-started') return started(state, event)
  if (!state) throw new Error(`${event.type} before attempt-started`)
  const next = { ...state, updatedAt: event.at }
  switch (event.type) {
    case 'step-started': {
      next.calls = new Map(state.calls).set(callKey(event.step, event.unit), event.try)
      return next
    }
    case 'step-failed': {
      next.usage = addUsage(state.usage, event.usage)
      if (event.step === 'resolve-docs') {
        // Work that is built, tested and reviewed does not wait for its documentation.
        const why = `${event.problem.message} ${event.problem.hint}`.trim()
        return { ...next, docs: 'failed', notes: [...state.notes, `The codebase map is as it was: ${why}`] }
      }
      if (event.problem.reason === 'unit-collision') next.alone = new Set(state.alone).add(event.unit)
      else {
        next.failed = state.failed ? both(state.failed, event.problem) : event.problem
        const open = event.step === 'phase' ? state.units.map((unit) => unit.id) : [event.unit]
        if ((event.step === 'implement' || event.step === 'phase') && byHand.has(event.problem.reason))
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
      return { ...next, ended: { kind: 'merged', merge: event.merge } }
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
    commits: [...before.commits, ...event.byHand.map((sha) => ({ sha, subject: 'changes by hand' }))],
    usage: {},
    failed: undefined,
    docs: undefined,
    beforeDocs: undefined,
    before: before.ended?.kind === 'stopped' ? before.ended.problem : before.failed,
    ended: undefined,
    updatedAt: event.at,
  }
}

/** Ends of a unit after which what a person does in the worktree finishes it. */
const byHand: ReadonlySet<string> = new Set(['empty-diff', 'commit-refused'])

const both = (first: Problem, second: Problem): Problem => ({
  ...first,
  message: `${first.message}\n${second.message}`,
  hint: first.hint === second.hint ? first.hint : `${first.hint} ${second.hint}`,
})

function passed(next: PhaseProgress, event: StepPassed): PhaseProgress {
  const tip = event.commits.at(-1)?.sha
  const update: PhaseProgress = {
    ...next,
    usage: addUsage(next.usage, event.usage),
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

  if (event.step === 'implement' || event.step === 'phase') {
    update.unitsDone = new Set(next.unitsDone).add(event.unit)
    update.unfinished = new Set([...next.unfinished].filter((id) => id !== event.unit))
    if (event.step === 'phase') {
      update.unitsDone = new Set(next.units.map((unit) => unit.id))
      update.unfinished = new Set()
      const own = (event.reviewed ?? []).map((step): [ReviewStep, { counts: number; summary: string }] => [
        step,
        { counts: event.findings.filter((f) => f.from === step).length, summary: event.summary },
      ])
      update.reviews = new Map([...next.reviews, ...own])
      settle(findings, event, undefined)
    }
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

const bump = (state: PhaseProgress, step: 'fix-build' | 'fix-test') => {
  const check = step === 'fix-build' ? 'build' : 'test'
  return { ...state.fixTries, [check]: state.fixTries[check] + 1 }
}

/**
 * The commit whose tree has to be built and tested. A refresh of the codebase map changes that one document and nothing else (its
 * gate sees to that, and `verify` looks again), so results of the commit before it hold for it too, and nothing runs a second
 * time. A project whose tests read its map sees what they say of it in the next phase.
 */
export const checkedCommit = (progress: PhaseProgress): Sha => progress.beforeDocs ?? progress.head

export const severe = (finding: Pick<Finding, 'severity'>): boolean =>
  finding.severity === 'P0' || finding.severity === 'P1'

export const openFindings = (progress: PhaseProgress): TrackedFinding[] =>
  [...progress.findings.values()].filter((f) => f.state === 'open')
