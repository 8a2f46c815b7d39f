import { randomBytes } from 'node:crypto'
import { homedir, release } from 'node:os'
import { join } from 'node:path'
import type { SandboxRuntimeConfig } from '@anthropic-ai/sandbox-runtime'
import { shellQuoted } from '../process/shell-quote.ts'
import type { Bounds } from '../process/bounds.ts'
import type { ProcessSpec } from '../process/run-process.ts'
import type { Cage, CageRules } from './cage.ts'
import { type MaskedFile, secretPaths } from './hidden.ts'
import type { Runtime } from './runtime.ts'

export interface CageOptions {
  runtime: Runtime
  env: Readonly<Record<string, string | undefined>>
  /** Directories that are never to be read, absolute: where other runs and their worktrees lie. */
  hide: readonly string[]
  /** Files that are shown without what must not be read. */
  mask?: readonly MaskedFile[]
}

/**
 * A cage by the sandbox runtime: bubblewrap with its own PID, network and mount namespaces for each process, and one proxy of ours for
 * all of them, which lets through whom the rules of that process name.
 */
export function openCage({ runtime, env, hide, mask = [] }: CageOptions): Cage {
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
        inside(spec, rules),
        '/bin/sh',
        {
          filesystem: files(hidden, rules, spec.cwd),
          ...(mask.length === 0 ? {} : { credentials: masked(mask) }),
        },
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
  filesystem: { denyRead: [...hidden], allowRead: [], allowWrite: [], denyWrite: [...SHARED] },
  // What it would search for by ripgrep before each call are configurations below our own working directory, which nobody
  // inside may write to anyway. In a large checkout that takes longer than the rest.
  ripgrep: { command: 'true' },
})

/** What the runtime lets everybody write to: a place where one call could leave something for another. */
const SHARED = [
  '/tmp/claude',
  '/private/tmp/claude',
  join(homedir(), '.npm/_logs'),
  join(homedir(), '.claude/debug'),
]

function files(
  hidden: readonly string[],
  { write, hide = [] }: CageRules,
  cwd: string,
): SandboxRuntimeConfig['filesystem'] {
  return {
    denyRead: [...hidden, ...hide],
    // A worktree may lie below a directory that is hidden from all others.
    allowRead: [cwd, ...write, join(homedir(), '.claude/local')],
    allowWrite: [...write],
    // Whoever could turn it to a repository of theirs would configure the git that we run there.
    denyWrite: [...SHARED, join(cwd, '.git')],
  }
}

/** The proxy puts in nothing for what is masked: no host is named, and it is not told of any. */
const masked = (mask: readonly MaskedFile[]): SandboxRuntimeConfig['credentials'] => ({
  files: mask.map(({ path, pattern }) => ({
    path,
    mode: 'mask',
    extract: pattern,
    onExtractNoMatch: 'deny',
    injectHosts: [],
  })),
})

/**
 * What runs inside: the program itself, in its directory. Loopback is the cage's own, where a test may listen, and `localhost` is
 * never asked of the proxy; only where a port of the host is to be reached does the address lead there.
 */
function inside({ file, args, cwd, env, bounds }: ProcessSpec, { reach }: CageRules): string {
  const tmp = env['TMPDIR']
  const direct = ['localhost', '::1', ...(reach.loopback.length === 0 ? ['127.0.0.1'] : [])].join(',')
  return [
    `export NO_PROXY=${direct} no_proxy=${direct}`,
    ...(tmp === undefined ? ['unset TMPDIR'] : [`export TMPDIR=${shellQuoted(tmp)}`]),
    ...(bounds === undefined ? [] : [kernelLimits(bounds.use)]),
    `cd ${shellQuoted(cwd)}`,
    `exec ${[file, ...args].map(shellQuoted).join(' ')}`,
  ].join(' && ')
}

/** Threads count as processes there; a program of many threads is no attack. */
const THREADS = 8
/** Since then the kernel counts the processes of a user namespace by themselves, before that all of the user's. */
const COUNTS_NAMESPACES = [5, 14] as const

/**
 * What the kernel itself bounds: between two looks of ours, a file of any size and any number of processes. Processes are not
 * counted where we are root. A limit of the machine's that is lower stays.
 */
function kernelLimits({ diskBytes, processes }: Bounds): string {
  const [major = 0, minor = 0] = release().split('.').map(Number)
  const [since, after] = COUNTS_NAMESPACES
  const counts = process.platform === 'linux' && (major > since || (major === since && minor >= after))
  const each = processes * THREADS
  // Blocks of 512 bytes. The option for processes is called differently from shell to shell.
  const set = [
    'ulimit -c 0',
    `ulimit -f ${Math.ceil(diskBytes / 512)}`,
    ...(counts ? [`ulimit -p ${each} || ulimit -u ${each}`] : []),
  ]
  return `{ ${set.map((one) => `{ ${one} ; } 2>/dev/null`).join(' ; ')} ; true ; }`
}
