import { checkArtifact } from '../execute/artifact.ts'
import { CODEBASE_MAP, treeFacts } from '../execute/codebase-map.ts'
import { next } from '../execute/next.ts'
import { phaseRef, readPhaseEvent } from '../execute/phase-book.ts'
import { callKey, type PhaseProgress } from '../execute/phase-progress.ts'
import { evolvePhase } from '../execute/phase-state.ts'
import { sha256 } from '../execute/sha256.ts'
import type { PhaseEvent, RunEvent } from '../model/event.ts'
import { type Failure, failure } from '../model/failure.ts'
import type { Sha } from '../model/ids.ts'
import { err, ok, type Result } from '../model/result.ts'
import type { Ports } from '../pipeline-types.ts'
import type { LedgerEntry } from '../ports.ts'

/** What proving a run needs: it is read, and nothing of it is run. */
export type ChainPorts = Pick<Ports, 'repository' | 'ledger'>

/** Walks one attempt's own events. Returns how many there are. */
export async function verifyAttempt(
  run: string,
  claim: Extract<RunEvent, { type: 'phase-claimed' }>,
  ports: ChainPorts,
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
      const wrong =
        event.type === 'attempt-started'
          ? await beginningGap(progress, event, claim, ports)
          : await stepGap(progress, event, entry, going, ports)
      if (wrong !== undefined) return err([gap(entry, `phase ${claim.phase}: ${wrong}`)])
    }
    progress = evolvePhase(progress, event)
  }
  return ok(own)
}

/** An attempt begins where it was claimed, or on what the one before it left and a person did since. */
async function beginningGap(
  before: PhaseProgress | undefined,
  event: Extract<PhaseEvent, { type: 'attempt-started' }>,
  claim: Extract<RunEvent, { type: 'phase-claimed' }>,
  { repository }: ChainPorts,
): Promise<string | undefined> {
  if (event.mode === 'fresh' || !before)
    return event.base === claim.base && event.head === claim.base
      ? undefined
      : `attempt ${event.attempt} does not begin at the commit that it was claimed at`
  const follows = event.head === (event.byHand.at(-1) ?? before.head)
  return follows && (await repository.isAncestor(before.head, event.head))
    ? undefined
    : `attempt ${event.attempt} does not go on from where the one before it ended`
}

async function stepGap(
  progress: PhaseProgress | undefined,
  event: PhaseEvent,
  entry: LedgerEntry,
  going: Set<string>,
  ports: ChainPorts,
): Promise<string | undefined> {
  if (event.type === 'attempt-started' || event.type === 'attempt-stopped') return undefined
  if (!progress) return `${event.type} comes before the attempt began`
  const facts = await treeFacts(ports.repository, progress)
  // Units of a batch begin one by one, also after a sibling has failed.
  const asked =
    event.type === 'step-started' && (event.step === 'implement' || event.step === 'lead')
      ? { ...progress, failed: undefined }
      : progress
  const planTip = event.type === 'synced' || event.type === 'attempt-merged' ? event.planTip : progress.base
  const action = next(asked, {
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
    case 'step-cut': {
      // Of a step that was killed, each of its calls is cut off by itself.
      going.delete(`${event.step} ${event.unit}`)
      const isOpen = progress.open.get(callKey(event.step, event.unit))?.tries.includes(event.try)
      return isOpen ? undefined : `${event.step} was cut off without having started`
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
    case 'synced': {
      const { isAncestor } = ports.repository
      if (
        !(await isAncestor(event.planTip, event.commit)) ||
        !(await isAncestor(progress.head, event.commit))
      )
        return 'what is recorded as the merge of the plan branch holds not both'
      return action.kind === 'sync' ? undefined : `the plan branch was merged in, but ${expected}`
    }
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
    case 'plan':
      return step === 'lead' && action.units.some(({ id }) => id === unit)
    case 'approve':
    case 'lead':
      return step === 'lead' && unit === ''
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
  ports: ChainPorts,
): Promise<string | undefined> {
  const unit = event.unit ? `.${encodeURIComponent(event.unit)}` : ''
  const text = await ports.ledger.file(entry.commit, `artifacts/${event.step}${unit}.${event.try}.json`)
  if (text === undefined) return `the artifact of ${event.step} is missing`
  if (sha256(text) !== event.artifactHash)
    return `the artifact of ${event.step} is not the one that was recorded`
  const said = saysOtherwise(event, text)
  if (said !== undefined) return said
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

/** What a reviewer found and a fixer did is recorded as their artifact says it: nothing left out, nothing milder. */
function saysOtherwise(
  event: Extract<PhaseEvent, { type: 'step-passed' }>,
  text: string,
): string | undefined {
  const { step } = event
  if (step === 'phase') return undefined
  const artifact = checkArtifact(step, text, { nonce: undefined, attempt: event.try })
  if (!artifact.ok) return `the artifact of ${step} does not fit its schema`
  const { value } = artifact
  if ('findings' in value) {
    const line = (one: { severity: string; line: number; title: string }): string =>
      `${one.severity} ${one.line} ${one.title}`
    const recorded = event.findings.filter((one) => one.from === step).map(line)
    if (recorded.join('\n') !== value.findings.map(line).join('\n'))
      return `the findings that are recorded for ${step} are not those of its artifact`
    const again = [...new Set(value.reopened ?? [])].sort().join()
    if (step === 'verify' && [...event.reopened].sort().join() !== again)
      return `${step} found other findings still open than those that are recorded`
  }
  if ('dispositions' in value) {
    const line = (one: { finding: string; disposition: string }): string =>
      `${one.finding} ${one.disposition}`
    if (event.dispositions.map(line).join('\n') !== value.dispositions.map(line).join('\n'))
      return `what ${step} did about its findings is not what is recorded`
  }
  return undefined
}

export const gap = (entry: LedgerEntry, what: string): Failure =>
  failure(
    'ledger-gap',
    `Ledger entry ${entry.commit.slice(0, 10)}: ${what}.`,
    `Everything before it holds. \`git show ${entry.commit.slice(0, 10)}\` shows the entry.`,
  )
