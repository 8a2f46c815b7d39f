import { setTimeout as wait } from 'node:timers/promises'
import { failure, type Failure } from '../../core/model/failure.ts'
import type { Sha } from '../../core/model/ids.ts'
import { err, ok, type Result } from '../../core/model/result.ts'
import type { Appended, LedgerEntry, LedgerStore, RefMove, SharedLedger } from '../../core/ports.ts'
import type { Git } from './git.ts'
import { GitError, gitFailure } from './git-error.ts'
import type { RefStore } from './refs.ts'
import { type Leased, noted, type Upstream } from './upstream.ts'

const RUN_REF = /^refs\/orchestrate\/[^/]+\/run$/
/** Waits before a push that failed for no reason of ours is tried again, milliseconds: about half a minute in all. */
const RETRIES = [500, 2_000, 8_000, 20_000]
/** What servers say that will not be otherwise a second later. */
const REFUSED =
  /hook declined|protected branch|GH\d{3}|permission|denied|forbidden|not authorized|Authentication failed|could not read Username|returned error: 40[134]|Repository not found/i

interface Parts {
  git: Git
  local: LedgerStore
  refs: RefStore
  upstream: Upstream
  /** Other waits between tries, for tests. */
  retries?: readonly number[]
}

type Push = { kind: 'taken' } | { kind: 'stale'; moved: string[] } | { kind: 'failed'; failure: Failure }

/**
 * The ledger of jobs that work on one run from several machines. An event of a run's chain counts once the remote has it,
 * together with the refs that belong to it; a phase's chain has one writer and stays here between checkpoints. What the
 * remote was last seen to have stands in `refs/orchestrate-remote/<remote>/…`.
 */
export class PublishedLedger implements SharedLedger {
  readonly #parts: Parts
  #pushes = 0

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get pushes(): number {
    return this.#pushes
  }

  read(ref: string): Promise<Result<{ head: Sha | undefined; entries: LedgerEntry[] }>> {
    return this.#parts.local.read(ref)
  }

  file(commit: Sha, path: string): Promise<string | undefined> {
    return this.#parts.local.file(commit, path)
  }

  runs(): Promise<string[]> {
    return this.#parts.local.runs()
  }

