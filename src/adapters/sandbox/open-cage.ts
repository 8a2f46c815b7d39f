import { randomBytes } from 'node:crypto'
import type { SandboxRuntimeConfig } from '@anthropic-ai/sandbox-runtime'
import { shellQuoted } from '../process/shell-quote.ts'
import type { ProcessSpec } from '../process/run-process.ts'
import type { Cage, CageRules } from './cage.ts'
import { secretPaths } from './hidden.ts'
import type { Runtime } from './runtime.ts'

export interface CageOptions {
  runtime: Runtime
  env: Readonly<Record<string, string | undefined>>
  /** Directories that are never to be read, absolute: where other runs and their worktrees lie. */
  hide: readonly string[]
}

/**
 * A cage by the sandbox runtime: bubblewrap with its own PID, network and mount namespaces for each process, and one proxy of ours for
 * all of them, which lets through whom the rules of that process name.
 */
export function openCage({ runtime, env, hide }: CageOptions): Cage {
  const hidden = [...secretPaths(env), ...hide]
  let ready: Promise<void> | undefined
  return {
    async wrap(spec, rules) {
      ready ??= runtime.initialize(baseline(hidden))
      await ready
      // Unguessable: who knows it may use what the process may reach.
      const id = randomBytes(24).toString('hex')
      const reach = [...rules.reach.hosts, ...rules.reach.loopback.map((port) => `127.0.0.1:${port}`)]
      runtime.registerCommandNetworkLists(id, { allowedDomains: reach })
      const { argv } = await runtime.wrapWithSandboxArgv(
        inside(spec),
        '/bin/sh',
        { filesystem: files(hidden, rules, spec.cwd) },
        undefined,
        spec.cwd,
        { commandId: id, commandText: spec.file },
      )
      const [file = '', ...args] = argv
      return {
        spec: { ...spec, file, args },
        async end() {
          runtime.unregisterCommandNetworkLists(id)
          const seen = runtime.getSandboxViolationStore().getViolationsForCommand(id)
          runtime.cleanupAfterCommand()
          return [...new Set(seen.map(({ line }) => line))]
        },
      }
    },
    async close() {
      if (ready === undefined) return
      await ready.catch(() => undefined)
      await runtime.reset()
    },
  }
}

const baseline = (hidden: readonly string[]): SandboxRuntimeConfig => ({
  network: { allowedDomains: [], deniedDomains: [] },
  filesystem: { denyRead: [...hidden], allowRead: [], allowWrite: [], denyWrite: [] },
})

function files(
  hidden: readonly string[],
  { write, hide = [] }: CageRules,
  cwd: string,
): SandboxRuntimeConfig['filesystem'] {
  return {
    denyRead: [...hidden, ...hide],
    // A worktree may lie below a directory that is hidden from all others.
    allowRead: [cwd, ...write],
    allowWrite: [...write],
    denyWrite: [],
  }
}

/** What runs inside: the program itself, in its directory. Calls to loopback go through the proxy too, since only there is the host's. */
function inside({ file, args, cwd, env }: ProcessSpec): string {
  const tmp = env['TMPDIR']
  return [
    'unset NO_PROXY no_proxy',
    ...(tmp === undefined ? [] : [`export TMPDIR=${shellQuoted(tmp)}`]),
    `cd ${shellQuoted(cwd)}`,
    `exec ${[file, ...args].map(shellQuoted).join(' ')}`,
  ].join(' && ')
}
