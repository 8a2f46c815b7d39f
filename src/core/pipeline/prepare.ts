import { detectCommands } from '../execute/checks.ts'
import { checkTemplates } from '../execute/prompts/template.ts'
import { namedRegistries } from '../execute/registries.ts'
import { detectSetUp } from '../execute/set-up.ts'
import { ingest } from '../ingest/ingest.ts'
import { dispatchMode } from '../match/dispatch.ts'
import type { MatchResult } from '../match/match.ts'
import type { Config } from '../model/config.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { type Failure, failure } from '../model/failure.ts'
import type { PhaseId } from '../model/ids.ts'
import type { NamedRegistry } from '../model/registries.ts'
import type { Phase, Plan } from '../model/plan.ts'
import { err, ok, type Result } from '../model/result.ts'
import type { Usage } from '../model/step.ts'
import type { Ports } from '../pipeline-types.ts'
import type { PlanSource } from '../ports.ts'
import type { FindOptions } from '../research/find-sheet.ts'
import { research, type ResearchResult } from '../research/research.ts'
import { inspectText } from '../review/inspect-text.ts'
import type { Revision } from '../review/restructure.ts'
import { type Review, reviewPlan } from '../review/review.ts'
import { matchPlan } from './matching.ts'

export interface CheckCommands {
  setup?: { command: string; why: string }
  build?: { command: string; why: string }
  test?: { command: string; why: string }
}

/** A plan with everything that stages 1 to 4 know about it: what the gate shows and the phases use. */
export interface Prepared {
  plan: Plan
  review: Review
  match: MatchResult
  research: ResearchResult
  commands: CheckCommands
  dispatch: Map<PhaseId, { mode: 'classic' | 'team'; why: string }>
  /** Where packages come from besides the public registries. */
  registries: readonly NamedRegistry[]
  /** What else is to be known before approving, a sentence each. */
  notes?: string[]
  /** What agents cost that worked before the gate. */
  spent?: Usage
  /** What the review would change in the plan's files; looked for at the gate of a pull request alone. */
  revision?: Revision
}

/** What reading needs: nothing is run and nothing is written. */
export type ReadPorts = Pick<
  Ports,
  'files' | 'clock' | 'reporter' | 'web' | 'sheets' | 'githubApi' | 'context7'
>

/** Stages 1 to 4: ingest, review, match, research (where a run does not keep its sheets). Reads only. */
export async function prepare(
  source: PlanSource,
  config: Config,
  ports: ReadPorts,
  { research: isResearched = true }: { research?: boolean } = {},
): Promise<Result<Prepared>> {
  const { reporter, clock } = ports
  const stage = (name: 'ingest' | 'review' | 'match' | 'research', note?: string): void =>
    reporter.emit({ type: 'stage', stage: name, at: clock.now(), ...(note === undefined ? {} : { note }) })

  stage('ingest')
  const read = await ingest(source)
  if (!read.plan || read.failures.length > 0) return err(read.failures)
  const { plan } = read
  const templates = await checkTemplates({
    phasePrompt: plan.contract.phasePrompt,
    continuation: plan.contract.continuationTemplate,
  })
  if (templates.length > 0) return err(templates)

  stage('review')
  const review = reviewPlan(plan, config.rules)
  reporter.emit({ type: 'diagnostics', diagnostics: review.diagnostics })
  if (review.blocking.length > 0) return err(review.blocking.map(asFailure))

  stage('match')
  const match = await matchPlan(plan, config, ports)

  stage('research')
  const researched = isResearched
    ? await researchPlan(plan, match, config, ports)
    : { sheets: [], unknown: [], toWrite: [], diagnostics: [] }

  const commands = await checkCommands(plan, config, ports)
  const dispatch = new Map(plan.phases.map((phase) => [phase.id, modeOf(phase, review, config)]))
  const { named, notes } = await namedRegistries((path) => ports.files.read(path))
  const registries = config.registries ?? named
  return ok({
    ...{ plan, review, match, research: researched, commands, dispatch, registries },
    ...(notes.length === 0 ? {} : { notes }),
  })
}

/** Stage 4 as the configuration wants it. */
export const researchPlan = (
  plan: Plan,
  { assignments }: MatchResult,
  config: Config,
  ports: ResearchPorts,
): Promise<ResearchResult> =>
  research(plan, assignments, ports.files, ports.clock, researchOptions(config, ports))

export type ResearchPorts = Pick<ReadPorts, 'files' | 'clock' | 'web' | 'sheets' | 'context7'>

/** The network is asked where the configuration says so and there is one to ask. */
function researchOptions(config: Config, { web, sheets, context7 }: ResearchPorts): FindOptions {
  const { researchAgent: agent } = config
  const always = {
    inspect: inspectText,
    ...(sheets === undefined ? {} : { cache: sheets }),
    ...(agent === 'never' ? {} : { agent }),
  }
  if (!config.online || web === undefined) return always
  const service = context7 === undefined ? {} : { context7: context7.url }
  const key = context7?.key === undefined ? {} : { context7Key: context7.key }
  return {
    ...always,
    online: { web, sources: config.researchSources, ...service, ...key },
  }
}

const asFailure = ({ rule, message, hint, file, line }: Diagnostic): Failure =>
  failure(rule === 'cyclic-dependency' ? 'cyclic-plan' : 'refused', message, hint, { file, line })

function modeOf(phase: Phase, review: Review, config: Config): { mode: 'classic' | 'team'; why: string } {
  return dispatchMode(phase, review.confidence.get(phase.id)?.level ?? 'medium', config.dispatch)
}

/** Flags and configuration over the contract over what the project's own files say. */
async function checkCommands(plan: Plan, config: Config, ports: ReadPorts): Promise<CheckCommands> {
  const detected = await detectCommands((path) => ports.files.read(path))
  const pick = (kind: 'build' | 'test'): { command: string; why: string } | undefined => {
    const given = kind === 'build' ? config.buildCmd : config.testCmd
    if (given !== undefined) return { command: given, why: `--${kind}-cmd or configuration` }
    const stated = kind === 'build' ? plan.contract.project.buildCmd : plan.contract.project.testCmd
    if (stated !== undefined) return { command: stated, why: 'workflow.md' }
    return detected[kind]
  }
  const setup =
    config.setupCmd === undefined
      ? await detectSetUp((path) => ports.files.read(path))
      : { command: config.setupCmd, why: 'configuration' }
  const build = pick('build')
  const test = pick('test')
  return { ...(setup ? { setup } : {}), ...(build ? { build } : {}), ...(test ? { test } : {}) }
}
