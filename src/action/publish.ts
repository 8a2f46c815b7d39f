/** Tells GitHub what came out of a mode. Loaded when there is something to tell. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as github from '@actions/core'
import type { Annotation } from '../core/report/annotations.ts'
import type { Outcome } from './outcome.ts'
import type { Env } from './surroundings.ts'

export async function publish(
  { annotations, summary, outputs, files = {}, failed }: Outcome,
  env: Env,
  redact: (text: string) => string,
): Promise<void> {
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

/** Ends the step as failed by a fault of ours. */
export const publishFault = (message: string): void => github.setFailed(message)

const COMMANDS: Record<Annotation['level'], typeof github.error> = {
  error: github.error,
  warning: github.warning,
  notice: github.notice,
}