  async append(input: Parameters<LedgerStore['append']>[0]): Promise<Appended> {
    const { ref, along = [] } = input
    const done = await this.#parts.local.append(input)
    if (!done.ok || !RUN_REF.test(ref) || input.hold === true) return done
    const remote = await this.#remote()
    if (!remote.ok) return { ok: false, failure: remote.error }
    const from = await this.#parts.refs.get(noted(remote.value, ref))
    const pushed = await this.#push(remote.value, [
      { ref, from, to: done.head },
      ...(await this.#leased(remote.value, along)),
    ])
    if (pushed.kind === 'taken') return done
    // It did not happen: what is here is what the remote has, so that whoever reads now decides on that.
    const fetched = await this.fetch(runOf(ref))
    if (!fetched.ok) await this.#put(ref, from)
    if (pushed.kind === 'failed') return { ok: false, failure: pushed.failure }
    if (!fetched.ok) return { ok: false, failure: unreachable(remote.value, fetched.error[0]?.message ?? '') }
    return pushed.moved.includes(ref) ? { ok: false } : { ok: false, failure: foreign(pushed.moved) }
  }

  async checkpoint(
    refs: { ref: string; sha: Sha }[],
  ): Promise<{ ok: true } | { ok: false; lost: boolean; failure: Failure }> {
    const remote = await this.#remote()
    if (!remote.ok) return { ok: false, lost: false, failure: remote.error }
    const wanted: Leased[] = []
    for (const { ref, sha: to } of refs) {
      const from = await this.#parts.refs.get(noted(remote.value, ref))
      if (from !== to) wanted.push({ ref, from, to })
    }
    if (wanted.length === 0) return { ok: true }
    const pushed = await this.#push(remote.value, wanted)
    if (pushed.kind === 'taken') return { ok: true }
    return pushed.kind === 'stale'
      ? { ok: false, lost: true, failure: foreign(pushed.moved) }
      : { ok: false, lost: false, failure: pushed.failure }
  }

  async fetch(run: string): Promise<Result<void>> {
    const remote = await this.#remote()
    if (!remote.ok) return err([remote.error])
    const prefixes = [`refs/orchestrate/${run}/`, `refs/heads/orchestrate/${run}/`]
    try {
      await this.#parts.upstream.fetch(
        remote.value,
        prefixes.map((prefix) => `+${prefix}*:${noted(remote.value, prefix)}*`),
      )
      for (const prefix of prefixes) await this.#follow(remote.value, prefix)
      return ok(undefined)
    } catch (error) {
      if (error instanceof GitError) return err([unreachable(remote.value, error.message)])
      throw error
    }
  }

  /** Refs here become what the remote has; those of phases and the plan branch only where nothing of ours would be lost. */
  async #follow(remote: string, prefix: string): Promise<void> {
    const notes = await this.#parts.refs.list(noted(remote, prefix))
    const there = new Map(
      notes.map(({ ref, sha }) => [prefix + ref.slice(noted(remote, prefix).length), sha]),
    )
    for (const [ref, theirs] of there) {
      const ours = await this.#parts.refs.get(ref)
      if (ours === theirs) continue
      const goesOn = ours !== undefined && !RUN_REF.test(ref)
      if (goesOn && (await this.#isAncestor(theirs, ours))) continue
      // Another job went on from an earlier checkpoint: what was done here after it is kept, out of the way.
      if (goesOn && !(await this.#isAncestor(ours, theirs))) await this.#put(setAside(ref, ours), ours)
      await this.#put(ref, theirs)
    }
    for (const { ref } of await this.#parts.refs.list(prefix))
      if (RUN_REF.test(ref) && !there.has(ref)) await this.#put(ref, undefined)
  }

  /**
   * One atomic push. Where it fails we ask what the remote has before anything else: a push may have worked whose answer was
   * lost, and an answer that says "stale" may be about any of the refs.
   */
  async #push(remote: string, wanted: readonly Leased[]): Promise<Push> {
    const { upstream, retries = RETRIES } = this.#parts
    const names = wanted.map(({ ref }) => ref)
    for (let tries = 0; ; tries++) {
      this.#pushes++
      let said: string
      try {
        const done = await upstream.push(remote, wanted)
        if (done.ok) {
          await this.#note(remote, new Map(wanted.map(({ ref, to }) => [ref, to])))
          return { kind: 'taken' }
        }
        said = done.said
      } catch (error) {
        if (!(error instanceof GitError)) throw error
        if (error.kind !== 'timeout' && error.kind !== 'failed')
          return { kind: 'failed', failure: gitFailure(error) }
        said = error.message
      }
      const there = await this.#ask(remote, names)
      if (there !== undefined) {
        if (wanted.every(({ ref, to }) => there.get(ref) === to)) {
          await this.#note(remote, there)
          return { kind: 'taken' }
        }
        const moved = wanted.filter(({ ref, from, to }) => ![from, to].includes(there.get(ref)))
        if (moved.length > 0) return { kind: 'stale', moved: moved.map(({ ref }) => ref) }
        if (REFUSED.test(said)) return { kind: 'failed', failure: refused(remote, said) }
      } else if (REFUSED.test(said)) {
        return { kind: 'failed', failure: refused(remote, said) }
      }
      const pause = retries[tries]
      if (pause === undefined) return { kind: 'failed', failure: unreachable(remote, said) }
      await wait(pause * (0.75 + Math.random() / 2))
    }
  }

  async #ask(remote: string, refs: readonly string[]): Promise<Map<string, Sha> | undefined> {
    try {
      return await this.#parts.upstream.ask(remote, refs)
    } catch (error) {
      if (error instanceof GitError) return undefined
      throw error
    }
  }

  /** The plan branch must stand where the ledger says. Refs of a phase must stand where we last saw them. */
  async #leased(remote: string, along: readonly RefMove[]): Promise<Leased[]> {
    const leased: Leased[] = []
    for (const { ref, from, to } of along) {
      const seen = await this.#parts.refs.get(noted(remote, ref))
      if (seen !== to) leased.push({ ref, from: isPhase(ref) ? seen : from, to })
    }
    return leased
  }

  async #note(remote: string, there: ReadonlyMap<string, Sha>): Promise<void> {
    for (const [ref, to] of there) await this.#put(noted(remote, ref), to)
  }

  async #put(ref: string, to: Sha | undefined): Promise<void> {
    const { refs } = this.#parts
    for (let tries = 0; tries < 5; tries++) {
      const from = await refs.get(ref)
      if (from === to || (await refs.update([{ ref, from, to }]))) return
    }
    throw new Error(`${ref} keeps moving`)
  }

  async #isAncestor(older: Sha, newer: Sha): Promise<boolean> {
    const result = await this.#parts.git.run(['merge-base', '--is-ancestor', older, newer], {
      codes: [0, 1, 128],
    })
    return result.code === 0
  }

  async #remote(): Promise<Result<string, Failure>> {
    const name = await this.#parts.upstream.name()
    return name === undefined
      ? err(
          failure(
            'git-failed',
            'The checkout has no remote to share the run by.',
            'Check out with actions/checkout, or add the remote `origin`.',
          ),
        )
      : ok(name)
  }
}

const isPhase = (ref: string): boolean =>
  /^refs\/(orchestrate\/[^/]+\/phase\/|heads\/orchestrate\/[^/]+\/phase-)/.test(ref)

const setAside = (ref: string, at: Sha): string =>
  `refs/orchestrate-set-aside/${ref.slice('refs/'.length)}/${at.slice(0, 12)}`

const runOf = (ref: string): string => ref.split('/')[2] ?? ''

const foreign = (refs: readonly string[]): Failure =>
  failure(
    'foreign-commit',
    `The remote has commits that this run did not make, in ${refs.map((ref) => ref.replace(/^refs\/heads\//, '')).join(', ')}.`,
    'None of them was used, and nothing was overwritten. Look at them with `git log`, put the branch back, then retry the phase.',
  )

const refused = (remote: string, said: string): Failure =>
  failure(
    'forge-refused',
    `The remote ${remote} refused a push of the run's refs: ${tail(said)}`,
    'The job needs `contents: write`, and rules for branches must let it write `orchestrate/**`.',
  )

const unreachable = (remote: string, said: string): Failure =>
  failure(
    'forge-unavailable',
    `The remote ${remote} did not take the run's refs: ${tail(said)}`,
    'Nothing is lost up to the last checkpoint. Run the job again in a while.',
  )

const tail = (said: string): string => said.trim().split('\n').slice(-4).join(' ').slice(-600)
