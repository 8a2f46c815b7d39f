import type { PhaseEvent, Problem, RecordedUnit, StepFailed, StepPassed } from '../../model/event.ts'

/** How often a lead may send a unit's plan back before a person has to decide: the reference's figure. */
export const MAX_REJECTIONS = 2
/** How often a unit's worker is replaced before a person has to decide: the reference's figure. */
export const MAX_REPLACED = 2

export interface Proposal {
  text: string
  state: 'proposed' | 'approved' | 'rejected'
  rejections: number
  /** What the lead said about it. */
  note: string
}

/** A phase that a team does, as its attempts recorded it. */
export interface TeamProgress {
  /** `lead`: one agent process with workers of its own; `loop`: our own loop over processes. */
  by: 'lead' | 'loop'
  /** Whether plans of workers are approved before they work. */
  plans: boolean
  proposals: Map<string, Proposal>
  /** A lead with workers of its own has committed something: a piece that it does not call done may be there all the same. */
  led: boolean
  replaced: Map<string, number>
  /** Why the worker before was replaced, for the next one. */
  stuck: Map<string, string>
  discoveries: { unit: string; text: string }[]
  /** What was decided, oldest first: the log in the phase's artifacts. */
  log: { at: number; text: string }[]
}

/** Ends that another worker may do better. Money, keys, hooks and the plan itself are not among them. */
const STUCK: ReadonlySet<string> = new Set([
  'agent-timeout',
  'agent-idle',
  'agent-killed',
  'agent-crashed',
  'agent-malformed',
  'agent-denied',
  'artifact-missing',
  'artifact-too-large',
  'artifact-not-json',
  'artifact-schema',
  'artifact-stale-nonce',
  'empty-diff',
])

type Started = Extract<PhaseEvent, { type: 'attempt-started' }>

/** The team of an attempt: on one that goes on, what was approved and found out counts, and everybody gets their tries again. */
export function startTeam(event: Started, before: TeamProgress | undefined): TeamProgress | undefined {
  if (event.team === undefined) return undefined
  const kept = event.mode === 'continue' ? before : undefined
  const how = event.team.by === 'lead' ? 'a lead with workers of its own' : 'one process for each worker'
  const plans = event.team.plans ? ', plans are approved first' : ''
  return {
    ...event.team,
    proposals: new Map(
      [...(kept?.proposals ?? [])]
        .filter(([, { state }]) => state === 'approved')
        .map(([unit, one]) => [unit, { ...one, rejections: 0 }]),
    ),
    led: kept?.led ?? false,
    replaced: new Map(),
    stuck: kept?.stuck ?? new Map(),
    discoveries: kept?.discoveries ?? [],
    log: [
      ...(kept?.log ?? []),
      { at: event.at, text: `Attempt ${event.attempt}: ${event.units.length} units, ${how}${plans}.` },
    ],
  }
}

export interface TeamTurn {
  team: TeamProgress
  /** Why the phase stops over it. */
  failed?: Problem
}

/** What a passed step means to the team. */
export function teamPassed(before: TeamProgress, event: StepPassed): TeamTurn {
  const team = copy(before)
  const { unit } = event
  const say = (text: string): void => void team.log.push({ at: event.at, text })
  let failed: Problem | undefined
  if (event.step === 'lead' && event.verdicts !== undefined) {
    for (const { unit: of, approved, note } of event.verdicts) {
      const plan = team.proposals.get(of)
      if (plan?.state !== 'proposed') continue
      const said = note === '' ? '' : `: ${note}`
      if (approved) {
        team.proposals.set(of, { ...plan, state: 'approved', note })
        say(`Plan of ${of} approved${said}`)
        continue
      }
      const rejections = plan.rejections + 1
      team.proposals.set(of, { ...plan, state: 'rejected', rejections, note })
      say(`Plan of ${of} rejected (${rejections} of ${MAX_REJECTIONS})${said}`)
      if (rejections >= MAX_REJECTIONS) failed = rejectedTooOften(of, plan.text, note)
    }
  } else if (event.step === 'lead' && event.plan !== undefined) {
    const { rejections = 0, note = '' } = team.proposals.get(unit) ?? {}
    team.proposals.set(unit, { text: event.plan, state: 'proposed', rejections, note })
    say(`Worker of ${unit} plans: ${event.plan}`)
  } else if (event.step === 'lead') {
    for (const text of event.log ?? []) say(text)
    for (const id of event.done ?? []) say(`${id} is done.`)
    for (const { unit: of, note } of event.stuck ?? []) {
      say(`${of} is stuck: ${note}`)
    }
    failed = leadStuck(event.stuck ?? [])
    // What it left undone is done one by one.
    team.by = 'loop'
    team.led ||= event.commits.length > 0
  } else if (event.step === 'implement') {
    say(`${unit || 'The phase'} is done: ${event.summary}`)
    team.stuck.delete(unit)
  }
  for (const text of event.discoveries ?? []) relay(team, event, text)
  return failed === undefined ? { team } : { team, failed }
}

