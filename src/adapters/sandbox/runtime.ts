import type { SandboxManager as Manager } from '@anthropic-ai/sandbox-runtime'
import { failure, type Failure } from '../../core/model/failure.ts'
import { errorMessage } from '../process/system-error.ts'

export type Runtime = typeof Manager

/**
 * Loads the sandbox runtime: what the command line has among its dependencies, or what a job installed beside the Action, whose bundle
 * has no room for its programs (docs/security.md). It keeps one state a process, so it is loaded once.
 */
export async function loadRuntime(from: string | undefined): Promise<Runtime | undefined> {
  try {
    const name = from ?? '@anthropic-ai/sandbox-runtime'
    const loaded = (await import(name)) as { SandboxManager: Runtime }
    return loaded.SandboxManager
  } catch {
    return undefined
  }
}

/** Why this machine cannot hold a process; empty where it can. */
export async function cageProblems(runtime: Runtime | undefined): Promise<Failure[]> {
  const hint =
    'Install bubblewrap, socat and ripgrep (Debian, Ubuntu: apt-get install bubblewrap socat ripgrep), or choose --sandbox off and run it where agents may do no harm.'
  const problem = (message: string): Failure[] => [failure('sandbox-not-available', message, hint)]
  if (process.platform !== 'linux' && process.platform !== 'darwin')
    return problem('Cages are made on Linux and macOS only.')
  if (runtime === undefined)
    return problem('The package @anthropic-ai/sandbox-runtime is not there, which makes cages.')
  try {
    const { errors } = await runtime.checkDependenciesAsync()
    return errors.length === 0 ? [] : problem(`No cage can be made here: ${errors.join('; ')}.`)
  } catch (error) {
    return problem(`No cage can be made here: ${errorMessage(error)}.`)
  }
}
