import { resolve } from 'node:path'
import { openPlanSource } from '../../adapters/files/plan-source.ts'
import { err, type Result } from '../../core/model/result.ts'
import type { Config } from '../../core/model/config.ts'
import type { Ended, Ports, RunRequest } from '../../core/pipeline-types.ts'
import { runPlan } from '../../core/pipeline.ts'
import { readConfig } from '../config.ts'
import { configFlags, Flags } from '../flags.ts'
import { columnsOf, printFailures, styleOf } from '../output.ts'
import { actorOf, openSession, type Session, workersOf } from '../session.ts'
import type { Handler, Input, Shell } from '../shell.ts'
import { finish } from '../with-run.ts'
import { dirAsked } from './dir-asked.ts'

/** `orchestrate run [DIR]` */
export const runCommand: Handler = async (input, shell) => {
  const dir = () => dirAsked('run', input, shell)
  return await startRun(dir, input, shell, (request, ports) => runPlan(request, ports))
}

/** What `run` and `phase` have in common: flags, plan (nobody is asked for one before the flags are right), configuration, agent; then `go`. */
export async function startRun(
  asked: () => Promise<Result<string>>,
  input: Input,
  shell: Shell,
  go: (request: RunRequest, ports: Ports, flags: Flags) => Promise<Ended>,
  check: (flags: Flags) => void = () => {},
): Promise<number> {
  const flags = new Flags(input)
  check(flags)
  const given = flags.result(configFlags(flags))
  if (!given.ok) return printFailures(given.error, shell)
  const found = await asked()
  if (!found.ok) return printFailures(found.error, shell)
  const dir = found.value
  const json = flags.has('--json')
  const opened = await openSession(dir, json, shell)
  if (!opened.ok) return printFailures(opened.error, shell)
  const session = opened.value
  try {
    const built = await build(dir, given.value, flags, session, shell)
    if (!built.ok) return printFailures(built.error, shell)
    const ended = await go(built.value.request, built.value.ports, flags)
    return await finish(ended, json, session, shell)
  } finally {
    await session.close()
  }
}

async function build(
  dir: string,
  given: Partial<Config>,
  flags: Flags,
  session: Session,
  shell: Shell,
): Promise<Result<{ request: RunRequest; ports: Ports }>> {
  const { repository } = session
  const [source, config, actor] = await Promise.all([
    openPlanSource({ path: resolve(shell.cwd, dir), cwd: shell.cwd, root: repository.root }),
    readConfig(given, repository),
    actorOf(repository, shell),
  ])
  const workers =
    config.ok && source.ok ? workersOf(config.value, source.value.dir, repository, shell) : undefined
  if (!source.ok || !config.ok || workers === undefined || !workers.ok) {
    return err([source, config, workers].flatMap((part) => (part === undefined || part.ok ? [] : part.error)))
  }
  workers.value.getReady()
  return {
    ok: true,
    value: {
      ports: session.ports(workers.value),
      request: {
        source: source.value,
        config: config.value,
        actor,
        yes: flags.has('--yes'),
        dryRun: flags.has('--dry-run'),
        resume: flags.has('--resume'),
        columns: columnsOf(shell.stderr),
        style: styleOf(shell.stderr, shell),
      },
    },
  }
}
