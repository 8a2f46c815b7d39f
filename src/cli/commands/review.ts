import { proposeRevision } from '../../core/pipeline/revise.ts'
import { renderDiagnostics } from '../../core/report/diagnostics.ts'
import { toGithub, toJson, toSarif } from '../../core/report/formats.ts'
import { CATALOGUE, reviewPlan } from '../../core/review/review.ts'
import { count } from '../../core/text/display.ts'
import { Flags, REVIEW_FORMATS } from '../flags.ts'
import { columnsOf, hasColor, printFailures } from '../output.ts'
import type { Handler } from '../shell.ts'
import { readPlan } from './ingest.ts'

/** `orchestrate review DIR [--fix]`: what is weak about a plan. Exit 1 where something in it is an error, 2 where it is no plan. */
export const reviewCommand: Handler = async (input, shell) => {
  const flags = new Flags(input)
  const format = flags.one('--format', REVIEW_FORMATS) ?? (flags.has('--json') ? 'json' : 'text')
  if (flags.failures.length > 0) return printFailures(flags.failures, shell)
  const read = await readPlan(input.args[0] ?? '', shell)
  if (!read.ok) return printFailures(read.error, shell)
  const { plan, failures, source } = read.value
  if (flags.has('--fix') && plan !== undefined && failures.length === 0) {
    const { fixPlan } = await import('./review-fix.ts')
    return await fixPlan({ source, plan }, flags.has('--yes'), shell)
  }
  const diagnostics = plan === undefined ? read.value.diagnostics : reviewPlan(plan).diagnostics
  const { stdout, stderr, version } = shell
  const dir = plan?.dir ?? ''
  if (format === 'json') stdout.write(toJson(diagnostics))
  else if (format === 'github') stdout.write(toGithub(diagnostics, { dir }))
  else if (format === 'sarif') stdout.write(toSarif(diagnostics, { dir, version, rules: CATALOGUE }))
  else if (plan !== undefined) {
    const text = (file: string) => plan.files.find(({ path }) => path === file)?.text
    stderr.write(
      renderDiagnostics(diagnostics, text, { color: hasColor(stderr, shell), width: columnsOf(stderr) }),
    )
    const proposed = await proposeRevision(source, plan)
    if (failures.length === 0 && proposed.ok && proposed.value.changes.length > 0) {
      const changes = count(proposed.value.changes.length, 'change')
      const command = `${shell.program} review ${input.args[0] ?? ''} --fix`
      stderr.write(`\n${changes} of the plan can be proposed for this: ${command}\n`)
    }
  }
  if (failures.length > 0) return printFailures(failures, shell)
  return diagnostics.some(({ severity }) => severity === 'error') ? 1 : 0
}
