import { Octokit } from '@octokit/core'
import { createForge } from '../adapters/github/forge.ts'
import type { Octokit as Client } from '../adapters/github/octokit.ts'
import type { Forge } from '../core/forge.ts'
import { failure } from '../core/model/failure.ts'
import { err, ok, type Result } from '../core/model/result.ts'
import type { Env, Surroundings } from './surroundings.ts'

/** GITHUB_TOKEN writes as this account. */
const TOKEN_LOGIN = 'github-actions[bot]'

/** The forge that the job's token speaks to. */
export async function openForge({ inputs, env, log }: Surroundings): Promise<Result<Forge>> {
  const [owner = '', repo = ''] = (env['GITHUB_REPOSITORY'] ?? '').split('/')
  const serverUrl = env['GITHUB_SERVER_URL'] ?? 'https://github.com'
  if (owner === '' || repo === '')
    return err([
      failure(
        'missing-argument',
        'GITHUB_REPOSITORY does not name a repository.',
        'Run this in a workflow of GitHub.',
      ),
    ])
  return ok(
    createForge({
      octokit: await client(inputs.token, env),
      owner,
      repo,
      serverUrl,
      me: { login: TOKEN_LOGIN },
      onWait: (waiting) => log(`GitHub asks us to wait: ${JSON.stringify(waiting)}`),
    }),
  )
}

/**
 * Behind a proxy, as runners of one's own may be, GitHub's own client, which knows what goes through it and brings an HTTP stack
 * that can. Elsewhere octokit on Node's `fetch`: that stack takes longer to load than everything else that a request needs.
 */
async function client(token: string, env: Env): Promise<Client> {
  const baseUrl = env['GITHUB_API_URL']
  const options = baseUrl === undefined ? {} : { baseUrl }
  if (!PROXIES.some((name) => (env[name] ?? '') !== '')) return new Octokit({ auth: token, ...options })
  const { getOctokit } = await import('@actions/github')
  return getOctokit(token, options)
}

/** As `@actions/http-client` reads them. */
const PROXIES = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY']
