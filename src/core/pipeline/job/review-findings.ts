import type { Remark, Statement } from '../../forge.ts'
import { failure } from '../../model/failure.ts'
import type { PhaseId, Sha } from '../../model/ids.ts'
import { err, ok, type Result } from '../../model/result.ts'
import type { Repository } from '../../ports.ts'
import type { RunState } from '../../run/state.ts'
import { sanitize } from '../../text/sanitize.ts'

/** What a reviewer asks for, of one phase. */
export interface Requested {
  phase: PhaseId
  /** A finding of a person: what the review says as a whole, then each remark with its place. */
  text: string
}

/** Agents read no more of a person's words at once. Characters. */
const MAX_TEXT = 7_500
const MORE = '\n\n… the rest stands in the review.'

/**
 * What a review finds, phase by phase. A remark belongs to the phase that wrote the lines it stands at, and where none did, to
 * the one that changed the file last. A review without a remark in any phase's work belongs to the phase whose commit it was
 * made on, or to the only one there is.
 */
export async function findingsOf(
  review: Statement,
  state: RunState,
  repository: Pick<Repository, 'log' | 'blame' | 'touching' | 'resolve'>,
): Promise<Result<Requested[]>> {
  const owners = await ownersOf(state, repository)
  const found = new Map<PhaseId, Remark[]>()
  for (const remark of review.remarks ?? []) {
    const phase = await phaseOf(remark, state, owners, repository)
    if (phase !== undefined) found.set(phase, [...(found.get(phase) ?? []), remark])
  }
  if (found.size === 0) {
    const whole = review.remarks?.length ? undefined : phaseOfCommit(review.commit, state, owners)
    if (whole === undefined) return err([unclear(review, state)])
    found.set(whole, [])
  }
  return ok([...found].map(([phase, remarks]) => ({ phase, text: textOf(review, remarks) })))
}

/** The phase of every commit that a merge of the run brought. */
async function ownersOf(
  { merges }: RunState,
  repository: Pick<Repository, 'log'>,
): Promise<ReadonlyMap<Sha, PhaseId>> {
  const owners = new Map<Sha, PhaseId>()
  for (const { phase, from, merge } of merges)
    for (const { sha } of await repository.log(from, merge)) owners.set(sha, phase)
  return owners
}

async function phaseOf(
  { path, lines, commit }: Remark,
  { base, planTip }: RunState,
  owners: ReadonlyMap<Sha, PhaseId>,
  repository: Pick<Repository, 'blame' | 'touching' | 'resolve'>,
): Promise<PhaseId | undefined> {
  const known = commit !== undefined && (await repository.resolve(`${commit}^{commit}`)) === commit
  const wrote = known && lines ? await repository.blame(commit, path, lines) : []
  // The last of the lines is the one that the remark stands below.
  const written = wrote.findLast((sha) => owners.has(sha))
  const changed = written ?? (await repository.touching(base, planTip, path)).find((sha) => owners.has(sha))
  return changed && owners.get(changed)
}

/** The pull request's head is the merge of the last phase, and a review of all of it is made there: that says nothing. */
function phaseOfCommit(
  commit: Sha | undefined,
  { merges, planTip }: RunState,
  owners: ReadonlyMap<Sha, PhaseId>,
): PhaseId | undefined {
  const [only, ...others] = new Set(merges.map(({ phase }) => phase))
  if (others.length === 0) return only
  return commit === undefined || commit === planTip ? undefined : owners.get(commit)
}

function textOf({ body }: Statement, remarks: readonly Remark[]): string {
  const said = [
    sanitize(body).trim(),
    ...remarks.map((one) => `${placeOf(one)}: ${sanitize(one.text).trim()}`),
  ]
  const text = said.filter((part) => part !== '').join('\n\n')
  return text.length <= MAX_TEXT ? text : text.slice(0, MAX_TEXT - MORE.length) + MORE
}

function placeOf({ path, lines }: Remark): string {
  if (lines === undefined) return path
  return lines.from === lines.to ? `${path}:${lines.to}` : `${path}:${lines.from}-${lines.to}`
}

const unclear = ({ author }: Statement, { run }: RunState) =>
  failure(
    'refused',
    `The review of ${author.login} is about nothing that a phase of run ${run} made.`,
    'Review lines that a phase wrote, or write /fix PHASE what is wrong.',
  )
