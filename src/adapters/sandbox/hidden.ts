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
  '.netrc',
  '.npmrc',
  '.yarnrc.yml',
  '.pypirc',
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
  '.local/share/keyrings',
  '.local/share/opencode',
  '.password-store',
  '.mozilla',
  '.config/google-chrome',
  '.bash_history',
  '.zsh_history',
]

/** What no agent and no build is to read. Sockets are named too: to be able to talk to a daemon is to have its rights. */
export function secretPaths(env: Readonly<Record<string, string | undefined>>): string[] {
  const home = env['HOME'] ?? homedir()
  const runner = env['RUNNER_TEMP']
  return [
    ...SECRETS.map((path) => join(home, path)),
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

/**
 * Files of a repository's `.git` that nothing inside is to read: a configuration often holds an address with a password, or a
 * header with a token. Git takes a hidden one for an empty one, which it can do for all but repositories of a newer format.
 */
export async function gitSecrets(gitDir: string): Promise<string[]> {
  const config = join(gitDir, 'config')
  const text = await readFile(config, 'utf8').catch(() => '')
  const plain = /^\s*repositoryformatversion\s*=\s*[^0\s]/im.test(text) && !CREDENTIAL.test(text)
  return plain ? [] : [config]
}

const CREDENTIAL = /extraheader|:\/\/[^\s/@]*@|token|password|secret/i
