/** Variables that git needs to find itself, the user's configuration, and temporary space. Nothing else gets in. */
const ALWAYS = [
  'PATH',
  'HOME',
  'USERPROFILE',
  'SYSTEMROOT',
  'TMPDIR',
  'XDG_CONFIG_HOME',
  'GIT_CONFIG_GLOBAL',
  'GIT_CONFIG_SYSTEM',
  'GIT_CONFIG_NOSYSTEM',
  'GIT_CEILING_DIRECTORIES',
  'GIT_DISCOVERY_ACROSS_FILESYSTEM',
]

/** What a push or fetch needs besides: how to reach the remote and how to prove who we are. */
const NETWORK = [
  'SSH_AUTH_SOCK',
  'SSH_AGENT_PID',
  'GIT_SSH',
  'GIT_SSH_COMMAND',
  'GIT_ASKPASS',
  'GIT_SSL_CAINFO',
  'GIT_SSL_NO_VERIFY',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'all_proxy',
]

/** What the project's hooks may expect of a user's shell; no tokens. */
const HOOKS = [
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LC_CTYPE',
  'TERM',
  'NVM_DIR',
  'VOLTA_HOME',
  'PYENV_ROOT',
  'RBENV_ROOT',
  'RUSTUP_HOME',
  'XDG_CACHE_HOME',
  // Hook managers fetch what they run.
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
]

export type Env = Readonly<Record<string, string | undefined>>

export const COMMITTER = { name: 'Orchestrate', email: 'orchestrate@localhost' } as const

function pick(env: Env, names: readonly string[]): Record<string, string> {
  const picked: Record<string, string> = {}
  for (const name of names) {
    const value = env[name]
    if (value !== undefined) picked[name] = value
  }
  return picked
}

/** The environment of our own git calls. Literal pathspecs: a path is never a pattern. */
export function gitEnv(env: Env): Record<string, string> {
  return {
    ...pick(env, ALWAYS),
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_COMMITTER_NAME: COMMITTER.name,
    GIT_COMMITTER_EMAIL: COMMITTER.email,
    GIT_AUTHOR_NAME: COMMITTER.name,
    GIT_AUTHOR_EMAIL: COMMITTER.email,
  }
}

/** Added for push, fetch and ls-remote. Nothing may ask on the terminal: a dashboard is drawn there, or nobody looks. */
export function networkEnv(env: Env, sshCommandConfigured: boolean): Record<string, string> {
  const batch =
    sshCommandConfigured || env['GIT_SSH_COMMAND'] !== undefined || env['GIT_SSH'] !== undefined
      ? {}
      : { GIT_SSH_COMMAND: 'ssh -oBatchMode=yes' }
  return { ...pick(env, NETWORK), ...batch }
}

/** The environment of the project's own hooks: not our identity, not our pathspec rules. */
export function hookEnv(env: Env): Record<string, string> {
  return { ...pick(env, [...ALWAYS, ...HOOKS]), GIT_TERMINAL_PROMPT: '0' }
}

/** Proves who we are to one server: a token of it, and the address that all its repositories begin with. */
export interface Credentials {
  url: string
  token: string
}

/**
 * Configuration by environment, for push, fetch and ls-remote alone: the token stands in no file and in no argument. What
 * helpers and headers the machine has configured for that server does not count beside it.
 */
export function credentialEnv({ url, token }: Credentials): Record<string, string> {
  const server = url.endsWith('/') ? url : `${url}/`
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64')
  const settings: [key: string, value: string][] = [
    ['credential.helper', ''],
    [`http.${server}.extraheader`, ''],
    [`http.${server}.extraheader`, `AUTHORIZATION: basic ${basic}`],
  ]
  return Object.fromEntries([
    ['GIT_CONFIG_COUNT', String(settings.length)],
    ...settings.flatMap(([key, value], i) => [
      [`GIT_CONFIG_KEY_${i}`, key],
      [`GIT_CONFIG_VALUE_${i}`, value],
    ]),
  ])
}
