import { readFile } from 'node:fs/promises'
import { failure, type Failure } from '../../core/model/failure.ts'
import { runProcess } from '../process/run-process.ts'
import { errorMessage } from '../process/system-error.ts'
import type { Runtime } from './runtime.ts'

const INSTALL =
  'Install bubblewrap, socat and ripgrep (Debian, Ubuntu: apt-get install bubblewrap socat ripgrep), or choose --sandbox off and run it where agents may do no harm.'
const NAMESPACES =
  'Let bubblewrap make user namespaces (Ubuntu 24.04: an AppArmor profile for /usr/bin/bwrap with `userns,`; docs/security.md has it; a container has to be started so that it may), or choose --sandbox off and run it where agents may do no harm.'
/** What a cage asks of the kernel, all of it: each of these is refused somewhere. */
const PROBE = ['--unshare-user', '--unshare-pid', '--unshare-net', '--ro-bind', '/', '/', '--dev', '/dev']
const PROBE_MS = 10_000

/** Why this machine cannot hold a process; empty where it can. That the programs are there proves little, so one is held. */
export async function cageProblems(
  runtime: Runtime | undefined,
  { PATH: path = '' }: Readonly<Record<string, string | undefined>>,
): Promise<Failure[]> {
  if (process.platform !== 'linux' && process.platform !== 'darwin')
    return problem('Cages are made on Linux and macOS only.', INSTALL)
  if (runtime === undefined)
    return problem('The package @anthropic-ai/sandbox-runtime is not there, which makes cages.', INSTALL)
  try {
    const [{ errors }, refusal] = await Promise.all([
      runtime.checkDependenciesAsync(),
      process.platform === 'linux' ? refusedBy(path) : undefined,
    ])
    if (errors.length > 0) return problem(`No cage can be made here: ${errors.join('; ')}.`, INSTALL)
    return refusal === undefined
      ? []
      : problem(
          `No cage can be made here: bubblewrap is refused what it needs (${refusal})${await byAppArmor()}.`,
          NAMESPACES,
        )
  } catch (error) {
    return problem(`No cage can be made here: ${errorMessage(error)}.`, INSTALL)
  }
}

const problem = (message: string, hint: string): Failure[] => [
  failure('sandbox-not-available', message, hint),
]

async function refusedBy(path: string): Promise<string | undefined> {
  const { outcome, tail } = await runProcess({
    file: 'bwrap',
    args: [...PROBE, '--proc', '/proc', 'true'],
    cwd: '/',
    env: { PATH: path },
    limits: { wallMs: PROBE_MS },
    signal: new AbortController().signal,
  })
  // A program that is not there is told by the check for programs.
  if (outcome.kind === 'spawn-failed' && outcome.notFound) return undefined
  if (outcome.kind === 'exit' && outcome.code === 0) return undefined
  return tail.trim().split('\n')[0] || 'it says nothing'
}

async function byAppArmor(): Promise<string> {
  const flag = '/proc/sys/kernel/apparmor_restrict_unprivileged_userns'
  const restricted = await readFile(flag, 'utf8').catch(() => '0')
  return restricted.trim() === '1' ? ', by AppArmor' : ''
}
