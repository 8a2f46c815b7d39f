import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { failure, type Failure } from '../../core/model/failure.ts'
import { sha, type Sha } from '../../core/model/ids.ts'
import { err, ok, type Result } from '../../core/model/result.ts'
import type {
  CheckoutFacts,
  Clock,
  LedgerStore,
  Repository,
  RunLock,
  SharedLedger,
  Workspace,
} from '../../core/ports.ts'
import { isAncestor } from './ancestry.ts'
import { checkGit } from './check-git.ts'
import { commitObject, type Identity } from './commit-object.ts'
import { blame, touching } from './blame.ts'
import { GitConfig } from './config.ts'
import { changes, patch } from './diff.ts'
import { COMMITTER, type Credentials, gitEnv, type Env } from './environment.ts'
import { findPlace, readFacts, type Place } from './facts.ts'
import type { FirstLook } from './first-look.ts'
import { Git } from './git.ts'
import { GitError, gitFailure } from './git-error.ts'
import { type Hold, Hooks } from './hooks.ts'
import { land } from './land.ts'
import { LastAsked } from './last-asked.ts'
import { GitLedgerStore } from './ledger-store.ts'
import { readLog } from './log.ts'
import { merge } from './merge.ts'
import { ObjectStore } from './object-store.ts'
import { PublishedLedger } from './published-ledger.ts'
import { RefStore } from './refs.ts'
import { Remote } from './remote.ts'
import { signatures } from './signatures.ts'
import { FileRunLock } from './run-lock.ts'
import { type Edit, editsFrom } from './tree.ts'
import { Upstream } from './upstream.ts'
import { GitWorktrees } from './workspaces.ts'

export interface OpenOptions {
  cwd: string
  env: Env
  clock: Clock
  /** What git said before, for `cwd`: questions that need not be put again. */
  look?: FirstLook
  /** Where worktrees of runs are made, absolute; `<git common dir>/orchestrate` where it is left out or says nothing. */
  workspacesRoot?: string | ((place: Pick<Place, 'root' | 'commonDir'>) => Promise<string | undefined>)
  /** What the remote asks for; git's own ways (helpers, keys) where it is left out. Only processes that fetch or push see it. */
  credentials?: Credentials
  /** Waits before a push of a shared run is tried again, milliseconds; half a minute in all where it is left out. */
  pushRetries?: readonly number[]
  /** How long landing waits for another git command in the checkout, milliseconds; ten seconds where it is left out. */
  lockWaitMs?: number
}

/** The user's repository with everything of ours that lives in it. */
export interface OpenRepository extends Repository {
  /** Root of the checkout (of the repository where it is bare). */
  readonly root: string
  /** `.git` of the main checkout: objects, refs, and `orchestrate/` of ours. */
  readonly commonDir: string
  ledger: LedgerStore
  /** The same ledger for jobs that share a run by the remote: what it appends counts once the remote has it. */
  shared: SharedLedger
  lock: RunLock
  /** Who works here, as git knows this person; undefined where git does not. */
  author(): Promise<Identity | undefined>
  /** Address of the remote that runs are published to. It may hold a password. */
  remoteUrl(): Promise<string | undefined>
  /** Why the last `fetchRuns` brought nothing although there is a remote. */
  fetchProblem(): string | undefined
  /** Brings a commit of the remote here that no branch of ours holds. */
  fetchCommit(commit: Sha): Promise<Result<void>>
  /** What the project's hooks run in from now on. */
  holdHooks(hold: Hold): void
  /** Ends the processes that stay. The object can be used again after it. */
  close(): Promise<void>
}

/** Failures: `no-such-directory`, `git-not-found`, `git-too-old`, `plan-outside-git`, `git-failed`. */
export async function openRepository(options: OpenOptions): Promise<Result<OpenRepository>> {
  const { cwd, env } = options
  const look = options.look?.cwd === cwd ? options.look : undefined
  const found = await stat(cwd).catch(() => undefined)
  if (!found?.isDirectory())
    return err([failure('no-such-directory', `${cwd} is not a directory.`, 'Check the path.')])
  try {
    const git = new Git(cwd, gitEnv(env))
    const [checked, place] = await Promise.all([
      checkGit(env, cwd, look?.version),
      findPlace(git, look?.place),
    ])
    if (!checked.ok) return checked
    if ('stderr' in place) return err([outside(cwd, place.stderr)])
    return ok(build(place, options, look))
  } catch (error) {
    if (error instanceof GitError) return err([gitFailure(error)])
    throw error
  }
}

function outside(cwd: string, stderr: string): Failure {
  if (/not a git repository/.test(stderr))
    return failure(
      'plan-outside-git',
      `${cwd} is not in a git repository.`,
      'Run `git init` there and commit, or go to the project that the plan is for.',
    )
  return failure(
    'git-failed',
    `git does not open ${cwd}: ${stderr.trim()}`,
    'Do what git says, then try again.',
  )
}

