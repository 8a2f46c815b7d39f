/** Plan files of GSD: `phases/01-name/01-02-PLAN.md`, with what they modify and wait for in their front matter. */
import * as z from 'zod'
import { parseBlocks } from '../../text/blocks.ts'
import { frontMatter } from '../front-matter.ts'
import { phaseNumber, planKey, type Roadmap, type RoadmapPhase } from './gsd-roadmap.ts'

export interface PlanFile {
  path: string
  /** "01-02". */
  name: string
  summary: { path: string; there: boolean }
  wave: number | undefined
  dependsOn: string[] | undefined
  files: string[]
  objective: string
  /** Ids of requirements, as its front matter names them. */
  requirements: string[]
  /** As written: the front matter says what must be true in the end. */
  text: string
}

const FILE = /^phases\/([^/]+)\/((?:[^/]*-)?PLAN\.md)$/u

/** The number in "02.1-name" or "phase-3". */
const folderNumber = (folder: string): string | undefined => {
  const written = /^(?:phase-)?0*(\d+(?:\.\d+)*[a-z]?)(?=$|[-_ ])/iu.exec(folder)?.[1]
  return written === undefined ? undefined : phaseNumber(written)
}

export const isPlanFile = (path: string): boolean => FILE.test(path)
export const isSummary = (path: string): boolean => /^phases\/[^/]+\/(?:[^/]*-)?SUMMARY\.md$/u.test(path)
export const summaryOf = (path: string): string => path.replace(/PLAN\.md$/u, 'SUMMARY.md')

/** What else stands in the folder of a phase: research, decisions. */
export function notesOf(paths: readonly string[], id: string): string[] {
  return paths.filter((path) => {
    const [, folder, name = ''] = /^phases\/([^/]+)\/([^/]+)$/u.exec(path) ?? []
    return folder !== undefined && folderNumber(folder) === id && isNote(name)
  })
}

export const isNote = (name: string): boolean => /(?:^|-)(?:CONTEXT|RESEARCH|UI-SPEC|SPEC)\.md$/u.test(name)

/** The plans of a phase, in order. */
function plansOf(
  paths: readonly string[],
  names: ReadonlySet<string>,
  text: (path: string) => string | undefined,
  id: string,
): PlanFile[] {
  const found = paths.flatMap((path) => {
    const [, folder, file = ''] = FILE.exec(path) ?? []
    if (folder === undefined || folderNumber(folder) !== id) return []
    return [planFile(path, file.replace(/-?PLAN\.md$/u, ''), names, text(path) ?? '')]
  })
  return found.sort((a, b) => (a.name < b.name ? -1 : 1))
}

const Head = z.object({
  wave: z.coerce.number().optional().catch(undefined),
  depends_on: z.unknown().optional(),
  files_modified: z.unknown().optional(),
  requirements: z.unknown().optional(),
})

function planFile(path: string, written: string, names: ReadonlySet<string>, source: string): PlanFile {
  const head = frontMatter(parseBlocks(front(source)))
  const { wave, depends_on, files_modified, requirements } = Head.parse(head?.values ?? {})
  const summary = summaryOf(path)
  const objective = /<objective>\s*([\s\S]*?)(?:\n\s*\n|<\/objective>)/u.exec(source)?.[1]
  return {
    path,
    name: /^\d+(?:\.\d+)*[a-z]?-\d+/iu.exec(written)?.[0] ?? written,
    summary: { path: summary, there: names.has(summary) },
    wave,
    dependsOn: depends_on === undefined ? undefined : listOf(depends_on).map(planKey),
    files: listOf(files_modified).flatMap((file) => pathOf(file) ?? []),
    objective: (objective ?? '').replace(/\s+/gu, ' ').trim(),
    requirements: listOf(requirements),
    text: source.replace(/^\uFEFF/u, '').trim(),
  }
}

/** Only the front matter, since the whole file need not be parsed for it. */
const front = (source: string): string =>
  /^\uFEFF?---[ \t]*\r?\n[\s\S]*?\n---[ \t]*(?:\r?\n|$)/u.exec(source)?.[0] ?? ''

const listOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : [])
    .filter((one) => typeof one === 'string' || typeof one === 'number')
    .map((one) => String(one).trim())
    .filter((one) => one !== '')

const pathOf = (written: string): string | undefined => {
  const path = written
    .replace(/^\.\//u, '')
    .replace(/\s+[(—–#].*$/u, '')
    .replaceAll('`', '')
  return path === '' || /^(?:none|n\/a|tbd)$/iu.test(path) ? undefined : path
}

/** Folders on disk are of the milestone that is open: of phases that share a number the last. */
export function plansOnDisk(
  phase: RoadmapPhase,
  { phases }: Roadmap,
  files: { paths: readonly string[]; text: (path: string) => string | undefined },
): PlanFile[] {
  const number = phase.id.split('#')[0] ?? ''
  const last = phases.findLast(({ id }) => id.split('#')[0] === number)
  return last === phase ? plansOf(files.paths, new Set(files.paths), (path) => files.text(path), number) : []
}
