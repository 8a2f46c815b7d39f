import type { Diagnostic } from '../model/diagnostic.ts'
import type { PhaseId } from '../model/ids.ts'
import type { Phase, Plan } from '../model/plan.ts'
import type { Clock, ProjectFiles, SheetCache } from '../ports.ts'
import { list } from '../text/display.ts'
import { sanitize } from '../text/sanitize.ts'
import { significantWords } from '../text/words.ts'
import type { Used } from './detect.ts'
import { technologiesOf } from './detect.ts'
import { readInstalled } from './installed.ts'
import { importedBy } from './imports.ts'
import { lookUp, type Online } from './online.ts'
import { readPinned } from './pinned.ts'
import { sheetHeader, writeSheet } from './sheet.ts'

/** A cheat sheet. Only the agents of its phases see it. */
export interface Sheet {
  tech: string
  version?: string
  /** Where it lies, or would: from the root. */
  path: string
  text: string
  ageDays: number
  source: 'cached' | 'package' | 'online'
  phases: PhaseId[]
}

export interface ResearchResult {
  sheets: Sheet[]
  unknown: { tech: string; phases: PhaseId[]; why: string }[]
  diagnostics: Diagnostic[]
}

/** What a phase was matched with, as far as it matters here. */
export interface KnownSkills {
  phase: PhaseId
  skills: readonly { name: string; source: string; text?: string }[]
}

/** A cheat sheet younger than this is used as it is (reference pipeline). */
const FRESH_DAYS = 7
const DAY_MS = 86_400_000
/** A sheet that somebody wrote may be longer than ours. */
const MAX_CACHED = 16_000

type Finding = { sheet: Omit<Sheet, 'phases'> } | { why: string; broken: boolean; asked?: string }

export interface ResearchOptions {
  /** Left out where the network is not asked. */
  online?: Online
  cache?: SheetCache
}

/**
 * Stage 4: cheat sheets for the technologies of each open phase: sheets of the project that are fresh, else packages that are
 * installed in the version that a lockfile pins, else what was looked up before or is looked up now. What nothing is known of is
 * listed. The checkout is not written to.
 */
export async function research(
  plan: Plan,
  assignments: readonly KnownSkills[],
  files: ProjectFiles,
  clock: Clock,
  options: ResearchOptions = {},
): Promise<ResearchResult> {
  const pinned = await readPinned(files)
  const skills = new Map(assignments.map((one) => [one.phase, one.skills]))
  const uses = new Map<string, { used: Used; phases: Phase[] }>()
  for (const phase of plan.phases) {
    if (phase.status === 'completed' || phase.status === 'skipped') continue
    const imported = await importedBy(phase.files, files)
    for (const used of technologiesOf(phase, pinned, imported)) {
      if (isTaught(used.tech, skills.get(phase.id) ?? [])) continue
      const known = uses.get(used.tech)
      if (known === undefined) uses.set(used.tech, { used, phases: [phase] })
      else known.phases.push(phase)
    }
  }
  const result: ResearchResult = { sheets: [], unknown: [], diagnostics: [] }
  const wanted = [...uses.values()].sort((a, b) => (a.used.tech < b.used.tech ? -1 : 1))
  const found = await Promise.all(wanted.map(({ used }) => find(used, files, clock.now(), options)))
  const failed: { tech: string; why: string }[] = []
  for (const [at, { used, phases }] of wanted.entries()) {
    const one = found[at]
    const ids = phases.map((phase) => phase.id)
    if (one === undefined) continue
    if ('sheet' in one) result.sheets.push({ ...one.sheet, phases: ids })
    else if (!used.common) {
      result.unknown.push({ tech: used.tech, phases: ids, why: one.why })
      if (one.broken) result.diagnostics.push(notInstalled(used.tech, phases, one.why))
      if (one.asked !== undefined) failed.push({ tech: used.tech, why: one.asked })
    }
  }
  result.diagnostics.push(...lookedInVain(failed, plan))
  return result
}

/** A skill of the project or user about this technology says more than a sheet; the registry's sentences do not. */
function isTaught(tech: string, skills: KnownSkills['skills']): boolean {
  return skills.some(
    ({ name, source, text }) =>
      source !== 'registry' &&
      text !== undefined &&
      (name === tech || significantWords(name.replaceAll(/[-_]/g, ' ')).has(tech)),
  )
}

