/** Names that may pass from our environment to agents and builds. Everything else stays outside: tokens, keys, CI's own. */
const ALLOWED = new Set([
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'TERM',
  'COLORTERM',
  'NO_COLOR',
  'TMPDIR',
  'TZ',
  'LANG',
  'LANGUAGE',
  'LC_ALL',
  'LC_COLLATE',
  'LC_CTYPE',
  'LC_MESSAGES',
  'LC_MONETARY',
  'LC_NUMERIC',
  'LC_TIME',
  // Test runners watch for file changes unless this is set.
  'CI',
  'XDG_CACHE_HOME',
  'XDG_CONFIG_HOME',
  'XDG_DATA_HOME',
  'XDG_RUNTIME_DIR',
  // Where certificates and toolchains lie.
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_DIR',
  'SSL_CERT_FILE',
  'ANDROID_HOME',
  'ANDROID_SDK_ROOT',
  'BUN_INSTALL',
  'CARGO_HOME',
  'CONDA_PREFIX',
  'DENO_DIR',
  'DEVELOPER_DIR',
  'DOTNET_ROOT',
  'GEM_HOME',
  'GEM_PATH',
  'GOCACHE',
  'GOMODCACHE',
  'GOPATH',
  'GOROOT',
  'GRADLE_USER_HOME',
  'JAVA_HOME',
  'M2_HOME',
  'NVM_DIR',
  'PNPM_HOME',
  'PYENV_ROOT',
  'RBENV_ROOT',
  'RUSTUP_HOME',
  'SDKROOT',
  'VIRTUAL_ENV',
  'VOLTA_HOME',
])

const PROXIES = new Set(['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'])

/**
 * The environment of an agent or a build: what the allow-list takes from `parent`, then `extra` as it is. A proxy whose
 * address holds a password is a secret and stays outside; entries of PATH that depend on the working directory go too,
 * since that directory is what agents write to.
 */
export function agentEnvironment(
  parent: Readonly<Record<string, string | undefined>>,
  extra: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const environment: Record<string, string> = {}
  for (const [name, value] of Object.entries(parent)) {
    if (value === undefined) continue
    if (ALLOWED.has(name)) environment[name] = name === 'PATH' ? absoluteEntries(value) : value
    else if (PROXIES.has(name.toUpperCase()) && !value.includes('@')) environment[name] = value
  }
  return { ...environment, ...extra }
}

/** What lets a program reach us on loopback where `env` sends it through a proxy; {} where nothing does. */
export function straightToLoopback(env: Readonly<Record<string, string>>): Record<string, string> {
  const names = Object.keys(env)
  if (!names.some((name) => /^(https?|all)_proxy$/i.test(name))) return {}
  const given = env['no_proxy'] ?? env['NO_PROXY']
  const value = [...(given ? [given] : []), '127.0.0.1'].join(',')
  return { NO_PROXY: value, no_proxy: value }
}

const absoluteEntries = (path: string): string =>
  path
    .split(':')
    .filter((entry) => entry.startsWith('/'))
    .join(':')
