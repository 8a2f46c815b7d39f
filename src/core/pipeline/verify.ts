import { CODEBASE_MAP, treeFacts } from '../execute/codebase-map.ts'
import { next } from '../execute/next.ts'
import { foldPhase, phaseRef, readPhaseEvent } from '../execute/phase-book.ts'
import { evolvePhase, type PhaseProgress } from '../execute/phase-state.ts'
import { sha256 } from '../execute/sha256.ts'
import type { PhaseEvent, RunEvent } from '../model/event.ts'
import { type Failure, failure } from '../model/failure.ts'
import type { Sha } from '../model/ids.ts'
import { err, ok, type Result } from '../model/result.ts'
import type { Ports } from '../pipeline-types.ts'
import type { LedgerEntry } from '../ports.ts'
import { type RunBook, readRunEvent, runRef } from '../run/book.ts'
import { canClaim } from '../run/schedule.ts'
import { evolve, type RunState } from '../run/state.ts'

/**
 * Replays every chain of a run against the rules that wrote it: nothing claimed before its dependencies, no step that the
 * protocol did not ask for, no merge before every gate, every artifact and commit the one that is recorded. It shows that the
 * ledger is consistent (chained); who wrote it is another question.
 */
export async function verifyChains(
  book: RunBook,
  ports: Ports,
): Promise<Result<{ events: number; phases: number }>> {
  const read = await ports.ledger.read(runRef(book.run))
  if (!read.ok) return read
  let events = 0
  let state: RunState | undefined
  const phases = new Set<string>()
  for (const entry of read.value.entries) {
    events++
    const event = readRunEvent(entry)
    if (!event.ok) return err([event.error])
    if (state) {
      const wrong = runGap(state, event.value)
      if (wrong !== undefined) return err([gap(entry, wrong)])
    }
    if (event.value.type === 'phase-merged') {
      phases.add(event.value.phase)
      const merged = await verifyMerge(book.run, event.value, entry, ports)
      if (!merged.ok) return merged
    }
    if (event.value.type === 'phase-claimed') {
      phases.add(event.value.phase)
      const walked = await verifyAttempt(book.run, event.value, ports)
      if (!walked.ok) return walked
      events += walked.value
    }
    state = evolve(state, event.value)
  }
  return ok({ events, phases: phases.size })
}

function runGap(state: RunState, event: RunEvent): string | undefined {
  switch (event.type) {
    case 'run-approved':
      return event.digest === state.digest ? undefined : 'the approval is for another plan'
    case 'phase-claimed': {
      if (state.state !== 'approved') return `phase ${event.phase} was claimed before the run was approved`
      const phase = state.phases.get(event.phase)
      if (!phase) return `phase ${event.phase} is not in the approved plan`
      if (event.attempt !== phase.attempt + 1)
        return `attempt ${event.attempt} of phase ${event.phase} follows attempt ${phase.attempt}`
      if (event.base !== state.planTip)
        return `phase ${event.phase} starts from a commit that is not the plan's tip`
      const reason = canClaim(state, phase)
      return reason === undefined ? undefined : `phase ${event.phase} was claimed although ${reason}`
    }
    case 'phase-merged': {
      const phase = state.phases.get(event.phase)
      if (phase?.state !== 'running' || phase.attempt !== event.attempt)
        return `phase ${event.phase} was merged without being claimed`
      return event.from === state.planTip
        ? undefined
        : `phase ${event.phase} was merged onto a commit that is not the plan's tip`
    }
    default:
      return undefined
  }
}

/** The merge commit has the plan's tip and the phase's tip as parents, and the phase had nothing left to do but merge. */
async function verifyMerge(
  run: string,
  event: Extract<RunEvent, { type: 'phase-merged' }>,
  entry: LedgerEntry,
  ports: Ports,
): Promise<Result<void>> {
  const parents = [
    await ports.repository.resolve(`${event.merge}^1`),
    await ports.repository.resolve(`${event.merge}^2`),
  ]
  if (parents[0] !== event.from || parents[1] !== event.head) {
    return err([gap(entry, `the merge of phase ${event.phase} is not the commit that is recorded`)])
  }
  const chain = await ports.ledger.read(phaseRef(run, event.phase, event.attempt))
  if (!chain.ok) return chain
  const own = chain.value.entries.filter((e) => !isEnd(e))
  const folded = foldPhase(own)
  if (!folded.ok) return err([folded.error])
  const progress = folded.value
  if (!progress || progress.head !== event.head) {
    return err([gap(entry, `phase ${event.phase} was merged at a commit that its record does not end with`)])
  }
  const facts = await treeFacts(ports.repository, progress)
  const action = next(progress, { ...facts, planTip: event.from, subprocess: true })
  return action.kind === 'merge'
    ? ok(undefined)
    : err([gap(entry, `phase ${event.phase} was merged, but its record says that ${action.kind} comes next`)])
}

const isEnd = (entry: LedgerEntry): boolean => {
  const event = readPhaseEvent(entry)
  return event.ok && event.value.type === 'attempt-merged'
}

