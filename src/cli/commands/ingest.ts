import { resolve } from 'node:path'
import { findRoot } from '../../adapters/files/find-root.ts'
import { openPlanSource } from '../../adapters/files/plan-source.ts'
import { ingest, type IngestResult } from '../../core/ingest/ingest.ts'
import { toJson } from '../../core/ingest/json.ts'
import type { Plan } from '../../core/model/plan.ts'
import { ok, type Result } from '../../core/model/result.ts'
import type { PlanSource } from '../../core/ports.ts'
import { renderDiagnostics } from '../../core/report/diagnostics.ts'
import { oneLine } from '../../core/text/clean.ts'
import { count } from '../../core/text/display.ts'
import { columnsOf, hasColor, printFailures, printJson } from '../output.ts'
import type { Handler, Shell } from '../shell.ts'
import { dirAsked } from './dir-asked.ts'

/** Reads the plan at `dir`; a repository around it is not needed. */
export async function readPlan(
  dir: string,
  shell: Shell,
): Promise<Result<IngestResult & { source: PlanSource; root: string }>> {
  const path = resolve(shell.cwd, dir)
  const root = await findRoot(path)
  const source = await openPlanSource({ path, cwd: shell.cwd, root })
  return source.ok ? ok({ ...(await ingest(source.value)), source: source.value, root }) : source
}

/** `orchestrate ingest [DIR]`: the plan as JSON, or an outline for people. */
export const ingestCommand: Handler = async (input, shell) => {
  const json = input.given.has('--json')
  const dir = await dirAsked('ingest', input, shell)
  const read = dir.ok ? await readPlan(dir.value, shell) : dir
  if (!read.ok) {
    const none: IngestResult = { mode: 'invalid', plan: undefined, diagnostics: [], failures: read.error }
    if (json) printJson(toJson(none), shell)
    return printFailures(read.error, shell)
  }
  const { plan, diagnostics, failures } = read.value
  if (json) {
    printJson(toJson(read.value), shell)
    return failures.length === 0 ? 0 : printFailures(failures, shell)
  }
  const { stderr } = shell
  if (plan !== undefined) stderr.write(outline(plan))
  if (diagnostics.length > 0) {
    const text = (file: string) => plan?.files.find(({ path }) => path === file)?.text
    const style = { color: hasColor(stderr, shell), width: columnsOf(stderr) }
    stderr.write(`\n${renderDiagnostics(diagnostics, text, style)}`)
  }
  return printFailures(failures, shell)
}

function outline(plan: Plan): string {
  const lines = plan.phases.map((phase) => {
    const facts = [
      phase.specs.length > 0 ? count(phase.specs.length, 'spec') : '',
      phase.tasks.length > 0 ? count(phase.tasks.length, plan.words.task) : '',
      phase.files.length > 0 ? count(phase.files.length, 'file') : '',
      phase.dependsOn.length > 0 ? `after ${phase.dependsOn.join(', ')}` : '',
      phase.status === 'pending' ? '' : phase.status,
    ].filter((fact) => fact !== '')
    return `  ${phase.id}  ${oneLine(phase.title)}${facts.length === 0 ? '' : `  (${facts.join(', ')})`}\n`
  })
  return `${oneLine(plan.title) || plan.index}: ${plan.mode}, ${count(plan.phases.length, plan.words.phase)}\n${lines.join('')}`
}
