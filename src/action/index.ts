/** The GitHub Action: reads its inputs, runs the mode, publishes what came out of it. */
import * as github from '@actions/core'
import { ingest } from '../core/ingest/ingest.ts'
import type { Annotation } from '../core/report/annotations.ts'
import { readInputs } from './inputs.ts'
import { openPlan } from './open-plan.ts'
import { type Outcome, refused } from './outcome.ts'
import { planOutcome } from './plan.ts'

async function run(workspace: string): Promise<Outcome> {
  const inputs = readInputs((name) => github.getInput(name))
  if (!inputs.ok) return refused(inputs.error)
  const { planDir, failOn } = inputs.value
  const source = await openPlan(planDir, workspace)
  if (!source.ok) return refused(source.error)
  return planOutcome(await ingest(source.value), source.value.dir, failOn)
}

async function publish({ annotations, summary, outputs, failed }: Outcome): Promise<void> {
  for (const { level, message, ...properties } of annotations) COMMANDS[level](message, properties)
  for (const [name, value] of Object.entries(outputs)) github.setOutput(name, value)
  if (failed) process.exitCode = github.ExitCode.Failure
  // a runner without summaries (act, old servers) names no file for them
  if (summary !== undefined && process.env['GITHUB_STEP_SUMMARY'] !== undefined) {
    await github.summary.addRaw(summary).write()
  }
}

const COMMANDS: Record<Annotation['level'], typeof github.error> = {
  error: github.error,
  warning: github.warning,
  notice: github.notice,
}

try {
  await publish(await run(process.env['GITHUB_WORKSPACE'] ?? process.cwd()))
} catch (error) {
  github.setFailed(
    `This is a fault of Orchestrate's: ${error instanceof Error ? error.stack : String(error)}`,
  )
}
