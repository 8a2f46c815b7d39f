import { sha, type Sha } from '../../core/model/ids.ts'
import type { GitConfig } from './config.ts'
import { credentialEnv, type Credentials, networkEnv, type Env } from './environment.ts'
import type { Git, GitOptions } from './git.ts'

const PUSH_MS = 120_000
/** A run that starts waits for it. */
const FETCH_MS = 30_000

export interface UpstreamParts {
  git: Git
  env: Env
  config: () => Promise<GitConfig>
  branch: () => Promise<string | undefined>
  credentials?: Credentials
}

/** A ref to push: `from` is what the remote must have (undefined: nothing), else nothing at all is pushed. */
export interface Leased {
  ref: string
  from: Sha | undefined
  to: Sha
}

/** The commands of git that go over the network. Only their processes hold the credentials. */
export class Upstream {
  readonly #parts: UpstreamParts

  constructor(parts: UpstreamParts) {
    this.#parts = parts
  }

  /** The remote that runs are published to; undefined where there is none. */
  async name(): Promise<string | undefined> {
    const config = await this.#parts.config()
    return config.hasRemotes() ? config.remote(await this.#parts.branch()) : undefined
  }

  /** Its address, as configured. It may hold a password. */
  async url(): Promise<string | undefined> {
    const name = await this.name()
    return name === undefined ? undefined : (await this.#parts.config()).get(`remote.${name}.url`)
  }

  /** Fetches by `specs`; throws GitError. `prune`: notes of refs that are gone there go too. */
  async fetch(remote: string, specs: readonly string[]): Promise<void> {
    const flags = [
      '--quiet',
      '--prune',
      '--no-tags',
      '--no-write-fetch-head',
      '--no-recurse-submodules',
      '--refmap=',
    ]
    await this.#parts.git.run(['fetch', ...flags, remote, ...specs], await this.#network(FETCH_MS))
  }

  /** All of them or none. `said` is git's own answer where it failed. */
  async push(remote: string, wanted: readonly Leased[]): Promise<{ ok: true } | { ok: false; said: string }> {
    const leases = wanted.map(({ ref, from }) => `--force-with-lease=${ref}:${from ?? ''}`)
    const specs = wanted.map(({ ref, to }) => `${to}:${ref}`)
    const flags = ['--atomic', '--quiet', '--porcelain', '--no-verify', '--no-follow-tags', '--no-signed']
    const result = await this.#parts.git.run(
      ['push', ...flags, '--recurse-submodules=no', ...leases, remote, ...specs],
      { ...(await this.#network(PUSH_MS)), codes: [0, 1, 128] },
    )
    if (result.code === 0) return { ok: true }
    return { ok: false, said: `${result.stdout.toString('utf8')}\n${result.stderr}`.trim().slice(-2_000) }
  }

  /** What the remote has in these refs; throws GitError. */
  async ask(remote: string, refs: readonly string[]): Promise<Map<string, Sha>> {
    const output = await this.#parts.git.text(['ls-remote', remote, ...refs], await this.#network(PUSH_MS))
    const lines = output.split('\n').filter((each) => each !== '')
    return new Map(
      lines.map((each) => [each.slice(each.indexOf('\t') + 1), sha(each.slice(0, each.indexOf('\t')))]),
    )
  }

  async #network(timeoutMs: number): Promise<GitOptions> {
    const { env, config, credentials } = this.#parts
    const ssh = (await config()).get('core.sshcommand') !== undefined
    return {
      env: { ...networkEnv(env, ssh), ...(credentials === undefined ? {} : credentialEnv(credentials)) },
      timeoutMs,
    }
  }
}

/** Where the remote's `ref` is noted here. */
export const noted = (remote: string, ref: string): string =>
  `refs/orchestrate-remote/${remote}/${ref.slice('refs/'.length)}`
