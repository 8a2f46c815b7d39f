/** Writes what should stand on a pull request, where it does not stand there yet. */
import { sha256 } from '../../execute/sha256.ts'
import type { CheckRun, CheckWrite, Forge, PullFacts, StickyComment } from '../../forge.ts'
import type { Failure } from '../../model/failure.ts'
import type { Sha } from '../../model/ids.ts'
import { err, ok, type Result } from '../../model/result.ts'
import type { GateContext } from './context.ts'
import {
  checkId,
  type Marker,
  readCheckId,
  readMarker,
  sameComment,
  type Told,
  withMarker,
} from './marker.ts'

/** While steps run, a check is rewritten at most so often. */
const CALM_SECONDS = 30

export interface WantedCheck extends Omit<CheckWrite, 'externalId'> {
  /** The check of a phase under way: what it says besides its steps, and how far it tells of them. */
  running?: { besides: string; told: Told }
}

export interface Wanted {
  checks: WantedCheck[]
  /** Undefined leaves the comment as it is (or absent). */
  comment?: { text: string; remember: Omit<Marker, 'v' | 'hash'> }
  /** The rendering's place in the run's chain; whoever has seen more of it is right. */
  seen: { run: string; at: number; head?: Sha }
}

export interface Published {
  /** Requests that changed something. */
  writes: number
  /** Steps that are to be shown are held back for so long, milliseconds. */
  laterMs?: number
}

/** Of the comments that carry our marker the oldest of ours, which stays. */
export const stickyOf = (facts: PullFacts): StickyComment | undefined =>
  facts.comments.filter(({ mine }) => mine).sort((a, b) => a.id - b.id)[0]

export const markerOf = (facts: PullFacts): Marker => readMarker(stickyOf(facts)?.body ?? '')

/** Checks and comment side by side. Nothing is written where it stands so already, or where somebody saw more. */
export async function publish(
  forge: Forge,
  facts: PullFacts,
  wanted: Wanted,
  ctx: GateContext,
): Promise<Result<Published>> {
  const checks = wanted.checks.map((check) => writeCheck(forge, facts, check, wanted.seen, ctx))
  const results = await Promise.all([...checks, writeComment(forge, facts, wanted), tidy(forge, facts, ctx)])
  const failures: Failure[] = []
  let writes = 0
  const later: number[] = []
  for (const result of results) {
    if (!result.ok) failures.push(...result.error)
    else if (typeof result.value === 'number') writes += result.value
    else later.push(result.value.laterMs)
  }
  if (failures.length > 0) return err(failures)
  return ok({ writes, ...(later.length === 0 ? {} : { laterMs: Math.max(...later) }) })
}

async function writeCheck(
  forge: Forge,
  facts: PullFacts,
  wanted: WantedCheck,
  { run, at, head }: Wanted['seen'],
  ctx: GateContext,
): Promise<Result<number | { laterMs: number }>> {
  const { running, ...check } = wanted
  const hash = sha256(running?.besides ?? JSON.stringify(check)).slice(0, 16)
  const seconds = Math.floor(ctx.clock.now() / 1_000)
  const standing = newest(facts.checks.filter(({ name, mine }) => mine && name === check.name))
  const memory = standing && readCheckId(standing.externalId)
  if (memory !== undefined && run !== '' && memory.run === run && memory.at > at) return ok(0)
  if (memory?.hash === hash) {
    if (running === undefined || !isNews(running.told, memory.steps)) return ok(0)
    // whole seconds: one that has just begun may be over in a moment
    const left = memory.seconds + CALM_SECONDS + 1 - seconds
    if (left > 0) return ok({ laterMs: left * 1_000 })
  }
  // A check that was completed cannot be opened again everywhere, and one that said nothing yet would need a request more for
  // its annotations: a new one of the name takes its place.
  const reopens = standing?.status === 'completed' && (check.status !== 'completed' || memory === undefined)
  // What was pressed on it stays: the job that was started for it reads it there.
  const pressed = reopens ? undefined : memory?.pressed
  const written = await forge.writeCheck(
    {
      ...check,
      externalId: checkId({
        // Whoever cannot read the run any more remembers what it was: see `anchors.ts`.
        ...(run === '' && memory !== undefined ? placeOf(memory) : placeOf({ run, at, head })),
        ...{ hash, seconds },
        ...(running && { steps: running.told }),
        ...(pressed && { pressed }),
      }),
    },
    reopens ? undefined : standing?.id,
  )
  return written.ok ? ok(1) : written
}

const placeOf = ({ run, at, head }: { run: string; at: number; head?: Sha | undefined }) => ({
  ...{ run, at },
  ...(head === undefined ? {} : { head }),
})

const isNews = (told: Told, before: Told | undefined): boolean =>
  before === undefined || told.attempt !== before.attempt || told.count > before.count

const newest = (checks: CheckRun[]): CheckRun | undefined => checks.sort((a, b) => b.id - a.id)[0]

async function writeComment(
  forge: Forge,
  facts: PullFacts,
  { comment, seen }: Wanted,
): Promise<Result<number>> {
  if (comment === undefined) return ok(0)
  const standing = stickyOf(facts)
  const body = withMarker(comment.remember, comment.text)
  if (standing !== undefined) {
    const before = readMarker(standing.body)
    if (sameComment(standing.body, body)) return ok(0)
    if (seen.run !== '' && before.run === seen.run && (before.at ?? 0) > seen.at) return ok(0)
  }
  const written = await forge.writeComment(facts.pull.number, body, standing?.id)
  return written.ok ? ok(1) : written
}

/** One comment in the end: others of ours go, and those of the workflow where the App speaks. */
async function tidy(forge: Forge, facts: PullFacts, ctx: GateContext): Promise<Result<number>> {
  const keep = stickyOf(facts)?.id
  const extra = facts.comments.filter(
    ({ id, mine, author }) =>
      (mine && id !== keep) || (ctx.as === 'app' && !mine && author.login === 'github-actions[bot]'),
  )
  for (const { id } of extra) {
    const deleted = await forge.deleteComment(id)
    if (!deleted.ok) return deleted
  }
  return ok(extra.length)
}
