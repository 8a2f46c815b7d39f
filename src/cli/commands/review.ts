import { renderDiagnostics } from '../../core/report/diagnostics.ts'
import { toGithub, toJson, toSarif } from '../../core/report/formats.ts'
import { CATALOGUE, reviewPlan } from '../../core/review/review.ts'
import { Flags, REVIEW_FORMATS } from '../flags.ts'
import { columnsOf, hasColor, printFailures } from '../output.ts'
import type { Handler } from '../shell.ts'
import { readPlan } from './ingest.ts'

/** `orchestrate review DIR`: what is weak about a plan. Exit 1 where something in it is an error, 2 where it is no plan. */
export const reviewCommand: Handler = async (input, shell) => {
  const flags = new Flags(input)
  const format = flags.one('--format', REVIEW_FORMATS) ?? (flags.has('--json') ? 'json' : 'text')
  if (flags.failures.length > 0) return printFailures(flags.failures, shell)
  const read = await readPlan(input.args[0] ?? '', shell)
  if (!read.ok) return printFailures(read.error, shell)
  const { plan, failures } = read.value
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
  }
  if (failures.length > 0) return printFailures(failures, shell)
  return diagnostics.some(({ severity }) => severity === 'error') ? 1 : 0
}
