import { treeFacts } from '../execute/codebase-map.ts'
import { next } from '../execute/next.ts'
import { foldPhase, phaseRef, readPhaseEvent } from '../execute/phase-book.ts'
import { DEFAULT_CONTRACT } from '../model/contract.ts'
import type { RunEvent } from '../model/event.ts'
import { err, ok, type Result } from '../model/result.ts'
import type { LedgerEntry } from '../ports.ts'
import { type RunBook, readRunEvent, runRef } from '../run/book.ts'
import { canClaim } from '../run/schedule.ts'
import { evolve, type RunState } from '../run/state.ts'
import { recordedGap } from './recorded.ts'
import { type ChainPorts, gap, verifyAttempt } from './verify-attempt.ts'

/**
 * Replays every chain of a run against the rules that wrote it: nothing claimed before its dependencies, no step that the
 * protocol did not ask for, no merge before every gate, every artifact and commit the one that is recorded. It shows that the
 * ledger is consistent (chained); who wrote it is another question.
 */
export async function verifyChains(
  book: RunBook,
  ports: ChainPorts,
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
      const written = await recordGap(event.value, state?.planDir ?? '', ports)
      if (written !== undefined) return err([gap(entry, written)])
    }
    if (event.value.type === 'phase-stopped') {
      const { phase, attempt } = event.value
      const chain = await ports.ledger.read(phaseRef(book.run, phase, attempt))
      if (!chain.ok) return chain
      const last = chain.value.entries.at(-1)
      const end = last && readPhaseEvent(last)
      if (end && !end.ok) return err([end.error])
      if (end?.value.type !== 'attempt-stopped')
        return err([gap(entry, `phase ${phase} stopped, but its own record does not end so`)])
    }
    if (event.value.type === 'phase-claimed') {
      phases.add(event.value.phase)
      const walked = await verifyAttempt(book.run, event.value, ports)
      if (!walked.ok) return walked
      events += walked.value
    }
    state = evolve(state, event.value)
  }
  const changed = await recordedGap(book, ports)
  return changed === undefined ? ok({ events, phases: phases.size }) : err([changed])
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

/**
 * A merge brings what was built and tested. What it writes besides are records: files of the plan, the hand-off and the log, whose
 * names the plan's contract may choose.
 */
async function recordGap(
  event: Extract<RunEvent, { type: 'phase-merged' }>,
  planDir: string,
  { repository }: ChainPorts,
): Promise<string | undefined> {
  const prefix = planDir === '' ? '' : `${planDir}/`
  const contract = (await repository.readFile(event.merge, `${prefix}workflow.md`)) ?? ''
  const { handoff, progress } = DEFAULT_CONTRACT
  const named = (path: string): boolean =>
    path === handoff.file || path === progress.file || contract.includes(path)
  const isRecord = (path: string): boolean =>
    named(path) || path === planDir || (path.startsWith(prefix) && (planDir !== '' || path.endsWith('.md')))
  const changes = await repository.changes(event.head, event.merge)
  const other = changes.find(({ path }) => !isRecord(path))
  return other && `the merge of phase ${event.phase} changes ${other.path}, which no step of it did`
}

/** The merge commit has the plan's tip and the phase's tip as parents, and the phase had nothing left to do but merge. */
async function verifyMerge(
  run: string,
  event: Extract<RunEvent, { type: 'phase-merged' }>,
  entry: LedgerEntry,
  ports: ChainPorts,
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
