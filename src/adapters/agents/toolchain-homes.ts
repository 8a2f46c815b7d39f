import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Tools that look below HOME for themselves or their cache, and the variable that tells them where instead. */
const HOMES = {
  CARGO_HOME: '.cargo',
  RUSTUP_HOME: '.rustup',
  PYENV_ROOT: '.pyenv',
  RBENV_ROOT: '.rbenv',
  NVM_DIR: '.nvm',
  VOLTA_HOME: '.volta',
  GRADLE_USER_HOME: '.gradle',
  GOPATH: 'go',
  npm_config_cache: '.npm',
}

/** So that an agent with a throw-away HOME can still build: where the user's toolchains are, unless `env` says so itself. */
export function toolchainHomes(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const { HOME: home } = env
  if (home === undefined) return {}
  const there = Object.entries(HOMES).filter(
    ([name, dir]) => env[name] === undefined && existsSync(join(home, dir)),
  )
  return Object.fromEntries(there.map(([name, dir]) => [name, join(home, dir)]))
}
