/**
 * The GitHub Action: reads its inputs, runs the mode, publishes what came out of it. What a mode needs is loaded by it, and
 * what its first request or git process does not need only after that has begun.
 */
import { readInputs, type Inputs } from './inputs.ts'
import { type Outcome, refused } from './outcome.ts'
import { redactor } from '../core/text/redact.ts'
import { inputOf, maskOf } from './runner.ts'
import type { Surroundings } from './surroundings.ts'

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
const inputs = readInputs(inputOf(env))
const secrets = inputs.ok
  ? [inputs.value.token, ...Object.values(inputs.value.keys)].filter((secret) => secret !== '')
  : []
for (const secret of secrets) process.stdout.write(maskOf(secret))
const redact = redactor(secrets)

async function run(given: Inputs): Promise<Outcome> {
  const workspace = env['GITHUB_WORKSPACE'] ?? process.cwd()
  const event = env['GITHUB_EVENT_NAME'] ?? ''
  const onGitHub = given.token !== '' && given.planDir === '' && GATE_EVENTS.includes(event)
  if (given.mode === 'plan' && !onGitHub) {
    const { lint } = await import('./modes/lint.ts')
    return await lint(given, workspace)
  }
  // Said before the rest is loaded: the log shows what began, whatever comes of it.
  process.stdout.write(`Orchestrate: mode ${given.mode}${given.run === '' ? '' : ` of run ${given.run}`}\n`)
  const around: Surroundings = {
    inputs: given,
    env,
    workspace,
    program: process.argv[1] ?? '',
    signal: onStop(),
    log: (text) => process.stdout.write(`${redact(oneCommandless(text))}\n`),
  }
  if (given.mode === 'plan' && event !== 'workflow_dispatch') {
    const { onEvent } = await import('./modes/on-event.ts')
    return await onEvent(around)
  }
  const { onJob } = await import('./modes/on-job.ts')
  return await onJob(around)
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

try {
  const outcome = inputs.ok ? await run(inputs.value) : refused(inputs.error)
  const { publish } = await import('./publish.ts')
  await publish(outcome, env, redact)
} catch (error) {
  const { publishFault } = await import('./publish.ts')
  const told = error instanceof Error ? error.stack : String(error)
  publishFault(redact(`This is a fault of Orchestrate's: ${told}`))
}
