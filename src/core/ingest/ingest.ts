/** Stage 1: reads a plan. Extraction only, no judgement. */
import { DEFAULT_CONTRACT } from '../model/contract.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { type Failure, failure } from '../model/failure.ts'
import type { Plan, PlanFile, PlanMode, WrittenPlan } from '../model/plan.ts'
import { planPath } from '../model/plan-path.ts'
import type { PlanSource } from '../ports.ts'
import { contradictionsIn } from './contradictions.ts'
import { readContract, WORKFLOW } from './contract.ts'
import { planDigest, withoutStatuses } from './digest.ts'
import { FINDINGS, readFindings } from './findings.ts'
import { type Detection, type PlanFiles, planFiles, type PlanFormat } from './format.ts'
import { FORMATS } from './formats/index.ts'
import { manifest } from './formats/manifest.ts'
import { taskPlan } from './formats/task-plan.ts'
import { count as counted } from '../text/display.ts'
import { SourcePlace } from './plan-place.ts'
import { resolve } from './resolve.ts'
import { tangles } from './tangles.ts'

export interface IngestResult {
  /** `invalid` where no plan was found; then `plan` is undefined and `failures` says why. */
  mode: PlanMode | 'invalid'
  plan: Plan | undefined
  diagnostics: Diagnostic[]
  /** Everything that keeps the plan from being run, found in one pass. */
  failures: Failure[]
}

export async function ingest(source: PlanSource): Promise<IngestResult> {
  const place = await SourcePlace.open(source)
  const detected = await detectFormats(place)
  if (detected.length === 0) return invalid([notAPlan(source)], await place.unreadable())
  const diagnostics: Diagnostic[] = await place.unreadable()
  const candidates: Candidate[] = []
  for (const level of ['certain', 'likely', 'possible']) {
    if (candidates.some(hasPhases)) break
    for (const one of detected.filter(({ detection }) => detection.confidence === level))
      candidates.push(await readFormat(one, place, diagnostics))
  }
  const [chosen, ...others] = candidates.filter(hasPhases)
  if (chosen === undefined)
    return invalid(
      candidates.map((c) => emptyPlan(c, source)),
      [...diagnostics, ...candidates.flatMap(({ written }) => written.diagnostics)],
    )
  return finish({ chosen, others, candidates }, place, source, diagnostics)
}

/** Whether a plan lies there that somebody could run: where the name alone does not say so, something has to be left to do. */
export async function holdsPlan(source: PlanSource): Promise<boolean> {
  const place = await SourcePlace.open(source)
  for (const one of await detectFormats(place)) {
    if (one.detection.confidence === 'certain' || wouldRun(await readFormat(one, place, []))) return true
  }
  return false
}

/** Whether all of the plan that lies there is done. */
export async function isFinished(source: PlanSource): Promise<boolean> {
  const place = await SourcePlace.open(source)
  const read: Candidate[] = []
  for (const one of await detectFormats(place)) read.push(await readFormat(one, place, []))
  const plans = read.filter(hasPhases)
  return plans.length > 0 && !plans.some(wouldRun)
}

interface Detected {
  format: PlanFormat
  detection: Detection
}

/** The formats that see a plan of theirs. */
async function detectFormats(place: SourcePlace): Promise<Detected[]> {
  const found: Detected[] = []
  for (const format of FORMATS) {
    const detection = await format.detect(place)
    if (detection !== undefined) found.push({ format, detection })
  }
  return found
}

interface Candidate extends Detected {
  written: WrittenPlan
  files: PlanFile[]
  read: PlanFiles
}

const hasPhases = ({ written }: Candidate): boolean => written.phases.length > 0

const invalid = (failures: Failure[], diagnostics: Diagnostic[] = []): IngestResult => ({
  mode: 'invalid',
  plan: undefined,
  diagnostics,
  failures,
})

async function readFormat(
  { format, detection }: Detected,
  place: SourcePlace,
  diagnostics: Diagnostic[],
): Promise<Candidate> {
  const read = await place.files(detection.files)
  diagnostics.push(...read.diagnostics.filter((one) => !diagnostics.includes(one)))
  const files = planFiles({ index: detection.index, where: place.where, names: place.names }, read.files)
  const written = format.read(files)
  diagnostics.push(...tangles(files))
  return { format, detection, written, files: read.files, read: files }
}

