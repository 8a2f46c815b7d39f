import { lstat, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { failure, type Failure } from '../../core/model/failure.ts'
import type { Sha } from '../../core/model/ids.ts'
import { err, ok, type Result } from '../../core/model/result.ts'
import type { Change } from '../../core/ports.ts'
import { isAncestor } from './ancestry.ts'
import { checkouts } from './checkouts.ts'
import { changes } from './diff.ts'
import { READ_ONLY } from './first-look.ts'
import type { Git } from './git.ts'
import { failedCommand, gitFailure } from './git-error.ts'
import type { ObjectStore } from './object-store.ts'
import type { RefStore } from './refs.ts'
import { parseStatus, STATUS_FLAGS } from './status.ts'

const SHOWN_PATHS = 5
interface Parts {
  git: Git
  objects: ObjectStore
  refs: RefStore
  /** What can be done while git writes files. */
  meanwhile?: () => void
  /** How long we wait for another git command in the checkout. Milliseconds; ten seconds where nothing is said. */
  lockWaitMs?: number
}

/**
 * Fast-forwards a branch of the user's from `expected` to `to`, or changes nothing. Where the branch is checked out its files
 * go along, and only if no tracked file is changed there and no other file would be overwritten.
 */
export async function land(parts: Parts, branch: string, expected: Sha, to: Sha): Promise<Result<void>> {
  const ref = branch.startsWith('refs/') ? branch : `refs/heads/${branch}`
  const name = ref.replace(/^refs\/heads\//, '')
  const moved = () =>
    refuse(
      name,
      'it was changed by somebody meanwhile',
      'Merge what was finished by hand: it is on the plan branch.',
    )
  const now = await parts.refs.get(ref)
  if (now === to) return ok(undefined)
  if (now !== expected) return moved()
  // Most often it is checked out where we are: looked at while git says so.
  const here = parts.git.cwd
  const dirtyHere = trackedChanges(parts.git, here).catch(() => undefined)
  const [forward, where] = await Promise.all([
    isAncestor(parts.git, parts.objects, expected, to),
    checkouts(parts.git),
  ])
  if (!forward) return refuse(name, `${short(to)} does not contain it`, 'Merge the plan branch by hand.')
  const path = where.get(ref)
  if (path !== undefined) {
    const dirty = path === here ? await dirtyHere : undefined
    return landInCheckout(parts, { path, name, ref, expected, to }, dirty)
  }
  return (await parts.refs.update([{ ref, from: expected, to }])) ? ok(undefined) : moved()
}

interface Checkout {
  path: string
  name: string
  ref: string
  expected: Sha
  to: Sha
}

async function landInCheckout(
  parts: Parts,
  checkout: Checkout,
  known: string[] | undefined,
): Promise<Result<void>> {
  const { path, name, ref, expected, to } = checkout
  const [dirty, changed] = await Promise.all([
    known ?? trackedChanges(parts.git, path),
    changes(parts.objects, expected, to),
  ])
  if (dirty.length > 0)
    return refuse(name, `it is checked out at ${path} with changes in ${list(dirty)}`, 'Commit or stash them')
  const added = changed.filter((change) => change.kind === 'added').map((change) => change.path)
  const inTheWay = await existing(path, added)
  if (inTheWay.length > 0)
    return refuse(
      name,
      `files that git does not track would be overwritten in ${path}: ${list(inTheWay)}`,
      'Move or delete them',
    )
  // Its own settings must not turn this into anything but a fast-forward. No ignored file is overwritten either.
  const flags = [
    '--ff-only',
    '--no-squash',
    '--commit',
    '--no-autostash',
    '--no-overwrite-ignore',
    '--no-stat',
    '--quiet',
  ]
  const merging = parts.git.run(['merge', ...flags, to], {
    cwd: path,
    codes: Array.from({ length: 256 }, (_, code) => code),
  })
  parts.meanwhile?.()
  const merged = await merging
  if (merged.code === 0 && (await parts.refs.get(ref)) === to) return ok(undefined)
  const lock = indexLock(merged.stderr)
  if (lock !== undefined) {
    // A person's git works there: ours did nothing, and nothing is undone. What it changed is looked at before another try.
    const { meanwhile: _, lockWaitMs = LOCK_WAIT_MS, ...rest } = parts
    const left = await waitFor(lock, lockWaitMs)
    if (left > 0) return await landInCheckout({ ...rest, lockWaitMs: left }, checkout, undefined)
    return refuse(
      name,
      `another git command works in ${path}, or left ${lock} behind`,
      'Wait until it has ended, or delete that file if none runs',
    )
  }
  await undo(parts, checkout, changed)
  const error = failedCommand('merge', merged.stderr, path)
  if (error.kind === 'disk-full') return err([gitFailure(error)])
  return refuse(name, `git said: ${merged.stderr.trim().slice(-1_000)}`, 'Put that right')
}

/** Longer than commands of git hold a checkout's index, and short for somebody who waits for ours. Milliseconds. */
const LOCK_WAIT_MS = 10_000
const POLL_MS = 50

const indexLock = (stderr: string): string | undefined =>
  /'([^'\n]*index\.lock)': File exists/.exec(stderr)?.[1]

