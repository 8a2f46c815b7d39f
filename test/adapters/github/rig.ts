import { ProbotOctokit } from 'probot'

import { startLocalGitHub } from '../../../local-github/start.ts'
import type { LocalApp, LocalGitHub } from '../../../local-github/types.ts'
import type { Wait } from '../../../src/adapters/github/calls.ts'
import { createForge } from '../../../src/adapters/github/forge.ts'
import { createClient, createInstallationClients } from '../../../src/adapters/github/installation.ts'
import type { Octokit } from '../../../src/adapters/github/octokit.ts'
import type { Forge } from '../../../src/core/forge.ts'
import type { Failure } from '../../../src/core/model/failure.ts'
import { sha, type Sha } from '../../../src/core/model/ids.ts'
import type { Result } from '../../../src/core/model/result.ts'

/** What the App asks for on a real GitHub. */
const PERMISSIONS = {
  actions: 'write',
  checks: 'write',
  contents: 'write',
  issues: 'read',
  metadata: 'read',
  pull_requests: 'write',
} as const

export const OWNER = 'acme'

/** What to commit: text, bytes, a link; undefined removes a file. */
export type Files = Record<string, string | Buffer | { link: string } | undefined>

/** A local GitHub with an App and people: `mona` is an admin of every repository, `reader` may read. */
export interface Rig {
  github: LocalGitHub
  app: LocalApp
  tokens: { mona: string; reader: string }
  /** A repository with these files, the App installed on it. */
  repository(name: string, files?: Record<string, string>): Promise<Project>
  close(): Promise<void>
}

export interface Project {
  name: string
  full: string
  gitDir: string
  /** The App's. */
  forge: Forge
  waits: Wait[]
  /** mona's client. */
  mona: Octokit
  /** A commit on `branch` with these files, made by mona. `from` is what the commit goes on from. */
  push(branch: string, files: Files, from?: string): Promise<Sha>
  /** Opens a pull request of `branch`. */
  open(branch: string, title?: string): Promise<number>
}

export async function startRig(): Promise<Rig> {
  const github = await startLocalGitHub({})
  // an unprivileged person first: who is nobody must not become somebody
  const reader = await github.addUser('reader')
  const mona = await github.addUser('mona')
  const app = await github.createApp({ name: 'orchestrate', permissions: PERMISSIONS, events: [] })
  const clients = createInstallationClients({
    app: new ProbotOctokit({
      baseUrl: github.url,
      auth: { appId: app.id, privateKey: app.privateKey },
      throttle: { enabled: false },
      retry: { enabled: false },
    }),
    apiUrl: github.url,
  })
  return {
    github,
    app,
    tokens: { mona: mona.token, reader: reader.token },
    async repository(name, files = {}) {
      const made = await github.createRepository({
        owner: OWNER,
        name,
        files: { 'README.md': '# Shop\n', ...files },
      })
      github.setRole(made.fullName, 'mona', 'admin')
      github.setRole(made.fullName, 'reader', 'read')
      const { installationId } = await github.installApp(app.id, made.fullName)
      const octokit = await clients.auth(installationId)
      const waits: Wait[] = []
      const monas = createClient({ apiUrl: github.url, token: mona.token })
      return {
        name,
        full: made.fullName,
        gitDir: made.gitDir,
        waits,
        mona: monas,
        forge: createForge({
          octokit,
          owner: OWNER,
          repo: name,
          serverUrl: github.url,
          me: { appId: app.id, login: app.bot },
          policy: { pauseMs: 1 },
          sleep: () => Promise.resolve(),
          onWait: (wait) => waits.push(wait),
        }),
        push: (branch, files, from = made.defaultBranch) => commitTo(monas, name, branch, files, from),
        async open(branch, title = 'A plan') {
          const { data } = await monas.request('POST /repos/{owner}/{repo}/pulls', {
            owner: OWNER,
            repo: name,
            title,
            head: branch,
            base: made.defaultBranch,
          })
          return (data as { number: number }).number
        },
      }
    },
    close: () => github.close(),
  }
}

/** By the API for git's objects, which is quicker than a clone. */
async function commitTo(
  client: Octokit,
  repo: string,
  branch: string,
  files: Files,
  from: string,
): Promise<Sha> {
  const at = `/repos/${OWNER}/${repo}/git`
  const ask = async (route: string, body?: Record<string, unknown>): Promise<string> => {
    const { data } = await client.request(route, body)
    return (data as { sha: string }).sha
  }
  const parent = await ask(`GET /repos/${OWNER}/${repo}/commits/${encodeURIComponent(from)}`)
  const entry = async ([path, content]: [string, Files[string]]) => {
    if (content === undefined) return { path, mode: '100644', type: 'blob', sha: null }
    if (typeof content === 'string') return { path, mode: '100644', type: 'blob', content }
    if ('link' in content) return { path, mode: '120000', type: 'blob', content: content.link }
    const blob = { content: content.toString('base64'), encoding: 'base64' }
    return { path, mode: '100644', type: 'blob', sha: await ask(`POST ${at}/blobs`, blob) }
  }
  const tree = await ask(`POST ${at}/trees`, {
    base_tree: parent,
    tree: await Promise.all(Object.entries(files).map(entry)),
  })
  const made = await ask(`POST ${at}/commits`, { message: 'Work', tree, parents: [parent] })
  const known = await client.request(`GET ${at}/matching-refs/heads/${encodeURIComponent(branch)}`)
  const exists = (known.data as { ref: string }[]).some(({ ref }) => ref === `refs/heads/${branch}`)
  await (exists
    ? client.request(`PATCH ${at}/refs/heads/${encodeURIComponent(branch)}`, { sha: made })
    : client.request(`POST ${at}/refs`, { ref: `refs/heads/${branch}`, sha: made }))
  return sha(made)
}

/** The value, or a failing test that says why there is none. */
export function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.error.map((each) => each.message).join('\n'))
  return result.value
}

export function refusal<T>(result: Result<T>): Failure {
  const found = result.ok ? undefined : result.error[0]
  if (found === undefined) throw new Error(`no refusal: ${JSON.stringify(result)}`)
  return found
}
