/** Stage 1: reads a plan directory. Extraction only, no judgement. */
import { DEFAULT_CONTRACT } from '../model/contract.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { type Failure, failure } from '../model/failure.ts'
import type { Plan, PlanFile, PlanMode, WrittenPlan } from '../model/plan.ts'
import type { PlanSource } from '../ports.ts'
import { readContract, WORKFLOW } from './contract.ts'
import { planDigest } from './digest.ts'
import { FINDINGS, readFindings } from './findings.ts'
import { planFiles, type PlanFormat } from './format.ts'
import { manifest } from './formats/manifest.ts'
import { taskPlan } from './formats/task-plan.ts'
import { resolve } from './resolve.ts'

export interface IngestResult {
  /** `invalid` where no plan was found; then `plan` is undefined and `failures` says why. */
  mode: PlanMode | 'invalid'
  plan: Plan | undefined
  diagnostics: Diagnostic[]
  /** Everything that keeps the plan from being run, found in one pass. */
  failures: Failure[]
}

/** Looked for in this order. Another planner's format is one more entry. */
export const FORMATS: readonly PlanFormat[] = [manifest, taskPlan]

/**
 * A plan file that is longer (in characters) is a log or a dump. The longest plan we met has 288,000; a parser of Markdown is
 * not linear in everything (one paragraph of 20,000 lines takes seconds), so there is a limit.
 */
const MAX_LENGTH = 500_000

export async function ingest(source: PlanSource): Promise<IngestResult> {
  const names = await source.list()
  const formats = FORMATS.filter((format) => format.detect(names) !== undefined)
  if (formats.length === 0) return invalid([notAPlan(source)])
  const diagnostics: Diagnostic[] = []
  const candidates: Candidate[] = []
  for (const format of formats) candidates.push(await readFormat(format, names, source, diagnostics))
  const [chosen, ...others] = candidates.filter((c) => c.written.phases.length > 0)
  if (chosen === undefined)
    return invalid(
      candidates.map((c) => emptyPlan(c, source)),
      diagnostics,
    )
  return finish(chosen, others, candidates, source, diagnostics)
}

interface Candidate {
  format: PlanFormat
  written: WrittenPlan
  files: PlanFile[]
}

const invalid = (failures: Failure[], diagnostics: Diagnostic[] = []): IngestResult => ({
  mode: 'invalid',
  plan: undefined,
  diagnostics,
  failures,
})

async function readFormat(
  format: PlanFormat,
  names: readonly string[],
  source: PlanSource,
  diagnostics: Diagnostic[],
): Promise<Candidate> {
  const files: PlanFile[] = []
  for (const path of format.detect(names) ?? []) {
    const file = await readFile(path, source, diagnostics)
    if (file !== undefined) files.push(file)
  }
  return { format, written: format.read(planFiles(names, files)), files }
}

async function readFile(
  path: string,
  source: PlanSource,
  diagnostics: Diagnostic[],
): Promise<PlanFile | undefined> {
  const read = await source.read(path)
  if (read === undefined) return undefined
  const tell = (rule: string, severity: 'error' | 'warning', message: string, hint: string): void => {
    diagnostics.push({ rule, severity, file: path, line: 1, message, hint })
  }
  if (read.invalidUtf8) {
    tell(
      'not-utf-8',
      'warning',
      `${path} holds bytes that are no UTF-8; they were replaced.`,
      'Save the file as UTF-8.',
    )
  }
  if (read.text.length > MAX_LENGTH) {
    tell(
      'file-too-long',
      'error',
      `${path} has ${read.text.length} characters; only the first ${MAX_LENGTH} were read.`,
      'Keep the plan in this file and move logs and data to files of their own.',
    )
    return { path, text: read.text.slice(0, MAX_LENGTH) }
  }
  return { path, text: read.text }
}

async function finish(
  chosen: Candidate,
  others: readonly Candidate[],
  candidates: readonly Candidate[],
  source: PlanSource,
  diagnostics: Diagnostic[],
): Promise<IngestResult> {
  const failures: Failure[] = []
  const other = others[0]
  if (other !== undefined && wouldRun(chosen) && wouldRun(other))
    failures.push(twoPlans(chosen, other, source))
  else for (const rest of candidates) if (rest !== chosen) diagnostics.push(alsoThere(chosen, rest))
  const files = [...chosen.files]
  const findings = await readFile(FINDINGS, source, diagnostics)
  const workflow = await readFile(WORKFLOW, source, diagnostics)
  for (const file of [findings, workflow]) if (file !== undefined) files.push(file)
  const contract = workflow === undefined ? undefined : readContract(workflow.text)
  failures.push(...(contract?.failures ?? []))
  diagnostics.push(...chosen.written.diagnostics, ...(contract?.diagnostics ?? []))
  const { written } = chosen
  const plan: Plan = {
    mode: written.mode,
    title: written.title,
    dir: source.dir,
    index: chosen.format.index,
    ...resolve(written),
    contract: contract?.contract ?? DEFAULT_CONTRACT,
    findings: findings === undefined ? undefined : readFindings(findings.text),
    documents: await source.documents(),
    digest: planDigest(files),
    files,
    diagnostics,
  }
  return { mode: written.mode, plan, diagnostics, failures }
}

const wouldRun = (candidate: Candidate): boolean =>
  candidate.written.phases.some((p) => p.status !== 'completed' && p.status !== 'skipped')

const INDEXES = FORMATS.map((format) => format.index)

const notAPlan = (source: PlanSource): Failure =>
  failure(
    'not-a-plan',
    `${source.shown} holds neither ${INDEXES.join(' nor ')}.`,
    `Name the directory of the plan, or write a ${taskPlan.index} with sections such as "## Phase 1: Title".`,
  )

function emptyPlan(candidate: Candidate, source: PlanSource): Failure {
  const { index } = candidate.format
  const hint =
    candidate.format === manifest
      ? 'Add a table with the columns Phase, Sprint, Spec, Status, Depends On, one row per spec.'
      : 'Put the tasks below headings such as "## Phase 1: Title".'
  return failure('empty-plan', `${source.shown}/${index} names no phase.`, hint, { file: index, line: 1 })
}

const twoPlans = (chosen: Candidate, other: Candidate, source: PlanSource): Failure =>
  failure(
    'two-plans',
    `${source.shown} holds two plans: ${chosen.format.index} with ${count(chosen)} and ${other.format.index} with ${count(other)}.`,
    `Move or remove one of them; ${chosen.format.index} is what would run.`,
    { file: other.format.index, line: other.written.phases[0]?.place.line ?? 1 },
  )

const count = (candidate: Candidate): string => {
  const { length } = candidate.written.phases
  return `${length} ${length === 1 ? 'phase' : 'phases'}`
}

const alsoThere = (chosen: Candidate, rest: Candidate): Diagnostic => ({
  rule: 'two-plans',
  severity: 'warning',
  file: rest.format.index,
  line: 1,
  message: `Beside ${chosen.format.index} there is a ${rest.format.index}; ${chosen.format.index} was read.`,
  hint: `Remove ${rest.format.index} where it is no longer used.`,
})
