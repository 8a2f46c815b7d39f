import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { createDemoRepository, DEMO_PLAN } from '../../adapters/files/demo-repository.ts'
import { printFailures, styleOf } from '../output.ts'
import type { Handler, Input } from '../shell.ts'
import { runCommand } from './run.ts'

/** `npm start`: builds a small repository with a plan, and runs the plan there. */
export const demoCommand: Handler = async (input, shell) => {
  const { dir, agent } = input.options
  const made = await createDemoRepository({
    from: join(shell.packageRoot, 'demo'),
    dir: typeof dir === 'string' ? resolve(shell.cwd, dir) : undefined,
    tmpDir: tmpdir(),
    env: shell.env,
  })
  if (!made.ok) return printFailures(made.error, shell)
  const root = made.value
  const { bold, dim } = styleOf(shell.stderr, shell)
  const scripted = typeof agent !== 'string' || agent === 'scripted'
  shell.stderr.write(
    [
      bold('Orchestrate: a plan of six phases, run on a real repository.'),
      `  Repository  ${root}`,
      `  Plan        ${join(root, DEMO_PLAN)}`,
      scripted
        ? '  Agent       scripted: it replays edits and findings from plan/scripted.json. No model is called and nothing\n' +
          '              is paid. Git, build, tests, gates, commits and merges are real.'
        : `  Agent       ${String(agent)}: a real one, which costs money.`,
      '',
      '',
    ].join('\n'),
  )
  const program = `node ${join(shell.packageRoot, 'build', 'orchestrate.js')}`
  const exit = await runCommand(demoInput(input, scripted), { ...shell, cwd: root, program })
  const where = relative(shell.cwd, root).startsWith('..') ? root : relative(shell.cwd, root)
  shell.stderr.write(
    `${bold('Try it there')}\n  cd ${where}\n  ${program} status\n  git log --graph --oneline main\n${dim(
      '  The directory is yours: delete it when you have seen enough.',
    )}\n`,
  )
  return exit
}

/** The flags of the demo as those of `run`. */
function demoInput(input: Input, scripted: boolean): Input {
  const { dir: _, ...options } = input.options
  return {
    args: [DEMO_PLAN],
    options: { ...options, ...(scripted ? { agent: 'scripted' } : {}) },
    given: new Set([...input.given, '--agent', '--yes']),
  }
}
