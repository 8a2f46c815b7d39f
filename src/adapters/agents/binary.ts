import { failure, type Failure } from '../../core/model/failure.ts'
import { agentEnvironment } from '../process/environment.ts'
import { runProcess } from '../process/run-process.ts'
import type { AgentSurroundings } from './adapter.ts'

export interface BinaryCheck {
  /** For messages. */
  title: string
  agent: string
  binary: string
  /** The command that installs it. */
  install: string
  /** First and last version that the conformance suite was run with. */
  tested: readonly [string, string]
  /** The first version that may be used at all, and what an earlier one does. */
  least?: { version: string; why: string }
  around: AgentSurroundings
  /** The key that it cannot do without, and how one comes to have it. */
  key: { name: string; value: string | undefined; hint?: string }
}

/** What would stop every call of an agent program that is installed apart: it does not start, or there is no key. */
export async function binaryProblems(check: BinaryCheck): Promise<Failure[]> {
  const { title, agent, binary, install, least, around, key } = check
  const failures: Failure[] = []
  const version = await binaryVersion(binary, around)
  if ('notStarted' in version) {
    failures.push(
      failure(
        'agent-not-found',
        `${title} could not be started: ${version.notStarted}.`,
        `Install it with "${install}", or choose another agent with --agent.`,
      ),
    )
  } else if ('printed' in version) {
    failures.push(
      failure(
        'agent-not-found',
        `"${binary} --version" did not print a version: ${version.printed.slice(0, 200) || 'nothing was printed'}`,
        `Run it by hand to see why, or install it anew with "${install}".`,
      ),
    )
  }
  if ('version' in version && least !== undefined && compareVersions(version.version, least.version) < 0) {
    failures.push(
      failure(
        'agent-not-available',
        `${title} ${version.version} ${least.why}: it is not started.`,
        `Version ${least.version} is the first that does not: "${install}".`,
      ),
    )
  }
  if (key.value === undefined || key.value === '') {
    failures.push(
      failure(
        'agent-not-available',
        `${key.name} is not set, and ${agent} needs it.`,
        key.hint ??
          `Set ${key.name}. A login by subscription is not used: every step runs with an empty home directory.`,
      ),
    )
  }
  return failures
}

/** What is known of the installed version: that, and what to be warned of. Nothing here stops a run. */
export async function aboutBinary(check: BinaryCheck): Promise<{ version?: string; warnings: string[] }> {
  const found = await binaryVersion(check.binary, check.around)
  if (!('version' in found)) return { warnings: [] }
  const { version } = found
  const [first, last] = check.tested
  if (compareVersions(version, first) >= 0 && compareVersions(version, last) <= 0)
    return { version, warnings: [] }
  const range = first === last ? first : `${first} to ${last}`
  const kind = compareVersions(version, first) < 0 ? 'older' : 'newer'
  const warning = `${check.title} ${version} is ${kind} than what was tried (${range}): what it does to a checkout's own hooks and servers, and what its output means, is not known.`
  return { version, warnings: [warning] }
}

/** Below 0 where `a` is the earlier of two versions of three numbers. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number))
  for (let at = 0; at < 3; at++) {
    const difference = (left?.[at] ?? 0) - (right?.[at] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** The version that a program prints; why it did not start; or what it printed instead. */
export async function binaryVersion(
  binary: string,
  { env, tmpDir }: AgentSurroundings,
): Promise<{ version: string } | { notStarted: string } | { printed: string }> {
  const { outcome, tail } = await runProcess({
    file: binary,
    args: ['--version'],
    cwd: tmpDir,
    env: agentEnvironment(env),
    limits: { wallMs: 20_000 },
    signal: new AbortController().signal,
  })
  if (outcome.kind === 'spawn-failed') return { notStarted: outcome.message }
  const version = /\d+\.\d+\.\d+/.exec(tail)?.[0]
  if (outcome.kind !== 'exit' || outcome.code !== 0 || version === undefined) return { printed: tail.trim() }
  return { version }
}
