import type { Sha } from '../../core/model/ids.ts'
import { err, ok, type Result } from '../../core/model/result.ts'
import type { Repository } from '../../core/ports.ts'
import { checkouts } from './checkouts.ts'
import type { Git } from './git.ts'
import { GitError, gitFailure } from './git-error.ts'
import type { RefStore, RefUpdate } from './refs.ts'
import { noted, type Upstream } from './upstream.ts'

type Published = Awaited<ReturnType<Repository['publish']>>

/** The only refs that are ever pushed. */
const OURS = /^refs\/(heads\/)?orchestrate\//

interface Parts {
  git: Git
  refs: RefStore
  upstream: Upstream
}

/**
 * The repository that others see. What it was last seen to have stands in `refs/orchestrate-remote/<remote>/…`, so that a lease
 * needs no question over the network.
 */
export class Remote {
  readonly #parts: Parts
  #fetchProblem: string | undefined

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Whether there is a remote that runs are published to. */
  async isThere(): Promise<boolean> {
    return (await this.#parts.upstream.name()) !== undefined
  }

  async publish(wanted: readonly { ref: string; sha: Sha }[]): Promise<Published> {
    if (wanted.length === 0) return { ok: true }
    const foreign = wanted.find(({ ref }) => !OURS.test(ref))
    if (foreign !== undefined)
      return { ok: false, message: `${foreign.ref} is not a ref of a run: it is not pushed.` }
    const remote = await this.#parts.upstream.name()
    if (remote === undefined) return { ok: false, message: 'There is no remote to publish to.' }
    try {
      const seen = await this.#seen(remote)
      const first = await this.#push(remote, wanted, (ref) => seen.get(ref))
      if (first.ok || !first.stale) return first
      // What we remember is old. Where the remote only lacks commits that we push, nothing is lost by going on.
      const there = await this.#parts.upstream.ask(
        remote,
        wanted.map(({ ref }) => ref),
      )
      for (const { ref, sha: ours } of wanted) {
        const theirs = there.get(ref)
        if (theirs !== undefined && !(await this.#isAncestor(theirs, ours)))
          return {
            ok: false,
            message: `${remote} has something else in ${ref}: ${theirs}. Another clone works on this run.`,
          }
      }
      return await this.#push(remote, wanted, (ref) => there.get(ref))
    } catch (error) {
      if (error instanceof GitError) return { ok: false, message: error.message }
      throw error
    }
  }

  /** Why the last `fetchRuns` brought nothing although there is a remote; undefined after one that worked. */
  get fetchProblem(): string | undefined {
    return this.#fetchProblem
  }

  /**
   * Takes over what other clones published of their runs: refs that are absent here, or that only lack commits. Refs that went
   * another way here, and branches that are checked out, stay. Returns how many came; 0 where the remote cannot be reached,
   * because work goes on without it.
   */
  async fetchRuns(): Promise<number> {
    const remote = await this.#parts.upstream.name()
    this.#fetchProblem = undefined
    if (remote === undefined) return 0
    try {
      await this.#fetch(remote)
      return await this.#takeOver(await this.#seen(remote))
    } catch (error) {
      if (!(error instanceof GitError)) throw error
      this.#fetchProblem = error.message
      return 0
    }
  }

  /** Brings a commit here that may be in no branch: the head of a pull request, say. */
  async fetchCommit(commit: Sha): Promise<Result<void>> {
    const there = await this.#parts.git.run(['cat-file', '-e', `${commit}^{commit}`], { codes: [0, 1, 128] })
    if (there.code === 0) return ok(undefined)
    const remote = await this.#parts.upstream.name()
    try {
      await this.#parts.upstream.fetch(remote ?? 'origin', [
        `${commit}:refs/orchestrate-remote/commits/${commit}`,
      ])
      return ok(undefined)
    } catch (error) {
      if (error instanceof GitError) return err([gitFailure(error)])
      throw error
    }
  }

  /** What the remote has of runs, into our notes of it. */
  async #fetch(remote: string): Promise<void> {
    const into = `refs/orchestrate-remote/${remote}`
    const specs = [
      `+refs/orchestrate/*:${into}/orchestrate/*`,
      `+refs/heads/orchestrate/*:${into}/heads/orchestrate/*`,
    ]
    await this.#parts.upstream.fetch(remote, specs)
  }

  async #takeOver(seen: ReadonlyMap<string, Sha>): Promise<number> {
    const updates: RefUpdate[] = []
    for (const [ref, theirs] of seen) {
      const ours = await this.#parts.refs.get(ref)
      if (ours === theirs) continue
      if (ours === undefined || (await this.#isAncestor(ours, theirs)))
        updates.push({ ref, from: ours, to: theirs })
    }
    if (updates.length === 0) return 0
    const busy = await checkouts(this.#parts.git)
    let count = 0
    // One by one: a ref that moved meanwhile must not keep the others back.
    for (const update of updates)
      if (!busy.has(update.ref) && (await this.#parts.refs.update([update]))) count++
    return count
  }

  async #push(
    remote: string,
    wanted: readonly { ref: string; sha: Sha }[],
    lease: (ref: string) => Sha | undefined,
  ): Promise<{ ok: true } | { ok: false; message: string; stale: boolean }> {
    const leased = wanted.map((each) => ({ ref: each.ref, from: lease(each.ref), to: each.sha }))
    const done = await this.#parts.upstream.push(remote, leased)
    if (!done.ok) {
      const message = `git push to ${remote} failed: ${done.said}`
      return { ok: false, message, stale: done.said.includes('stale info') }
    }
    await this.#remember(remote, wanted)
    return { ok: true }
  }

  /** What we pushed is what the remote has now. Losing this note costs one question later, so a race is no error. */
  async #remember(remote: string, pushed: readonly { ref: string; sha: Sha }[]): Promise<void> {
    const updates = await Promise.all(
      pushed.map(async ({ ref, sha: to }) => {
        const note = noted(remote, ref)
        return { ref: note, from: await this.#parts.refs.get(note), to }
      }),
    )
    await this.#parts.refs.update(updates)
  }

  async #seen(remote: string): Promise<Map<string, Sha>> {
    const prefix = `refs/orchestrate-remote/${remote}/`
    const notes = await this.#parts.refs.list(prefix)
    return new Map(notes.map((each) => [`refs/${each.ref.slice(prefix.length)}`, each.sha]))
  }

  async #isAncestor(older: Sha, newer: Sha): Promise<boolean> {
    const result = await this.#parts.git.run(['merge-base', '--is-ancestor', older, newer], {
      codes: [0, 1, 128],
    })
    return result.code === 0
  }
}