interface Candidates {
  chosen: Candidate
  /** Others with phases. */
  others: readonly Candidate[]
  candidates: readonly Candidate[]
}

async function finish(
  { chosen, others, candidates }: Candidates,
  place: SourcePlace,
  source: PlanSource,
  diagnostics: Diagnostic[],
): Promise<IngestResult> {
  const failures: Failure[] = []
  const other = others[0]
  if (other !== undefined && wouldRun(chosen) && wouldRun(other))
    failures.push(twoPlans(chosen, other, source))
  else for (const rest of candidates) if (rest !== chosen) diagnostics.push(alsoThere(chosen, rest))
  // of another planner's plan they are somebody else's notes
  const besides = await place.files(chosen.format.isOurs ? [FINDINGS, WORKFLOW] : [])
  diagnostics.push(...besides.diagnostics)
  const files = [...new Map([...chosen.files, ...besides.files].map((file) => [file.path, file])).values()]
  const text = (path: string): string | undefined => besides.files.find((file) => file.path === path)?.text
  const [findings, workflow] = [text(FINDINGS), text(WORKFLOW)]
  const contract = workflow === undefined ? undefined : readContract(workflow)
  failures.push(...(contract?.failures ?? []))
  diagnostics.push(...chosen.written.diagnostics, ...(contract?.diagnostics ?? []))
  const { written, format } = chosen
  // our own formats say it where they read
  if (format.isOurs !== true) {
    const { index } = chosen.detection
    const text = chosen.read.text(index) ?? ''
    diagnostics.push(...contradictionsIn({ phases: written.phases, words: format.words, index, text }))
  }
  const plan: Plan = {
    mode: written.mode,
    title: written.title,
    dir: source.dir,
    path: planPath(source),
    index: chosen.detection.index,
    words: format.words,
    context: written.context ?? [],
    ...resolve(written),
    contract: contract?.contract ?? DEFAULT_CONTRACT,
    findings: findings === undefined ? undefined : readFindings(findings),
    documents: await source.documents(),
    digest: planDigest(files, digestText(chosen)),
    files,
    diagnostics,
  }
  return { mode: written.mode, plan, diagnostics, failures }
}

/** The format's own way; else without statuses, from the blocks that the format read. */
const digestText = ({ format, read }: Candidate): ((path: string, text: string) => string | undefined) =>
  format.digestText?.bind(format) ??
  ((path, text) => withoutStatuses(text, read.text(path) === text ? read.blocks(path) : undefined))

const wouldRun = (candidate: Candidate): boolean =>
  candidate.written.phases.some((p) => p.status !== 'completed' && p.status !== 'skipped')

const notAPlan = (source: PlanSource): Failure =>
  failure(
    'not-a-plan',
    `${source.shown} holds neither ${manifest.marker} nor ${taskPlan.marker}, nor a plan of another planner.`,
    `Name the plan's directory or file, or write a ${taskPlan.marker} with sections such as "## Phase 1: Title".`,
  )

function emptyPlan({ format, detection: { index } }: Candidate, source: PlanSource): Failure {
  const hint =
    format === manifest
      ? 'Add a table with the columns Phase, Sprint, Spec, Status, Depends On, one row per spec.'
      : 'Put the tasks below headings such as "## Phase 1: Title".'
  const shown = source.file === undefined ? `${source.shown}/${index}` : source.shown
  return failure('empty-plan', `${shown} names no ${format.words.phase}.`, hint, { file: index, line: 1 })
}

function twoPlans(chosen: Candidate, other: Candidate, source: PlanSource): Failure {
  const [first, second] = [chosen.detection.index, other.detection.index]
  return failure(
    'two-plans',
    `${source.shown} holds two plans: ${first} with ${count(chosen)} and ${second} with ${count(other)}.`,
    `Move or remove one of them; ${first} is what would run.`,
    { file: second, line: other.written.phases[0]?.place.line ?? 1 },
  )
}

const count = (candidate: Candidate): string => {
  return counted(candidate.written.phases.length, candidate.format.words.phase)
}

const alsoThere = (chosen: Candidate, rest: Candidate): Diagnostic => ({
  rule: 'two-plans',
  severity: 'warning',
  file: rest.detection.index,
  line: 1,
  message: `Beside ${chosen.detection.index} there is a ${rest.detection.index}; ${chosen.detection.index} was read.`,
  hint: `Remove ${rest.detection.index} where it is no longer used.`,
})