/** Walks one attempt's own events. Returns how many there are. */
async function verifyAttempt(
  run: string,
  claim: Extract<RunEvent, { type: 'phase-claimed' }>,
  ports: Ports,
): Promise<Result<number>> {
  const chain = await ports.ledger.read(phaseRef(run, claim.phase, claim.attempt))
  if (!chain.ok) return chain
  let progress: PhaseProgress | undefined
  let own = 0
  const going = new Set<string>()
  for (const entry of chain.value.entries) {
    const read = readPhaseEvent(entry)
    if (!read.ok) return err([read.error])
    const event = read.value
    const mine =
      event.type === 'attempt-started' ? event.attempt === claim.attempt : progress?.attempt === claim.attempt
    if (mine) {
      own++
      const wrong = await stepGap(progress, event, entry, going, ports)
      if (wrong !== undefined) return err([gap(entry, `phase ${claim.phase}: ${wrong}`)])
    }
    progress = evolvePhase(progress, event)
  }
  return ok(own)
}

async function stepGap(
  progress: PhaseProgress | undefined,
  event: PhaseEvent,
  entry: LedgerEntry,
  going: Set<string>,
  ports: Ports,
): Promise<string | undefined> {
  if (event.type === 'attempt-started' || event.type === 'attempt-stopped') return undefined
  if (!progress) return `${event.type} comes before the attempt began`
  const facts = await treeFacts(ports.repository, progress)
  const planTip = event.type === 'synced' || event.type === 'attempt-merged' ? event.planTip : progress.base
  const action = next(progress, {
    ...facts,
    planTip,
    subprocess: !('step' in event && event.step === 'phase'),
  })
  const expected = `the protocol asks for ${action.kind} there`
  switch (event.type) {
    case 'step-started': {
      going.add(`${event.step} ${event.unit}`)
      return asksFor(action, event.step, event.unit, progress)
        ? undefined
        : `${event.step} started, but ${expected}`
    }
    case 'step-passed':
    case 'step-failed': {
      if (!going.delete(`${event.step} ${event.unit}`)) return `${event.step} ended without having started`
      if (
        event.access === 'read-only' &&
        event.type === 'step-passed' &&
        event.inputTree !== event.outputTree
      ) {
        return `${event.step} passed although it changed files`
      }
      if (event.type === 'step-passed') return await passedGap(progress, event, entry, ports)
      return undefined
    }
    case 'check-finished':
      if (event.tree !== facts.headTree) return `${event.check} was run on a tree that is not the branch's`
      return action.kind === 'check' && action.check === event.check
        ? undefined
        : `${event.check} ran, but ${expected}`
    case 'synced':
      return action.kind === 'sync' ? undefined : `the plan branch was merged in, but ${expected}`
    case 'attempt-merged':
      return action.kind === 'merge' ? undefined : `it was merged, but ${expected}`
  }
}

function asksFor(
  action: ReturnType<typeof next>,
  step: string,
  unit: string,
  progress: PhaseProgress,
): boolean {
  switch (action.kind) {
    case 'implement':
      // Units that run beside each other end one by one: each only has to be open, with what it needs done.
      return (
        step === 'implement' &&
        progress.units.some(
          (u) =>
            u.id === unit &&
            !progress.unitsDone.has(u.id) &&
            u.after.every((id) => progress.unitsDone.has(id)),
        )
      )
    case 'whole-phase':
      return step === 'phase'
    case 'fix-check':
      return step === action.step
    case 'review':
      return (action.steps as string[]).includes(step)
    case 'fix':
      return step === action.pass
    case 'verify':
      return step === 'verify'
    case 'docs':
      return step === 'resolve-docs'
    default:
      return false
  }
}

/** The artifact is the one that was hashed, and commits stand on the branch's tip. */
async function passedGap(
  progress: PhaseProgress,
  event: Extract<PhaseEvent, { type: 'step-passed' }>,
  entry: LedgerEntry,
  ports: Ports,
): Promise<string | undefined> {
  if (event.artifactHash !== undefined) {
    const unit = event.unit ? `.${encodeURIComponent(event.unit)}` : ''
    const text = await ports.ledger.file(entry.commit, `artifacts/${event.step}${unit}.${event.try}.json`)
    if (text === undefined) return `the artifact of ${event.step} is missing`
    if (sha256(text) !== event.artifactHash)
      return `the artifact of ${event.step} is not the one that was recorded`
  }
  let tip: Sha = progress.head
  for (const { sha } of event.commits) {
    if ((await ports.repository.resolve(`${sha}^1`)) !== tip)
      return `commit ${sha.slice(0, 10)} of ${event.step} does not stand on the branch's tip`
    tip = sha
  }
  // It counts as checked without having been: so it may be nothing but the map.
  if (event.step === 'resolve-docs') {
    const changes = await ports.repository.changes(progress.head, tip)
    const other = changes.find(({ path }) => path !== CODEBASE_MAP)
    if (other) return `${event.step} changed ${other.path}, which was not built and tested after it`
  }
  return undefined
}

const gap = (entry: LedgerEntry, what: string): Failure =>
  failure(
    'ledger-gap',
    `Ledger entry ${entry.commit.slice(0, 10)}: ${what}.`,
    `Everything before it holds. \`git show ${entry.commit.slice(0, 10)}\` shows the entry.`,
  )
