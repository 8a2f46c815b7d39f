import { repositoryFacts } from '../../adapters/files/repository-facts.ts'
import { readSeverities } from '../../adapters/files/severities.ts'
import type { Diagnostic } from '../../core/model/diagnostic.ts'
import type { Plan } from '../../core/model/plan.ts'
import { proposeRevision } from '../../core/pipeline/revise.ts'
import type { PlanSource } from '../../core/ports.ts'
import { renderDiagnostics, renderSilenced } from '../../core/report/diagnostics.ts'
import { pageOf, toGithub, toJson, toSarif } from '../../core/report/formats.ts'
import { type Review, reviewPlan, RULES } from '../../core/review/review.ts'
import { count } from '../../core/text/display.ts'
import { REVIEW_FORMATS } from '../choices.ts'
import { configFlags, Flags } from '../flags.ts'
import { columnsOf, hasColor, printFailures } from '../output.ts'
import type { Handler, Shell } from '../shell.ts'
import { dirAsked } from './dir-asked.ts'
import { readPlan } from './ingest.ts'

const AGENT_FLAGS = ['--agent', '--agent-command']

/** `orchestrate review [DIR] [--fix]`: what is weak about a plan. Exit 1 where something in it is an error, 2 where it is no plan. */
export const reviewCommand: Handler = async (input, shell) => {
  const flags = new Flags(input)
  const format = flags.one('--format', REVIEW_FORMATS) ?? (flags.has('--json') ? 'json' : 'text')
  // Also where no agent is asked in the end: what is wrong is told at once.
  configFlags(flags)
  if (flags.failures.length > 0) return printFailures(flags.failures, shell)
  const dir = await dirAsked('review', input, shell)
  if (!dir.ok) return printFailures(dir.error, shell)
  const asked = dir.value
  const read = await readPlan(asked, shell)
  if (!read.ok) return printFailures(read.error, shell)
  const { plan, failures, source, root } = read.value
  if (flags.has('--fix') && plan !== undefined && failures.length === 0) {
    const { fixPlan } = await import('./review-fix.ts')
    return await fixPlan({ source, plan, root }, flags.has('--yes'), shell)
  }
  const severities = await readSeverities(root)
  if (!severities.ok) return printFailures(severities.error, shell)
  const { rules, agent } = severities.value
  let review = plan === undefined ? undefined : reviewPlan(plan, rules)
  if (plan !== undefined && review !== undefined && (agent || AGENT_FLAGS.some((flag) => flags.has(flag)))) {
    const { readByAgent } = await import('./review-agent.ts')
    const reading = await readByAgent({ asked, plan, review, rules }, flags, shell)
    if (!reading.ok) return printFailures(reading.error, shell)
    review = reading.value
  }
  const { diagnostics, silenced } = review ?? { diagnostics: read.value.diagnostics, silenced: [] }
  const { stdout, version } = shell
  const at = plan?.dir ?? ''
  if (format === 'json') stdout.write(toJson(diagnostics, silenced))
  else if (format === 'github') stdout.write(toGithub(diagnostics, { dir: at }))
  else if (format === 'sarif')
    stdout.write(toSarif(diagnostics, { dir: at, version, rules: RULES, silenced }))
  else if (plan !== undefined && review !== undefined) {
    printReview(plan, review, shell)
    if (failures.length === 0) await offerFix({ source, plan, root }, asked, shell)
  }
  if (failures.length > 0) return printFailures(failures, shell)
  return diagnostics.some(({ severity }) => severity === 'error') ? 1 : 0
}

function printReview(plan: Plan, { diagnostics, silenced }: Review, shell: Shell): void {
  const { stderr, program } = shell
  const text = (file: string) => plan.files.find(({ path }) => path === file)?.text
  const style = { color: hasColor(stderr, shell), width: columnsOf(stderr) }
  stderr.write(renderDiagnostics(diagnostics, text, style))
  stderr.write(renderSilenced(silenced, style))
  const explained = worst(diagnostics)
  if (explained !== undefined)
    stderr.write(`More about a rule, with examples: ${program} explain ${explained.rule}\n`)
}

/** The finding whose rule is most worth reading about. */
const worst = (diagnostics: readonly Diagnostic[]): Diagnostic | undefined => {
  const withPage = diagnostics.filter(({ rule }) => pageOf(rule) !== undefined)
  return (['error', 'warning', 'info'] as const)
    .map((severity) => withPage.find((one) => one.severity === severity))
    .find((one) => one !== undefined)
}

async function offerFix(
  { source, plan, root }: { source: PlanSource; plan: Plan; root: string },
  asked: string,
  { stderr, program }: Shell,
): Promise<void> {
  const proposed = await proposeRevision(source, plan, () => repositoryFacts(root))
  if (!proposed.ok || proposed.value.changes.length === 0) return
  const changes = count(proposed.value.changes.length, 'change')
  stderr.write(`\n${changes} of the plan can be proposed for this: ${program} review ${asked} --fix\n`)
}