async function find(
  used: Used,
  files: ProjectFiles,
  now: number,
  { online, cache }: ResearchOptions,
): Promise<Finding> {
  const { tech, pinned, common } = used
  const path = `.claude/docs/${tech}/cheat-sheet.md`
  const sheet = (
    from: Sheet['source'],
    text: string,
    ageDays: number,
    version = pinned?.version,
  ): Finding => ({
    sheet: { tech, ...(version !== undefined && { version }), path, text, ageDays, source: from },
  })
  const cached = aged(await files.read(path), now, await files.modified(path))
  const isOther = cached?.version !== undefined && pinned !== undefined && cached.version !== pinned.version
  if (cached !== undefined && cached.ageDays < FRESH_DAYS && !isOther)
    return sheet('cached', cached.text, cached.ageDays, cached.version)
  const stale =
    cached === undefined
      ? ''
      : isOther
        ? `; its cheat sheet is for ${cached.version}`
        : `; its cheat sheet is ${cached.ageDays} days old`
  // A language's compiler says nothing about the language.
  if (common) return { why: 'agents know it', broken: false }
  const installed = pinned === undefined ? undefined : await readInstalled(pinned, files)
  if (installed?.ok === true) return sheet('package', writeSheet(installed.facts, now), 0)
  const why = `${installed?.why ?? 'no lockfile pins a package for it'}${stale}`
  const broken = installed !== undefined && /installed$/.test(installed.why)

  // A version is a key of its own: another one is looked up anew.
  const version = pinned?.version ?? ''
  const kept = aged(await cache?.read(tech, version), now)
  if (kept !== undefined && kept.ageDays < FRESH_DAYS) return sheet('online', kept.text, kept.ageDays)
  const looked = online === undefined ? undefined : await lookUp(used, online)
  if (looked?.ok === true) {
    const text = writeSheet(looked.facts, now)
    await cache?.write(tech, version, text)
    return sheet('online', text, 0)
  }
  // Old and of this version is better than nothing.
  if (kept !== undefined) return sheet('online', kept.text, kept.ageDays)
  if (looked === undefined) return { why, broken }
  return { why: `${why}; ${looked.why}`, broken, asked: looked.why }
}

/** Its age goes by the date it states, since a fresh clone makes every file look new; else by the file's time. */
function aged(raw: string | undefined, now: number, modified = 0) {
  if (raw === undefined || raw.trim() === '') return undefined
  const text = sanitize(raw)
  const { madeAt, version } = sheetHeader(text)
  const ageDays = Math.max(0, Math.floor((now - (madeAt ?? modified)) / DAY_MS))
  return { text: text.slice(0, MAX_CACHED), version, ageDays }
}

/** Once, however many there are: a machine without a network is no fault of the plan. */
function lookedInVain([first, ...others]: { tech: string; why: string }[], plan: Plan): Diagnostic[] {
  if (first === undefined) return []
  const names = [first, ...others].map(({ tech }) => tech)
  return [
    {
      rule: 'research-unanswered',
      severity: 'info',
      file: plan.index,
      line: 1,
      message: `Looked up in vain: ${list(names)} (${first.why}${others.length === 0 ? '' : ', and the like'})`,
      hint: 'Name a source in `research: { sources: … }`, or write .claude/docs/NAME/cheat-sheet.md.',
      why: 'Agents work from what they know.',
    },
  ]
}

function notInstalled(tech: string, phases: Phase[], why: string): Diagnostic {
  const [first] = phases
  return {
    rule: 'package-not-installed',
    severity: 'warning',
    file: first?.place.file ?? '',
    line: first?.place.line ?? 1,
    ...(first !== undefined && { phase: first.id }),
    message: `No cheat sheet for ${tech}, which phase ${list(phases.map((phase) => phase.id as string))} uses: ${why}`,
    hint: 'Install what the lockfile says (npm ci, pip install -r requirements.txt) and start again.',
    why: 'Agents write against the version they remember, not the one that this project has.',
  }
}