function build(place: Place, options: OpenOptions, look: FirstLook | undefined): OpenRepository {
  const { env, clock } = options
  const git = new Git(place.root, gitEnv(env))
  const objects = new ObjectStore(place.root, place, git.env)
  const refs = new RefStore(git, objects, place.commonDir)
  const { workspacesRoot } = options
  const workspacesFolder = async () =>
    (typeof workspacesRoot === 'function' ? await workspacesRoot(place) : workspacesRoot) ??
    join(place.commonDir, 'orchestrate')
  let read: Promise<GitConfig> | undefined
  // What was seen before the repository was opened counts until somebody asks again.
  let seen = look
  let told = false
  const config = () => (read ??= GitConfig.read(git, seen?.config))
  const workspaces = new GitWorktrees(workspacesFolder, place.commonDir, {
    ...{ git, objects, refs, clock, config },
  })
  const hooks = new Hooks({ git, root: place.root, commonDir: place.commonDir, env, config })
  const branch = async () =>
    (await git.text(['symbolic-ref', '--short', '--quiet', 'HEAD'], { codes: [0, 1] })) || undefined
  const { credentials } = options
  const upstream = new Upstream({ git, env, config, branch, ...(credentials ? { credentials } : {}) })
  const remote = new Remote({ git, refs, upstream })
  const ledger = new GitLedgerStore(git, objects, refs)
  const patches = new LastAsked<string>()
  const readFile = async (treeish: Sha, path: string) => {
    const object = await objects.contents(`${treeish}:${path}`)
    return object?.type === 'blob' ? object.content.toString('utf8') : undefined
  }
  return {
    root: place.root,
    commonDir: place.commonDir,
    workspaces,
    ledger,
    shared: new PublishedLedger({
      ...{ git, local: ledger, refs, upstream },
      ...(options.pushRetries ? { retries: options.pushRetries } : {}),
    }),
    lock: new FileRunLock(place.commonDir, env),
    facts: (): Promise<CheckoutFacts> => {
      // As it stands now; what was read since the repository was opened is that still. Others go on with it.
      if (told) read = undefined
      told = true
      const reading = config()
      const status = seen?.status
      seen = undefined
      return readFacts(git, place, reading, status)
    },
    author: async () => (await config()).author(),
    resolve: async (rev) => {
      const found = await objects.info(rev)
      return found?.type === 'tag' ? (await objects.info(`${found.sha}^{}`))?.sha : found?.sha
    },
    treeOf: (commit) => objects.treeOf(commit),
    isAncestor: (ancestor, descendant) => isAncestor(git, objects, ancestor, descendant),
    mergeBase: async (a, b) => {
      const base = await git.text(['merge-base', a, b], { codes: [0, 1] })
      return base === '' ? undefined : sha(base)
    },
    readFile,
    lineCount: async (treeish, path) => {
      const text = await readFile(treeish, path)
      return text === undefined ? undefined : countLines(text)
    },
    emptyTree: () => objects.writeTree(new Map()),
    writeFiles: async (tree, files) => {
      const batch = objects.batch()
      const edits = [...files].map(([path, text]): [string, Edit] =>
        text === undefined ? [path, { kind: 'gone' }] : [path, { kind: 'blob', sha: batch.blob(text) }],
      )
      const written = await batch.editTree(await objects.treeOf(tree), new Map(edits))
      await batch.written()
      return written
    },
    graft: async (tree, from, paths) =>
      objects.editTree(
        await objects.treeOf(tree),
        await editsFrom(objects, await objects.treeOf(from), paths),
      ),
    commit: async (input) => {
      const author = (await config()).author() ?? COMMITTER
      return objects.writeCommit(commitObject(input, author), input.tree)
    },
    changes: (from, to) => changes(objects, from, to),
    patch: (from, to, maxBytes, paths) =>
      paths === undefined
        ? patches.get(`${from} ${to} ${maxBytes}`, () => patch(git, from, to, maxBytes))
        : patch(git, from, to, maxBytes, paths),
    merge: (base, ours, theirs) => merge(git, objects, base, ours, theirs),
    updateRefs: (updates) => refs.update(updates),
    refs: (prefix) => refs.list(prefix),
    log: (from, to) => readLog(git, from, to),
    signatures: (head) => signatures(git, head),
    blame: (commit, path, lines) => blame(git, commit, path, lines),
    touching: (from, to, path) => touching(git, from, to, path),
    holdHooks: (hold) => hooks.holdIn(hold),
    runHook: (name, workspace: Workspace, message) => hooks.run(name, workspaces.of(workspace), message),
    land: async (name, expected, to) => {
      try {
        const meanwhile = (): void => void workspaces.settle()
        const { lockWaitMs } = options
        const parts = { git, objects, refs, meanwhile, ...(lockWaitMs === undefined ? {} : { lockWaitMs }) }
        return await land(parts, name, expected, to)
      } catch (error) {
        if (error instanceof GitError) return err([gitFailure(error)])
        throw error
      }
    },
    remoteUrl: () => upstream.url(),
    publishes: () => remote.isThere(),
    publish: (wanted) => remote.publish(wanted),
    fetchRuns: () => remote.fetchRuns(),
    fetchProblem: () => remote.fetchProblem,
    fetchCommit: (commit) => remote.fetchCommit(commit),
    close: async () => {
      await Promise.all([objects.close(), refs.close()])
    },
  }
}

/** Lines as editors count them: a last one without a line end counts. */
function countLines(text: string): number {
  if (text === '') return 0
  let lines = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++
  return text.endsWith('\n') ? lines : lines + 1
}
