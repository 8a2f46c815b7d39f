/** Which commit an event runs: https://docs.github.com/actions/reference/events-that-trigger-workflows */
import type { GitReader } from './git.ts'
import type { Payload } from './payload.ts'

export interface Source {
  /** `GITHUB_SHA`: what is checked out where nothing is said, and whose workflow files count. */
  sha: string
  /** `GITHUB_REF`, in full. */
  ref: string
  /** The commit that the run's checks stand on, and its branch. */
  headSha: string
  headBranch: string
  /** The head lies in another repository: no secrets, and a token that only reads. */
  fork: boolean
}

/** Events that run what a pull request would become, so that its author decides what they run. */
const OF_THE_HEAD = ['pull_request', 'pull_request_review', 'pull_request_review_comment']
/** The commit's author asks for silence. */
const SKIP = /\[(skip ci|ci skip|no ci|skip actions|actions skip)\]|^skip-checks:\s*true$/m

const short = (ref: string) => ref.replace(/^refs\/(heads|tags)\//, '')
const full = (ref: string) => (ref.startsWith('refs/') ? ref : `refs/heads/${ref}`)

/** The source of an event, or why it runs nothing. */
export async function sourceOf(
  event: string,
  payload: Payload,
  repository: string,
  git: GitReader,
): Promise<Source | { nothing: string }> {
  const pull = payload.pull_request
  if (OF_THE_HEAD.includes(event)) {
    if (!pull) return { nothing: 'the payload has no pull request' }
    return sourceOfPull(event, payload, pull, repository, git)
  }
  if (event === 'push') {
    if (payload.deleted === true || /^0+$/.test(payload.after ?? ''))
      return { nothing: 'the ref was deleted' }
    if (SKIP.test(payload.head_commit?.message ?? '')) return { nothing: 'its commit says to skip' }
    return named(payload.after ?? payload.ref ?? '', full(payload.ref ?? ''), git)
  }
  if (event === 'create' && typeof payload.ref === 'string') {
    const ref = payload.ref_type === 'tag' ? `refs/tags/${payload.ref}` : full(payload.ref)
    return named(ref, ref, git)
  }
  if (event === 'workflow_dispatch' && typeof payload.ref === 'string' && payload.ref !== '') {
    // A short name may be a tag's.
    const branch = await git.commit(full(payload.ref))
    const ref = branch === undefined ? `refs/tags/${short(payload.ref)}` : full(payload.ref)
    return named(ref, ref, git)
  }
  if (event === 'merge_group' && payload.merge_group) {
    const group = payload.merge_group
    const found = await named(group.head_sha, full(group.head_ref ?? ''), git)
    if (!('nothing' in found)) return found
  }
  if (
    /^check_(run|suite)$/.test(event) &&
    (payload.check_run ?? payload.check_suite)?.app?.slug === 'github-actions'
  )
    return { nothing: 'checks of Actions start no workflow' }

  const branch = payload.repository?.default_branch ?? (await git.defaultBranch())
  const found = await named(full(branch), full(branch), git)
  // Runs of `pull_request_target` show on the pull request, though their files are the default branch's.
  if ('nothing' in found || event !== 'pull_request_target' || !pull) return found
  return { ...found, headSha: pull.head.sha, headBranch: pull.head.ref }
}

async function named(name: string, ref: string, git: GitReader): Promise<Source | { nothing: string }> {
  const sha = await git.commit(name)
  if (sha === undefined) return { nothing: `there is no commit ${name}` }
  return { sha, ref, headSha: sha, headBranch: short(ref), fork: false }
}

async function sourceOfPull(
  event: string,
  payload: Payload,
  pull: NonNullable<Payload['pull_request']>,
  repository: string,
  git: GitReader,
): Promise<Source | { nothing: string }> {
  const head = await git.commit(pull.head.sha)
  if (head === undefined) return { nothing: `the head ${pull.head.sha} is not there` }
  if (event === 'pull_request' && payload.action !== 'closed') {
    if (pull.mergeable === false) return { nothing: 'the pull request has conflicts' }
    if (SKIP.test(await git.message(head))) return { nothing: 'its head says to skip' }
  }
  const ref = `refs/pull/${pull.number}/merge`
  const merge = (await git.commit(ref)) ?? (await git.commit(pull.merge_commit_sha ?? ''))
  // A merge that was made for an earlier head says nothing about this one.
  const current = merge !== undefined && (await git.parents(merge)).includes(head)
  return {
    sha: current ? merge : head,
    ref,
    headSha: head,
    headBranch: pull.head.ref,
    fork: pull.head.repo?.full_name.toLowerCase() !== repository.toLowerCase(),
  }
}
