import type { ProjectFiles, SheetCache } from '../ports.ts'
import { sanitize } from '../text/sanitize.ts'
import { type Inspect, type Material, suspicion } from './inspect.ts'
import type { Used } from './detect.ts'
import { readInstalled } from './installed.ts'
import { lookUp, type Online } from './online.ts'
import { sheetHeader, writeSheet } from './sheet.ts'

/** Where a sheet comes from: the project's own, the installed package, a page, or an agent that wrote it. */
export type SheetSource = 'cached' | 'package' | 'online' | 'agent'

/** A sheet that was found, without the phases that it is for. */
export interface FoundSheet {
  tech: string
  version?: string
  /** Where it lies, or would: from the root. */
  path: string
  text: string
  ageDays: number
  source: SheetSource
}

/** `material` is what an agent could write one from, `aimed` what was not used since it speaks to agents. */
export type Finding = { material: Material[]; aimed: string[] } & (
  | { sheet: FoundSheet }
  | {
      why: string
      /** A lockfile pins it, and it is not installed so. */
      broken: boolean
      /** What was answered to who looked it up. */
      asked?: string
    }
)

export interface FindOptions {
  /** Left out where the network is not asked. */
  online?: Online
  cache?: SheetCache
  /** An agent writes sheets: those that are missing, or all that the project has not written itself. Left out: none. */
  agent?: 'missing' | 'always'
  /** What is suspicious in text from outside. */
  inspect?: Inspect
}

/** A cheat sheet younger than this is used as it is (reference pipeline). */
const FRESH_DAYS = 7
const DAY_MS = 86_400_000
/** A sheet that somebody wrote may be longer than ours. */
const MAX_CACHED = 16_000

/** The first sheet that there is for a technology, from what is the project's own to what strangers answer. */
export async function findSheet(
  used: Used,
  files: ProjectFiles,
  now: number,
  { online, cache, agent, inspect }: FindOptions,
): Promise<Finding> {
  const { tech, pinned, common } = used
  const path = `.claude/docs/${tech}/cheat-sheet.md`
  const sheet = (
    source: SheetSource,
    text: string,
    ageDays: number,
    version = pinned?.version ?? '',
  ): FoundSheet => ({ tech, ...(version !== '' && { version }), path, text, ageDays, source })
  const own = aged(await files.read(path), now, await files.modified(path))
  const isOther =
    own?.version !== undefined && (pinned?.version ?? '') !== '' && own.version !== pinned?.version
  const none = { material: [], aimed: [] }
  if (own !== undefined && own.ageDays < FRESH_DAYS && !isOther)
    return { sheet: sheet('cached', own.text, own.ageDays, own.version), ...none }
  const stale =
    own === undefined
      ? ''
      : isOther
        ? `; its cheat sheet is for ${own.version}`
        : `; its cheat sheet is ${own.ageDays} days old`
  // A language's compiler says nothing about the language.
  if (common) return { why: 'agents know it', broken: false, ...none }

  // A version is a key of its own: another one is looked up anew.
  const version = pinned?.version ?? ''
  const kept = aged(await cache?.read(tech, version), now)
  const known = (one: NonNullable<typeof kept>): FoundSheet =>
    sheet(one.by === undefined ? 'online' : 'agent', one.text, one.ageDays)
  const isFresh = kept !== undefined && kept.ageDays < FRESH_DAYS
  // Written by an agent from all that follows here, and paid for.
  if (agent === 'always' && isFresh && kept.by !== undefined) return { sheet: known(kept), ...none }

  const installed = pinned === undefined ? undefined : await readInstalled(pinned, files)
  const aimed: string[] = []
  const material = (installed?.material ?? []).filter(({ from, text }) => {
    const found = suspicion(from, text, inspect, { spoken: true })
    if (found !== undefined) aimed.push(found)
    return found === undefined
  })
  if (installed?.ok === true) {
    const text = writeSheet(installed.facts, now)
    const found = suspicion(installed.facts.sources[0] ?? tech, text, inspect)
    if (found === undefined)
      return { sheet: sheet('package', text, 0, installed.facts.version), material, aimed }
    if (aimed.length === 0) aimed.push(found)
  }
  const why = `${aimed[0] ?? (installed?.ok === false ? installed.why : 'no lockfile pins a package for it')}${stale}`
  const broken = installed?.ok === false && /installed$/.test(installed.why)

  if (isFresh) return { sheet: known(kept), material, aimed }
  const looked = online === undefined ? undefined : await lookUp(used, online, inspect)
  material.push(...(looked?.pages ?? []))
  aimed.push(...(looked?.aimed ?? []))
  if (looked?.ok === true) {
    const text = writeSheet(looked.facts, now)
    // What an agent is to write from it is what will be kept.
    if (agent !== 'always') await cache?.write(tech, version, text)
    return { sheet: sheet('online', text, 0), material, aimed }
  }
  // Old and of this version is better than nothing.
  if (kept !== undefined) return { sheet: known(kept), material, aimed }
  if (looked === undefined) return { why, broken, material, aimed }
  return { why: `${why}; ${looked.why}`, broken, asked: looked.why, material, aimed }
}

/** Its age goes by the date it states, since a fresh clone makes every file look new; else by the file's time. */
function aged(raw: string | undefined, now: number, modified = 0) {
  if (raw === undefined || raw.trim() === '') return undefined
  const text = sanitize(raw)
  const { madeAt, version, by } = sheetHeader(text)
  const ageDays = Math.max(0, Math.floor((now - (madeAt ?? modified)) / DAY_MS))
  return { text: text.slice(0, MAX_CACHED), version, ageDays, by }
}
