/** What follows from a ref that moved: `push`, `create`, `delete`, and what it means for pull requests. */
import type { Actor } from '../auth/actor.ts'
import { accountOf } from '../auth/actor.ts'
import type { Commit } from '../git/parse-objects.ts'
import { branchOfRef, NO_COMMIT } from '../git/repository.ts'
import { mustGit } from '../git/run-git.ts'
import type { Services } from '../http/api.ts'
import { closePull, refreshMergeRefs, raisePull } from '../pulls/pull-events.ts'
import { accountOfEmail } from '../render/pull.ts'
import { pullsFrom } from '../state/find.ts'
import { emailOf } from '../state/make.ts'
import type { Repository, World } from '../state/records.ts'
import { isoNow } from '../state/time.ts'
import { requestSuites } from './check-suites.ts'

export interface RefChange {
  ref: string
  /** Forty zeros where the ref did not exist, or does not any more. */
  before: string
  after: string
}

const MAX_COMMITS = 20

export async function refsChanged(
  services: Services,
  repo: Repository,
  changes: RefChange[],
  actor: Actor,
): Promise<void> {
  for (const change of changes) {
    // Rules, pushes and workflows know of branches and tags; other refs move unseen.
    if (branchOfRef(change.ref) === undefined && !change.ref.startsWith('refs/tags/')) continue
    repo.pushedAt = isoNow(services.world)
    await raisePush(services, repo, change, actor)
    const branch = branchOfRef(change.ref)
    if (branch === undefined) continue
    if (change.after !== NO_COMMIT) await requestSuites(services, repo, { ...change, branch }, actor)
    await headMoved(services, repo, branch, change, actor)
    await baseMoved(services, repo, branch, change, actor)
  }
}

async function headMoved(
  services: Services,
  repo: Repository,
  branch: string,
  change: RefChange,
  actor: Actor,
): Promise<void> {
  for (const { base, issue } of pullsFrom(services.world, repo, branch)) {
    const { pull } = issue
    if (change.after === NO_COMMIT) {
      await closePull(services, base, issue.number, actor)
      continue
    }
    if (!(await repo.git.isAncestor(change.before, change.after)))
      pull.forcePushes.push({
        by: accountOf(actor),
        at: isoNow(services.world),
        before: change.before,
        after: change.after,
      })
    pull.head.sha = change.after
    pull.base.sha = (await base.git.tip(pull.base.ref)) ?? pull.base.sha
    issue.updatedAt = isoNow(services.world)
    await refreshMergeRefs(base, issue)
    const { before, after } = change
    await raisePull(services, base, issue.number, 'synchronize', actor, { before, after })
  }
}

/** A pull request whose head has come into its base is merged, however it came there; a squash has said so itself. */
async function baseMoved(
  services: Services,
  repo: Repository,
  branch: string,
  change: RefChange,
  actor: Actor,
): Promise<void> {
  for (const issue of repo.issues.values()) {
    const { pull } = issue
    if (!pull || issue.state !== 'open' || pull.base.ref !== branch) continue
    if (change.after === NO_COMMIT) await closePull(services, repo, issue.number, actor)
    else if (pull.merged || (await repo.git.isAncestor(pull.head.sha, change.after))) {
      pull.merged ??= { at: isoNow(services.world), by: accountOf(actor), sha: change.after }
      await closePull(services, repo, issue.number, actor)
    }
  }
}

async function raisePush(
  services: Services,
  repo: Repository,
  change: RefChange,
  actor: Actor,
): Promise<void> {
  const { world, hub } = services
  const { ref, before, after } = change
  const [created, deleted] = [before === NO_COMMIT, after === NO_COMMIT]
  const short = ref.replace(/^refs\/(heads|tags)\//, '')
  const kind = {
    ref: short,
    ref_type: branchOfRef(ref) === undefined ? 'tag' : 'branch',
    pusher_type: 'user',
  }
  if (created)
    hub.raise(repo, {
      event: 'create',
      actor,
      payload: { ...kind, master_branch: repo.defaultBranch, description: null },
    })
  const commits = deleted ? [] : await pushedCommits(world, repo, change)
  const head = deleted ? null : await pushedHead(world, repo, after)
  const account = accountOf(actor)
  hub.raise(repo, {
    event: 'push',
    actor,
    payload: {
      ref,
      before,
      after,
      created,
      deleted,
      forced: !created && !deleted && !(await repo.git.isAncestor(before, after)),
      base_ref: null,
      compare: `${world.url}/${repo.fullName}/compare/${before.slice(0, 12)}...${after.slice(0, 12)}`,
      commits,
      head_commit: head,
      pusher: { name: account.login, email: emailOf(account) },
    },
  })
  if (deleted) hub.raise(repo, { event: 'delete', actor, payload: kind })
}

async function pushedCommits(
  world: World,
  repo: Repository,
  { before, after }: RefChange,
): Promise<unknown[]> {
  const exclude = before === NO_COMMIT ? await repo.git.tip(repo.defaultBranch) : before
  if (exclude === after) return []
  const range = exclude === undefined ? [after] : [after, `^${exclude}`]
  const shas = await repo.git.revList([`--max-count=${MAX_COMMITS}`, ...range])
  const commits = await repo.git.commits(shas.reverse())
  const touched = await touchedFiles(repo, shas)
  return commits.map((commit) => renderPushed(world, repo, commit, touched.get(commit.sha) ?? []))
}

async function pushedHead(world: World, repo: Repository, sha: string): Promise<unknown> {
  const commit = await repo.git.commit(sha)
  return commit
    ? renderPushed(world, repo, commit, (await touchedFiles(repo, [commit.sha])).get(commit.sha) ?? [])
    : null
}

/** Letter and path of every file that a commit changed; nothing for merges, as git itself shows them. */
async function touchedFiles(repo: Repository, shas: string[]): Promise<Map<string, [string, string][]>> {
  const touched = new Map<string, [string, string][]>()
  if (shas.length === 0) return touched
  const args = ['diff-tree', '--stdin', '--root', '-r', '-z', '--no-renames', '--name-status']
  const out = await mustGit(repo.git.dir, args, { input: shas.map((sha) => `${sha}\n`).join('') })
  const fields = out.toString().split('\0')
  let current: [string, string][] = []
  for (let at = 0; at < fields.length; at += 1) {
    const field = fields[at] ?? ''
    if (/^[0-9a-f]{40}$/.test(field)) {
      current = []
      touched.set(field, current)
    } else if (field !== '') {
      current.push([field, fields[at + 1] ?? ''])
      at += 1
    }
  }
  return touched
}

function renderPushed(world: World, repo: Repository, commit: Commit, files: [string, string][]): unknown {
  const person = ({ name, email, date }: Commit['author']): unknown => {
    const account = accountOfEmail(world, email)
    return { name, email, date, ...(account ? { username: account.login } : {}) }
  }
  const having = (letters: string): string[] =>
    files.filter(([letter]) => letters.includes(letter)).map(([, file]) => file)
  return {
    id: commit.sha,
    tree_id: commit.tree,
    distinct: true,
    message: commit.message,
    timestamp: commit.committer.date,
    url: `${world.url}/${repo.fullName}/commit/${commit.sha}`,
    author: person(commit.author),
    committer: person(commit.committer),
    added: having('A'),
    removed: having('D'),
    modified: having('MT'),
  }
}