/** What a failed step means to the team; `failed` is left out where the phase goes on by another worker. */
export function teamFailed(before: TeamProgress, event: StepFailed): TeamTurn {
  const team = copy(before)
  const { unit, step, problem } = event
  const say = (text: string): void => void team.log.push({ at: event.at, text })
  for (const text of event.discoveries ?? []) relay(team, event, text)
  const isStuck = STUCK.has(problem.reason)
  if (step === 'lead' && isStuck) {
    // Whoever cannot lead or plan may still work: the gates after it are the same.
    if (team.by === 'lead') team.by = 'loop'
    else team.plans = false
    say(
      `${unit === '' ? 'The lead' : `The plan of ${unit}`} failed (${problem.reason}): the phase goes on without.`,
    )
    return { team }
  }
  if (step !== 'implement' || !isStuck) return { team, failed: problem }
  const replaced = team.replaced.get(unit) ?? 0
  team.stuck.set(unit, `${problem.message}\n${problem.hint}`)
  if (replaced >= MAX_REPLACED) {
    say(`${unit || 'The phase'} is given up after ${replaced + 1} workers (${problem.reason}).`)
    return {
      team,
      failed: workersStuck(
        unit,
        problem.message,
        `${replaced + 1} workers, one after the other,`,
        problem.hint,
      ),
    }
  }
  team.replaced.set(unit, replaced + 1)
  say(
    `Worker of ${unit || 'the phase'} is stuck (${problem.reason}) and replaced (${replaced + 1} of ${MAX_REPLACED}).`,
  )
  return { team }
}

/** What a team does before its workers may work: undefined is nothing. */
export function teamAction(
  { by, plans, proposals }: TeamProgress,
  open: readonly RecordedUnit[],
  maxParallel: number,
): { kind: 'plan' | 'approve' | 'lead'; units: RecordedUnit[] } | undefined {
  if (by === 'lead') return { kind: 'lead', units: [...open] }
  if (!plans) return undefined
  const stateOf = (unit: RecordedUnit): string => proposals.get(unit.id)?.state ?? 'rejected'
  const unplanned = open.filter((unit) => stateOf(unit) === 'rejected')
  if (unplanned.length > 0) return { kind: 'plan', units: unplanned.slice(0, maxParallel) }
  const proposed = open.filter((unit) => stateOf(unit) === 'proposed')
  return proposed.length > 0 ? { kind: 'approve', units: proposed } : undefined
}

function relay(team: TeamProgress, { unit, at }: { unit: string; at: number }, text: string): void {
  if (team.discoveries.some((known) => known.text === text)) return
  team.discoveries.push({ unit, text })
  team.log.push({ at, text: `${unit || 'The lead'} found out, told to all: ${text}` })
}

const copy = (team: TeamProgress): TeamProgress => ({
  ...team,
  proposals: new Map(team.proposals),
  replaced: new Map(team.replaced),
  stuck: new Map(team.stuck),
  discoveries: [...team.discoveries],
  log: [...team.log],
})

const rejectedTooOften = (unit: string, plan: string, note: string): Problem => ({
  reason: 'plan-rejected',
  message: `The lead rejected ${MAX_REJECTIONS} plans for ${unit}. The last: ${plan}\nWhy: ${note || 'it does not say.'}`,
  hint: 'Say how it is to be done, with `orchestrate fix` or in the plan; going on lets the worker plan again.',
})

const workersStuck = (unit: string, why: string, who: string, hint = ''): Problem => ({
  reason: 'workers-stuck',
  message: `${who} got stuck with ${unit || 'the phase'}: ${why}`,
  hint: `Do it by hand, make it smaller, or say what is missing. ${hint}`.trim(),
})

const leadStuck = (stuck: readonly { unit: string; note: string }[]): Problem | undefined =>
  stuck.length === 0
    ? undefined
    : workersStuck(
        stuck.map(({ unit }) => unit).join(', '),
        stuck.length === 1
          ? (stuck[0]?.note ?? '')
          : stuck.map(({ unit, note }) => `${unit}: ${note}`).join('\n'),
        'The lead',
      )

/** Where it stands in the tree of the ledger. */
export const TEAM_LOG = 'artifacts/team-log.md'

/** The log of decisions, as it stands among the phase's artifacts. */
export const teamLogText = ({ log }: TeamProgress): string =>
  `# What the team decided\n\n${log.map(({ at, text }) => `- ${new Date(at).toISOString()} ${text.replace(/\s*\n\s*/g, ' ')}`).join('\n')}\n`
