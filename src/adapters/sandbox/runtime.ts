import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { SandboxManager as Manager } from '@anthropic-ai/sandbox-runtime'

export type Runtime = typeof Manager
/** Imports a module by its name or address. */
export type Load = (specifier: string) => Promise<unknown>

const PACKAGE = '@anthropic-ai/sandbox-runtime'

/**
 * Loads the sandbox runtime: what the command line has among its dependencies, or what a job installed below the directory `from`
 * (as `npm install --prefix` does) beside the Action, whose bundle has no room for its programs (docs/security.md). It keeps one
 * state a process, so it is loaded once.
 */
export async function loadRuntime(
  from: string | undefined,
  load: Load = (specifier) => import(/* webpackIgnore: true */ specifier),
): Promise<Runtime | undefined> {
  try {
    const name = from === undefined ? PACKAGE : installedIn(from)
    const loaded = (await load(name)) as { SandboxManager: Runtime }
    return loaded.SandboxManager
  } catch {
    return undefined
  }
}

const installedIn = (folder: string): string =>
  pathToFileURL(createRequire(join(folder, 'package.json')).resolve(PACKAGE)).href
