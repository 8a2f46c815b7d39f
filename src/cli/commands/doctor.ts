import { checkGit } from '../../adapters/git/check-git.ts'
import { openRepository, type OpenRepository } from '../../adapters/git/repository.ts'
import { checkCheckout } from '../../core/gate/checkout.ts'
import { DEFAULT_CONFIG, type Config } from '../../core/model/config.ts'
import { exitCode, type Failure } from '../../core/model/failure.ts'
import { count } from '../../core/text/display.ts'
import { renderFailures } from '../../core/report/failures.ts'
import { readConfig } from '../config.ts'
import { configFlags, Flags } from '../flags.ts'
import { printFailures, printJson, styleOf } from '../output.ts'
import { clock, workersOf } from '../session.ts'
import type { Handler, Shell } from '../shell.ts'

interface Check {
  name: string
  /** What was found, where it is fine. */
  found: string
  failures: Failure[]
  /** What to know of it that stops nothing. */
  warnings?: string[]
}

/** `orchestrate doctor`: everything a run needs, each with what to do where it is missing. */
export const doctorCommand: Handler = async (input, shell) => {
  const flags = new Flags(input)
  const given = flags.result(configFlags(flags))
  if (!given.ok) return printFailures(given.error, shell)
  const checks = await examine(given.value, shell)
  const failures = checks.flatMap((check) => check.failures)
  if (flags.has('--json')) {
    printJson({ ok: failures.length === 0, checks }, shell)
    return exitCode(failures)
  }
  const style = styleOf(shell.stderr, shell)
  for (const { name, found, failures: wrong, warnings = [] } of checks) {
    const mark = wrong.length === 0 ? style.good('✔') : style.bad('✖')
    shell.stderr.write(`${mark} ${name.padEnd(14)} ${wrong.length === 0 ? found : ''}`.trimEnd() + '\n')
    for (const warning of warnings) shell.stderr.write(`    warning: ${warning}\n`)
    shell.stderr.write(renderFailures(wrong, style).replace(/^(?=.)/gm, '    '))
  }
  shell.stderr.write(
    failures.length === 0
      ? '\nReady to run.\n'
      : `\n${count(failures.length, 'problem')} to solve before a run.\n`,
  )
  return exitCode(failures)
}

async function examine(flags: Partial<Config>, shell: Shell): Promise<Check[]> {
  const checks: Check[] = [{ name: 'node', found: shell.nodeVersion, failures: [] }]
  const git = await checkGit(shell.env, shell.cwd)
  checks.push({ name: 'git', found: git.ok ? git.value.version : '', failures: git.ok ? [] : git.error })
  if (!git.ok) return checks
  const opened = await openRepository({ cwd: shell.cwd, env: shell.env, clock })
  if (!opened.ok) {
    checks.push({ name: 'repository', found: '', failures: opened.error })
    return [...checks, ...(await agentChecks({ ...DEFAULT_CONFIG, ...flags }, { root: shell.cwd }, shell))]
  }
  const repository = opened.value
  try {
    const config = await readConfig(flags, repository)
    const used = config.ok ? config.value : { ...DEFAULT_CONFIG, ...flags }
    checks.push(await repositoryCheck(repository, used))
    checks.push({ name: 'configuration', found: 'fine', failures: config.ok ? [] : config.error })
    return [...checks, ...(await agentChecks(used, repository, shell))]
  } finally {
    await repository.close()
  }
}

async function repositoryCheck(repository: OpenRepository, config: Config): Promise<Check> {
  const facts = await repository.facts()
  const remote = facts.remote === undefined ? 'no remote' : `publishes to ${facts.remote}`
  return {
    name: 'repository',
    found: `${facts.root}, branch ${facts.branch ?? 'none (detached)'}, ${remote}`,
    failures: checkCheckout(facts, '', config),
  }
}

async function agentChecks(
  config: Config,
  repository: Pick<OpenRepository, 'root'>,
  shell: Shell,
): Promise<Check[]> {
  const workers = workersOf(config, '', repository, shell)
  if (!workers.ok) return [{ name: 'agent', found: config.agent, failures: workers.error }]
  const { agent, close } = workers.value
  try {
    // The scripted agent's script lies beside a plan, and there is no plan to look at here.
    const given = await agent.preflight()
    const problems = config.agent === 'scripted' ? given.filter(isCage) : given
    const standing = await agent.cage?.()
    const about = await agent.about?.()
    return [
      {
        name: 'agent',
        found: [config.agent, about?.version].filter(Boolean).join(' '),
        failures: problems.filter((found) => !isCage(found)),
        ...(about?.warnings.length ? { warnings: about.warnings } : {}),
      },
      {
        name: 'cage',
        found: standing?.held === true ? 'made here' : `none: ${standing?.why ?? ''}`,
        failures: problems.filter(isCage),
      },
    ]
  } finally {
    await close()
  }
}

const isCage = ({ reason }: Failure): boolean => reason === 'sandbox-not-available'
