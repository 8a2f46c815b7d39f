// What the tries share: a client, a clone, names that nobody else has, and a list of what is to be taken away again.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Only refs and branches of this name are ever made or removed. */
const NAME = `verify-${randomBytes(4).toString('hex')}`

export function openPlace({ octokit, owner, repo, token, cloneUrl }) {
  const dir = mkdtempSync(join(tmpdir(), 'orchestrate-verify-'))
  const undo = []
  const repository = { owner, repo }
  const branch = `orchestrate/${NAME}/plan`
  const ledger = `refs/orchestrate/${NAME}/run`
  const env = {
    ...process.env,
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_COUNT: '3',
    // The token goes to git by its environment: it stands in no argument and in no file.
    GIT_CONFIG_KEY_0: `http.${cloneUrl}.extraheader`,
    GIT_CONFIG_VALUE_0: `AUTHORIZATION: basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`,
    GIT_CONFIG_KEY_1: 'user.name',
    GIT_CONFIG_VALUE_1: 'Orchestrate',
    GIT_CONFIG_KEY_2: 'user.email',
    GIT_CONFIG_VALUE_2: 'orchestrate@users.noreply.github.com',
  }
  const git = (...args) =>
    execFileSync('git', args, { cwd: dir, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
  /** The same, for what is expected to be refused: what git said. */
  const refusedBy = (...args) => {
    try {
      git(...args)
    } catch (error) {
      return String(error.stderr ?? error.message)
    }
    throw new Error('it was taken, and a refusal was expected')
  }
  /** What the API said to a request that is to be refused. */
  const statusOf = async (request) => {
    try {
      return (await request).status
    } catch (error) {
      if (typeof error.status === 'number') return error.status
      throw error
    }
  }

  let cloned
  const clone = () => {
    if (cloned) return cloned
    git('init', '--quiet')
    git('remote', 'add', 'origin', cloneUrl)
    git('fetch', '--quiet', '--depth=1', 'origin', 'HEAD')
    cloned = git('rev-parse', 'FETCH_HEAD')
    return cloned
  }
  const commit = (message, parent = clone(), files = {}) => {
    git('read-tree', parent)
    for (const [path, text] of Object.entries(files)) {
      writeFileSync(join(dir, 'blob'), text)
      const blob = git('hash-object', '-w', 'blob')
      git('update-index', '--add', '--cacheinfo', `100644,${blob},${path}`)
    }
    return git('commit-tree', git('write-tree'), '-p', parent, '-m', message)
  }
  const push = (...args) => git('push', '--quiet', ...args)

  let pushed
  /** The branch and the ledger of a run, pushed together once. */
  const run = () => {
    if (pushed) return pushed
    const head = commit('A phase was merged', clone(), { [`${NAME}.txt`]: `${NAME}\n` })
    const entry = commit(`run created\n\n${JSON.stringify({ type: 'verify', name: NAME })}`)
    undo.push(
      () => push('origin', `:${ledger}`),
      () => push('origin', `:refs/heads/${branch}`),
    )
    push(
      '--atomic',
      `--force-with-lease=${ledger}:`,
      `--force-with-lease=refs/heads/${branch}:`,
      'origin',
      `${entry}:${ledger}`,
      `${head}:refs/heads/${branch}`,
    )
    pushed = { head, entry }
    return pushed
  }

  let opened
  /** A draft pull request from that branch. */
  const pull = async () => {
    if (opened) return opened
    run()
    const base = (await octokit.rest.repos.get(repository)).data.default_branch
    const { data } = await octokit.rest.pulls.create({
      ...repository,
      head: branch,
      base,
      title: 'Orchestrate looks how this GitHub behaves',
      body: 'Made by `npm run verify-github`; it closes this pull request itself.',
      draft: false,
    })
    undo.push(() => octokit.rest.pulls.update({ ...repository, pull_number: data.number, state: 'closed' }))
    opened = data
    return data
  }

  let commented
  const comment = async () => {
    commented ??= (
      await octokit.rest.issues.createComment({
        ...repository,
        issue_number: (await pull()).number,
        body: '/status, says verify-github',
      })
    ).data
    return commented
  }

  return {
    ...{ octokit, repository, owner, repo, branch, ledger, name: NAME },
    ...{ git, clone, commit, push, refusedBy, statusOf, run, pull, comment },
    /** Takes away what was made, newest first; says what would not go. */
    async close() {
      const left = []
      for (const step of undo.reverse()) {
        try {
          await step()
        } catch (error) {
          left.push(String(error.message).split('\n')[0])
        }
      }
      rmSync(dir, { recursive: true, force: true })
      return left
    },
  }
}
