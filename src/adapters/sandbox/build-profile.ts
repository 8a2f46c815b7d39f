import { join } from 'node:path'
import type { Config } from '../../core/model/config.ts'
import { REGISTRIES } from '../../core/model/registries.ts'
import { agentEnvironment } from '../process/environment.ts'

/** Hosts that may be reached from the cage, whoever is in it: public registries, those of the project, those that were listed. */
export const hostsOf = ({
  registries = [],
  sandboxNetwork,
}: Pick<Config, 'registries' | 'sandboxNetwork'>): string[] => [
  ...new Set([...REGISTRIES, ...registries.map(({ host }) => host), ...sandboxNetwork]),
]

/** Variables that lead to where tools keep what they fetched or built, and where that lies below a HOME of the project's own. */
const CACHES = {
  XDG_CACHE_HOME: '.cache',
  XDG_CONFIG_HOME: '.config',
  XDG_DATA_HOME: '.local/share',
  CARGO_HOME: '.cargo',
  DENO_DIR: '.cache/deno',
  GOCACHE: '.cache/go-build',
  GOMODCACHE: 'go/pkg/mod',
  GOPATH: 'go',
  GRADLE_USER_HOME: '.gradle',
  BUN_INSTALL_CACHE_DIR: '.bun/install/cache',
} as const
/** Tools that look below HOME for themselves: those stay where the user has them, to be read. */
const TOOLS = {
  RUSTUP_HOME: '.rustup',
  PYENV_ROOT: '.pyenv',
  RBENV_ROOT: '.rbenv',
  NVM_DIR: '.nvm',
  VOLTA_HOME: '.volta',
} as const

/**
 * The environment of a build or a test in the cage. Its HOME is one that all builds of this project share: it may be written to,
 * so that a package is fetched once, and nothing of the user's is in it.
 */
export function buildEnvironment(
  parent: Readonly<Record<string, string | undefined>>,
  place: { home: string; tmp: string },
  extra: Readonly<Record<string, string>>,
): Record<string, string> {
  const user = parent['HOME']
  const { XDG_RUNTIME_DIR: _socketsOfTheUser, ...taken } = agentEnvironment({
    ...toolsBelow(user),
    ...parent,
  })
  return { ...taken, ...cachesIn(place.home), TMPDIR: place.tmp, ...extra }
}

/** Where tools are that look for themselves below HOME, when that is another. */
export const toolsBelow = (user: string | undefined): Record<string, string> =>
  user === undefined ? {} : below(user, TOOLS)

/** A HOME that may be written to, and where tools keep what they fetched below it. */
export const cachesIn = (home: string): Record<string, string> => ({ ...below(home, CACHES), HOME: home })

const below = (base: string, folders: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(folders).map(([name, folder]) => [name, join(base, folder)]))
