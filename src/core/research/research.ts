import type { Diagnostic } from '../model/diagnostic.ts'
import type { PhaseId } from '../model/ids.ts'
import type { Phase, Plan } from '../model/plan.ts'
import type { Clock, ProjectFiles } from '../ports.ts'
import { list } from '../text/display.ts'
import { sanitize } from '../text/sanitize.ts'
import { significantWords } from '../text/words.ts'
import type { Used } from './detect.ts'
import { technologiesOf } from './detect.ts'
import { readInstalled } from './installed.ts'
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
  source: 'cached' | 'package'
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

type Finding = { sheet: Omit<Sheet, 'phases'> } | { why: string; broken: boolean }

/**
 * Stage 4: cheat sheets for the technologies of each open phase, from what is here: sheets that are fresh, else packages
 * that are installed in the version that a lockfile pins. No network. What nothing is known of is listed. The checkout is
 * not written to: new sheets go to `cache`, where the caller gives one.
 */
export async function research(
  plan: Plan,
  assignments: readonly KnownSkills[],
  files: ProjectFiles,
  clock: Clock,
  cache?: (path: string, text: string) => Promise<void>,
): Promise<ResearchResult> {
  const pinned = await readPinned(files)
  const skills = new Map(assignments.map((one) => [one.phase, one.skills]))
  const uses = new Map<string, { used: Used; phases: Phase[] }>()
  for (const phase of plan.phases) {
    if (phase.status === 'completed' || phase.status === 'skipped') continue
    for (const used of technologiesOf(phase, pinned)) {
      if (isTaught(used.tech, skills.get(phase.id) ?? [])) continue
      const known = uses.get(used.tech)
      if (known === undefined) uses.set(used.tech, { used, phases: [phase] })
      else known.phases.push(phase)
    }
  }
  const result: ResearchResult = { sheets: [], unknown: [], diagnostics: [] }
  for (const { used, phases } of [...uses.values()].sort((a, b) => (a.used.tech < b.used.tech ? -1 : 1))) {
    const found = await find(used, files, clock.now())
    const ids = phases.map((phase) => phase.id)
    if ('sheet' in found) {
      result.sheets.push({ ...found.sheet, phases: ids })
      if (found.sheet.source === 'package') await cache?.(found.sheet.path, found.sheet.text)
    } else if (!used.common) {
      result.unknown.push({ tech: used.tech, phases: ids, why: found.why })
      if (found.broken) result.diagnostics.push(notInstalled(used.tech, phases, found.why))
    }
  }
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

async function find({ tech, pinned, common }: Used, files: ProjectFiles, now: number): Promise<Finding> {
  const path = `.claude/docs/${tech}/cheat-sheet.md`
  const cached = await readCached(path, files, now)
  const isOther = cached?.version !== undefined && pinned !== undefined && cached.version !== pinned.version
  if (cached !== undefined && cached.ageDays < FRESH_DAYS && !isOther) {
    const { text, ageDays } = cached
    const version = cached.version ?? pinned?.version
    return {
      sheet: { tech, ...(version !== undefined && { version }), path, text, ageDays, source: 'cached' },
    }
  }
  const stale =
    cached === undefined
      ? ''
      : isOther
        ? `; its cheat sheet is for ${cached.version}`
        : `; its cheat sheet is ${cached.ageDays} days old`
  if (pinned === undefined) return { why: `no lockfile pins a package for it${stale}`, broken: false }
  // A language's compiler says nothing about the language.
  if (common) return { why: 'agents know it', broken: false }
  const installed = await readInstalled(pinned, files)
  if (!installed.ok) return { why: `${installed.why}${stale}`, broken: /installed$/.test(installed.why) }
  const text = writeSheet(installed.facts, now)
  return { sheet: { tech, version: pinned.version, path, text, ageDays: 0, source: 'package' } }
}

/** Its age goes by the date it states, since a fresh clone makes every file look new; else by the file's time. */
async function readCached(path: string, files: ProjectFiles, now: number) {
  const raw = await files.read(path)
  if (raw === undefined || raw.trim() === '') return undefined
  const text = sanitize(raw)
  const { madeAt, version } = sheetHeader(text)
  const made = madeAt ?? (await files.modified(path)) ?? 0
  return { text: text.slice(0, MAX_CACHED), version, ageDays: Math.max(0, Math.floor((now - made) / DAY_MS)) }
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
