/** The GitHub Action: reads its inputs, runs the mode, publishes what came out of it. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as github from '@actions/core'
import type { Annotation } from '../core/report/annotations.ts'
import { type Inputs, readInputs } from './inputs.ts'
import { type Outcome, refused } from './outcome.ts'
import { redactor } from './redact.ts'

/** Events on which a pull request's gate is meant, and the one that dispatches phases; on others the mode plan lints. */
const GATE_EVENTS = [
  'pull_request_target',
  'issue_comment',
  'pull_request_review',
  'merge_group',
  'schedule',
  'workflow_dispatch',
]

const env = process.env
const inputs = readInputs((name) => github.getInput(name))
const secrets = inputs.ok ? [inputs.value.token, inputs.value.apiKey].filter((secret) => secret !== '') : []
for (const secret of secrets) github.setSecret(secret)
const redact = redactor(secrets)

async function run(given: Inputs): Promise<Outcome> {
  const workspace = env['GITHUB_WORKSPACE'] ?? process.cwd()
  const onGitHub =
    given.token !== '' && given.planDir === '' && GATE_EVENTS.includes(env['GITHUB_EVENT_NAME'] ?? '')
  if (given.mode === 'plan' && !onGitHub) {
    const { lint } = await import('./modes/lint.ts')
    return await lint(given, workspace)
  }
  // Said before the rest is loaded: the log shows what began, whatever comes of it.
  process.stdout.write(`Orchestrate: mode ${given.mode}${given.run === '' ? '' : ` of run ${given.run}`}\n`)
  const modes = await import('./modes/on-github.ts')
  return await modes.onGitHub({
    inputs: given,
    env,
    workspace,
    program: process.argv[1] ?? '',
    signal: onStop(),
    log: (text) => process.stdout.write(`${redact(oneCommandless(text))}\n`),
  })
}

/** GitHub cancels a job by SIGINT, and by SIGTERM some seconds later: what was done is published in between. */
function onStop(): AbortSignal {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort())
  return stop.signal
}

/** What somebody wrote must not be taken for a command of the runner's. */
const oneCommandless = (text: string): string =>
  text.replace(/^(\s*)::/gm, '$1: :').replace(/^(\s*)##\[/gm, '$1## [')

async function publish({ annotations, summary, outputs, files = {}, failed }: Outcome): Promise<void> {
  for (const { level, message, ...properties } of annotations) COMMANDS[level](redact(message), properties)
  for (const [name, value] of Object.entries(outputs)) github.setOutput(name, redact(value))
  const kept = env['RUNNER_TEMP']
  if (kept !== undefined && Object.keys(files).length > 0) {
    const dir = join(kept, 'orchestrate-report')
    await mkdir(dir, { recursive: true })
    for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), redact(text))
  }
  if (failed) process.exitCode = github.ExitCode.Failure
  // a runner without summaries (act, old servers) names no file for them
  if (summary !== undefined && env['GITHUB_STEP_SUMMARY'] !== undefined) {
    await github.summary.addRaw(redact(summary)).write()
  }
}

const COMMANDS: Record<Annotation['level'], typeof github.error> = {
  error: github.error,
  warning: github.warning,
  notice: github.notice,
}

try {
  await publish(inputs.ok ? await run(inputs.value) : refused(inputs.error))
} catch (error) {
  github.setFailed(
    redact(`This is a fault of Orchestrate's: ${error instanceof Error ? error.stack : String(error)}`),
  )
}
