// Fetches the one commit that is wanted, as the real action does, so that a branch that moved meanwhile changes nothing.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'
import { fail, flag, input, output, saveState } from '../runner.mjs'
import { authorization, credentialKey, forget } from './credentials.mjs'

const SHA = /^[0-9a-f]{40}$/
const {
  GITHUB_WORKSPACE = '.',
  GITHUB_SERVER_URL = '',
  GITHUB_REPOSITORY,
  GITHUB_REF = '',
  GITHUB_SHA = '',
} = process.env
const repository = input('repository') || GITHUB_REPOSITORY
const dir = resolve(GITHUB_WORKSPACE, input('path'))
const depth = Number(input('fetch-depth') || 1)

/** The token goes by the environment: arguments can be read by every process. */
const env = {
  ...process.env,
  GIT_TERMINAL_PROMPT: '0',
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: credentialKey(GITHUB_SERVER_URL),
  GIT_CONFIG_VALUE_0: authorization(input('token')),
}
const git = (...args) =>
  execFileSync('git', args, { cwd: dir, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim()

/** What to fetch, and where to put it. */
function wanted() {
  const ref = input('ref')
  if (ref === '' && repository === GITHUB_REPOSITORY) return { commit: GITHUB_SHA, ...place(GITHUB_REF) }
  if (SHA.test(ref)) return { commit: ref, from: ref }
  const name = ref === '' ? defaultBranch() : ref
  const full = name.startsWith('refs/') ? name : remoteRef(name)
  return { from: full, ...place(full) }
}

function place(ref) {
  if (ref.startsWith('refs/heads/'))
    return { to: `refs/remotes/origin/${ref.slice(11)}`, branch: ref.slice(11) }
  return { to: ref.replace(/^refs\/pull\//, 'refs/remotes/pull/') }
}

function defaultBranch() {
  return /^ref: (\S+)\s+HEAD$/m.exec(git('ls-remote', '--symref', 'origin', 'HEAD'))?.[1] ?? 'refs/heads/main'
}

function remoteRef(name) {
  const found = git('ls-remote', 'origin', `refs/heads/${name}`, `refs/tags/${name}`)
    .split('\n')[0]
    ?.split('\t')[1]
  if (!found) throw new Error(`A branch or tag with the name '${name}' could not be found`)
  return found
}

try {
  if (dir !== resolve(GITHUB_WORKSPACE) && !dir.startsWith(resolve(GITHUB_WORKSPACE) + sep))
    throw new Error(`Repository path '${dir}' is not under '${GITHUB_WORKSPACE}'`)
  mkdirSync(dir, { recursive: true })
  if (!existsSync(join(dir, '.git')) && flag('clean'))
    for (const entry of readdirSync(dir)) rmSync(join(dir, entry), { recursive: true, force: true })
  git('init', '--quiet')
  git('config', 'remote.origin.url', `${GITHUB_SERVER_URL}/${repository}.git`)
  git('config', 'remote.origin.fetch', '+refs/heads/*:refs/remotes/origin/*')

  const { commit, from = commit, to, branch } = wanted()
  const options = [
    '--quiet',
    '--force',
    '--no-recurse-submodules',
    flag('fetch-tags') ? '--tags' : '--no-tags',
  ]
  if (depth > 0) options.push(`--depth=${depth}`)
  else git('fetch', ...options, 'origin', '+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*')
  // After all the branches too: this one may have moved since the event.
  git('fetch', ...options, 'origin', to === undefined ? from : `+${from}:${to}`)
  if (branch === undefined) git('checkout', '--quiet', '--force', '--detach', to ?? commit)
  else git('checkout', '--quiet', '--force', '-B', branch, to)
  if (flag('persist-credentials')) {
    git('config', credentialKey(GITHUB_SERVER_URL), authorization(input('token')))
    saveState('dir', dir)
  } else forget(dir, GITHUB_SERVER_URL)

  const head = git('rev-parse', 'HEAD')
  output('commit', head)
  output('ref', input('ref') || GITHUB_REF)
  console.log(`${repository} is at ${head}`)
} catch (error) {
  fail(error.message)
}
