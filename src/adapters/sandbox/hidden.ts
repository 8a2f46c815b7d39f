import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Files and directories of a home directory that programs keep keys, tokens and histories in. */
const SECRETS = [
  '.ssh',
  '.gnupg',
  '.aws',
  '.azure',
  '.kube',
  '.docker',
  '.config/containers',
  '.boto',
  '.s3cfg',
  '.config/rclone',
  '.config/doctl',
  '.config/hcloud',
  '.oci',
  '.fly',
  '.netrc',
  '.npmrc',
  '.yarnrc.yml',
  '.pypirc',
  '.config/pip',
  '.pip',
  '.config/pypoetry',
  '.config/composer/auth.json',
  '.composer/auth.json',
  '.bundle/config',
  '.nuget/NuGet/NuGet.Config',
  '.pgpass',
  '.my.cnf',
  '.kaggle',
  '.huggingface',
  '.cache/huggingface/token',
  '.git-credentials',
  '.gitconfig',
  '.config/git',
  '.config/gh',
  '.config/hub',
  '.config/gcloud',
  '.config/op',
  '.config/sops',
  '.config/github-copilot',
  '.cargo/credentials.toml',
  '.cargo/credentials',
  '.gem/credentials',
  '.m2/settings.xml',
  '.gradle/gradle.properties',
  '.terraform.d',
  '.vault-token',
  '.claude',
  '.claude.json',
  '.codex',
  '.gemini',
  '.copilot',
  '.config/opencode',
  '.config/claude',
  '.local/share/keyrings',
  '.local/share/opencode',
  '.password-store',
  '.mozilla',
  '.thunderbird',
  '.config/google-chrome',
  '.config/chromium',
  '.config/BraveSoftware',
  '.config/microsoft-edge',
  '.config/1Password',
  '.config/Bitwarden CLI',
  // People put keys into what their shell starts with, too.
  '.bashrc',
  '.bash_profile',
  '.bash_login',
  '.profile',
  '.zshrc',
  '.zshenv',
  '.zprofile',
  '.zlogin',
  '.config/fish',
  '.config/nushell',
  '.config/environment.d',
  '.env',
  '.bash_history',
  '.zsh_history',
  '.local/share/fish',
  '.python_history',
  '.node_repl_history',
  '.psql_history',
  '.mysql_history',
  '.lesshst',
  '.viminfo',
]

const CREDENTIAL_FILES = [
  'GOOGLE_APPLICATION_CREDENTIALS',
  'GOOGLE_GHA_CREDS_PATH',
  'CLOUDSDK_CONFIG',
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_CONFIG_FILE',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
]

/** What no agent and no build is to read. Sockets are named too: to be able to talk to a daemon is to have its rights. */
export function secretPaths(env: Readonly<Record<string, string | undefined>>): string[] {
  const home = env['HOME'] ?? homedir()
  const runner = env['RUNNER_TEMP']
  return [
    ...SECRETS.map((path) => join(home, path)),
    // Credentials of clouds that lie elsewhere; a job's login may have left them in the checkout.
    ...CREDENTIAL_FILES.flatMap((name) => env[name] || []),
    '/var/run/docker.sock',
    '/run/docker.sock',
    '/run/containerd',
    '/etc/shadow',
    '/root/.ssh',
    // What later steps of a job take in: outputs, environment, the event.
    ...(runner === undefined
      ? []
      : [join(runner, '_runner_file_commands'), join(runner, '..', '_github_workflow')]),
  ]
}

/** A file that is shown inside with something else in place of what the pattern's group finds. */
export interface MaskedFile {
  /** Absolute. */
  path: string
  /** Source of a regular expression with one group, without flags. */
  pattern: string
}

/** What is kept from all that run inside. */
export interface Kept {
  hide: string[]
  mask: MaskedFile[]
}

/**
 * What of a repository's `.git` is not to be read inside: a configuration often holds an address with a password, or a header
 * with a token. These are masked, since git stops where it may not read its configuration; what cannot be told apart hides all of it.
 */
export async function gitSecrets(gitDir: string): Promise<Kept> {
  const path = join(gitDir, 'config')
  const text = await readFile(path, 'utf8').catch(() => '')
  if (!CREDENTIAL.test(text)) return { hide: [], mask: [] }
  const rest = text.replaceAll(new RegExp(VALUES, 'g'), '')
  // A value that goes on in the next line is not found whole.
  return CREDENTIAL.test(rest) || /\\\r?\n/.test(text)
    ? { hide: [path], mask: [] }
    : { hide: [], mask: [{ path, pattern: VALUES }] }
}

const KEYS = ['extraheader', 'token', 'password', 'passwd', 'secret']
const anyCase = (word: string): string =>
  word.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`)
/** Values of such keys, and whatever stands before the "@" of an address. */
const VALUES = `((?<=:\\/\\/)[^\\s\\/@]+(?=@)|(?<=(?:${KEYS.map(anyCase).join('|')})[\\w.-]*[ \\t]*=[ \\t]*)[^\\s][^\\n]*)`
const CREDENTIAL = new RegExp(`(?:${KEYS.join('|')})[\\w.-]*[ \\t]*=[ \\t]*\\S|://[^\\s/@]+@`, 'i')
