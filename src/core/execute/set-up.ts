import type { Problem } from '../model/event.ts'
import type { Workspace } from '../ports.ts'
import { Interrupted } from './call-agent.ts'
import type { PhaseContext } from './phase-context.ts'

/** Lockfiles of JavaScript projects, and what installs exactly what they pin. A worktree begins without `node_modules`. */
const INSTALLERS: [lockfile: string, command: string][] = [
  ['package-lock.json', 'npm ci'],
  ['npm-shrinkwrap.json', 'npm ci'],
  ['pnpm-lock.yaml', 'pnpm install --frozen-lockfile'],
  ['yarn.lock', 'yarn install --frozen-lockfile'],
  ['bun.lock', 'bun install --frozen-lockfile'],
  ['bun.lockb', 'bun install --frozen-lockfile'],
]

/** The command that makes a fresh worktree ready to build; undefined where none is needed or known. */
export async function detectSetUp(
  read: (path: string) => Promise<string | undefined>,
): Promise<{ command: string; why: string } | undefined> {
  const manifest = await read('package.json')
  if (manifest === undefined || !/"(?:dev|optional|peer)?dependencies"\s*:\s*\{\s*"/i.test(manifest))
    return undefined
  for (const [lockfile, command] of INSTALLERS) {
    if ((await read(lockfile)) !== undefined) return { command, why: lockfile }
  }
  return undefined
}

/** Makes a worktree ready. Its leftovers are what git ignores, so nothing of it is committed. */
export async function setUp(ctx: PhaseContext, workspace: Workspace): Promise<Problem | undefined> {
  const { input, ports } = ctx
  const command = input.commands.setup
  if (command === undefined) return undefined
  ports.reporter.emit({ type: 'note', message: `Phase ${input.phase.id} is set up: \`${command}\`.` })
  const { outcome, tail } = await ports.commands.run(command, {
    cwd: workspace.path,
    wallMs: input.config.limits.checkMs,
    signal: ports.signal,
    env: { ORCHESTRATE_RUN: input.run },
    kind: 'setup',
  })
  if (ports.signal.aborted) throw new Interrupted()
  if (outcome.kind === 'exit' && outcome.code === 0) return undefined
  const ended = outcome.kind === 'over-limit' ? `\n[ended by us: ${outcome.message}]` : ''
  return {
    reason: 'set-up-failed',
    message: `The worktree could not be set up: \`${command}\`.\n${tail.trim().split('\n').slice(-10).join('\n')}${ended}`,
    hint: 'Mend it, or say another command with setup_cmd in .github/orchestrate.yml (`true` does nothing).',
  }
}
