import type { Problem, RecordedUnit } from '../model/event.ts'
import type { Finding } from '../model/finding.ts'
import type { Sha } from '../model/ids.ts'
import { type FixPass, REVIEW_STEPS, type ReviewStep } from '../model/step.ts'
import { teamAction } from './team/team-progress.ts'
import { checkKey, openFindings, type PhaseProgress, severe } from './phase-progress.ts'

export type Action =
  | { kind: 'implement'; units: RecordedUnit[] }
  /** One agent for the whole phase (`--no-subprocess`). */
  | { kind: 'whole-phase' }
  /** In a team: workers say how they would do units, a lead judges it, or a lead with workers of its own does them. */
  | { kind: 'plan' | 'approve' | 'lead'; units: RecordedUnit[] }
  | { kind: 'check'; check: 'build' | 'test' }
  | { kind: 'fix-check'; check: 'build' | 'test'; step: 'fix-build' | 'fix-test' }
  | { kind: 'review'; steps: ReviewStep[] }
  | { kind: 'fix'; pass: FixPass; findings: Finding[] }
  | { kind: 'verify'; findings: Finding[] }
  /** The plan branch moved since: merge its tip into the phase branch, build and test that. */
  | { kind: 'sync'; planTip: Sha }
  /** Bring the codebase map up to date. */
  | { kind: 'docs' }
  | { kind: 'merge'; planTip: Sha }
  | { kind: 'stop'; problem: Problem }

/** Fixer calls per red build or test run: the reference's figure. */
export const FIX_TRIES = 2
/** Rounds of fix and verify: one, and one more for a P0 or P1 that is new or still open. */
export const ROUNDS = 2

/** Most findings that one fixer gets: a longer list goes to several, one after the other, each of 5 to 8. */
export const MAX_FINDINGS = 8

const PASSES: { pass: FixPass; severities: string[] }[] = [
  { pass: 'fix-p0p1', severities: ['P0', 'P1'] },
  { pass: 'fix-p2', severities: ['P2'] },
  { pass: 'fix-p3', severities: ['P3'] },
]

/**
 * What a phase does next. The whole protocol stands here:
 *
 *     (plan* → approve)? → implement* → build → test → review ×3 → (fix p0p1 → fix p2 → fix p3 → verify)×2 → sync? → docs? → merge
 *
 * and before anything goes on, the tree as it is now must be built and tested: a result counts for the tree that it was
 * got on and for no other. Pure: resume asks it again, and `verify` replays the chain against it.
 *
 * `headTree` is the tree that has to be built and tested: of `checkedCommit`. `planTip` is the plan branch's tip now. `hasMap`:
 * there is a codebase map, and the phase changed files (`treeFacts` in codebase-map.ts).
 */
export function next(
  progress: PhaseProgress,
  now: { headTree: Sha; hasMap: boolean; planTip: Sha; subprocess: boolean },
): Action {
  if (progress.failed) return { kind: 'stop', problem: progress.failed }
  const units = readyUnits(progress)
  if (units.length > 0 && !now.subprocess) return { kind: 'whole-phase' }
  if (units.length > 0) return teamTurn(progress) ?? { kind: 'implement', units }

  for (const check of ['build', 'test'] as const) {
    const result = progress.checks.get(checkKey(check, now.headTree))
    if (!result) return { kind: 'check', check }
    if (result.outcome !== 'red') continue
    if (progress.fixTries[check] < FIX_TRIES) return { kind: 'fix-check', check, step: `fix-${check}` }
    return { kind: 'stop', problem: redProblem(check, result) }
  }

  const missing = REVIEW_STEPS.filter((step) => !progress.reviews.has(step))
  if (missing.length > 0) return { kind: 'review', steps: missing }

  const open = openFindings(progress)
  for (const { pass, severities } of PASSES) {
    if (progress.round > 1 && pass !== 'fix-p0p1') break
    const mine = open.filter(
      (f) => severities.includes(f.finding.severity) && !f.passes.some((p) => p.round === progress.round),
    )
    if (mine.length > 0 && progress.round <= ROUNDS)
      return { kind: 'fix', pass, findings: batchOf(mine.map((f) => f.finding)) }
  }

  const touched = [...progress.findings.values()].filter((f) =>
    f.passes.some((p) => p.round === progress.round),
  )
  if (touched.length > 0 && progress.verified < progress.round) {
    return { kind: 'verify', findings: touched.map((f) => f.finding) }
  }

  const urgent = open.filter((f) => severe(f.finding))
  if (urgent.length > 0) return { kind: 'stop', problem: urgentProblem(urgent.map((f) => f.finding)) }

  if (progress.base !== now.planTip) return { kind: 'sync', planTip: now.planTip }
  if (now.hasMap && progress.docs === undefined) return { kind: 'docs' }
  return { kind: 'merge', planTip: now.planTip }
}

function teamTurn({ team, units, unitsDone, maxParallel }: PhaseProgress): Action | undefined {
  const open = units.filter((unit) => !unitsDone.has(unit.id))
  return team && teamAction(team, open, maxParallel)
}

/** The next findings for one fixer, the worst first; lists of nearly one size where they are more than one agent should have. */
function batchOf(findings: Finding[]): Finding[] {
  const sorted = findings.toSorted((a, b) => a.severity.localeCompare(b.severity))
  const agents = Math.ceil(sorted.length / MAX_FINDINGS)
  return sorted.slice(0, Math.ceil(sorted.length / agents))
}

/**
 * The units to implement now: the first that may start, and beside it those that share no file with it nor with each
 * other. A unit that names no files, or that collided before, runs alone: what it will touch is not known.
 */
function readyUnits(progress: PhaseProgress): RecordedUnit[] {
  const ready = progress.units.filter(
    (unit) => !progress.unitsDone.has(unit.id) && unit.after.every((id) => progress.unitsDone.has(id)),
  )
  const [first] = ready
  if (!first) return []
  const alone = (unit: RecordedUnit): boolean => unit.files.length === 0 || progress.alone.has(unit.id)
  if (alone(first)) return [first]
  const batch = [first]
  const busy = new Set(first.files)
  for (const unit of ready.slice(1)) {
    if (batch.length >= progress.maxParallel) break
    if (alone(unit) || unit.files.some((file) => busy.has(file))) {
      // Tasks are written in an order that means something: none overtakes one that has to wait. Specs say what they need.
      if (unit.kind === 'task') break
      continue
    }
    for (const file of unit.files) busy.add(file)
    batch.push(unit)
  }
  return batch
}

function redProblem(
  check: 'build' | 'test',
  result: { command?: string | undefined; tail?: string | undefined },
): Problem {
  const what = check === 'build' ? 'The build fails' : 'Tests fail'
  const end = (result.tail ?? '').trimEnd().split('\n').slice(-12).join('\n')
  return {
    reason: check === 'build' ? 'build-failed' : 'tests-failed',
    message: `${what} after ${FIX_TRIES} fix attempts: \`${result.command ?? ''}\`.${end ? `\n${end}` : ''}`,
    hint: 'Mend it by hand.',
  }
}

function urgentProblem(findings: Finding[]): Problem {
  const list = findings.map((f) => `${f.id} ${f.severity} ${f.file}:${f.line} ${f.title}`)
  return {
    reason: 'findings-open',
    message: `${findings.length} P0/P1 finding${findings.length === 1 ? ' is' : 's are'} still open:\n${list.join('\n')}`,
    hint: 'Mend it by hand, or say what to do with `orchestrate fix`.',
  }
}