/** Until the file is gone: how much of the time is left then, 0 where it is still there. */
async function waitFor(lock: string, ms: number): Promise<number> {
  for (let left = ms; left > 0; left -= POLL_MS) {
    await wait(POLL_MS)
    const isThere = await lstat(lock).then(
      () => true,
      () => false,
    )
    if (!isThere) return left
  }
  return 0
}

async function trackedChanges(git: Git, path: string): Promise<string[]> {
  const output = await git.text([...STATUS_FLAGS, '--untracked-files=no'], { cwd: path, env: READ_ONLY })
  const { staged, unstaged } = parseStatus(output)
  return [...new Set([...staged, ...unstaged])].sort()
}

async function existing(root: string, paths: readonly string[]): Promise<string[]> {
  const there = await Promise.all(
    paths.map((path) =>
      lstat(join(root, path)).then(
        () => true,
        () => false,
      ),
    ),
  )
  return paths.filter((_, i) => there[i])
}

/**
 * A merge that failed half-way (the disk was full) leaves files behind without having moved anything. What was tracked was clean
 * a moment ago; of files that were to be added only those go that hold what we brought, or its beginning.
 */
async function undo(parts: Parts, { path, to }: Checkout, changed: readonly Change[]): Promise<void> {
  const dirty = new Set(await trackedChanges(parts.git, path))
  const half = changed.map((change) => change.path).filter((file) => dirty.has(file))
  if (half.length === 0) return
  const restore = ['checkout', '--force', 'HEAD', '--pathspec-from-file=-', '--pathspec-file-nul']
  await parts.git.run(restore, { cwd: path, input: half.join('\0') })
  for (const change of changed.filter((each) => each.kind === 'added')) {
    const file = join(path, change.path)
    const content = await readFile(file).catch(() => undefined)
    const brought = await parts.objects.contents(`${to}:${change.path}`)
    if (content !== undefined && brought?.content.subarray(0, content.length).equals(content))
      await rm(file, { force: true })
  }
}

const short = (commit: Sha): string => commit.slice(0, 10)

function list(paths: readonly string[]): string {
  const more = paths.length - SHOWN_PATHS
  return paths.slice(0, SHOWN_PATHS).join(', ') + (more > 0 ? ` and ${more} more` : '')
}

function refuse(branch: string, why: string, what: string): { ok: false; error: Failure[] } {
  const hint = what.endsWith('.') ? what : `${what}, then run \`orchestrate land\`.`
  return err([failure('cannot-land', `${branch} was not fast-forwarded: ${why}.`, hint)])
}
