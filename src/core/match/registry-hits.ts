import type { Phase } from '../model/plan.ts'
import { list } from '../text/display.ts'
import { searchable } from '../text/words.ts'
import type { Kind, RegistryEntry } from './registry.ts'
import type { ProjectRegistry } from './registry-file.ts'

/** An entry of the registry that a phase shows. */
export interface Hit {
  entry: RegistryEntry
  score: number
  why: string
}

/** The registry's kinds in their order. */
const SCORES: Readonly<Record<Kind, number>> = { extension: 8, domain: 6, language: 4, generic: 2 }

/** What the registry says of a phase, best first. */
export const registryHits = (phase: Phase, text: string, registry: ProjectRegistry): Hit[] =>
  [...hitsOf(phase, text, registry.own.entries, 1), ...hitsOf(phase, text, registry.base.entries, 0)].sort(
    (a, b) => b.score - a.score,
  )

/** `bonus` puts the project's own entries before ours of the same kind. */
function hitsOf(phase: Phase, text: string, entries: readonly RegistryEntry[], bonus: number): Hit[] {
  const title = searchable(phase.title)
  const body = searchable(text)
  return entries.flatMap((entry) => {
    const base = SCORES[entry.by] + bonus
    if (entry.by === 'extension') {
      const files = phase.files.filter((file) => entry.match.some((ending) => endsIn(file, ending)))
      if (files.length === 0) return []
      return {
        entry,
        score: base + share(files.length, phase.files.filter((file) => !/\.mdx?$/i.test(file)).length),
        why: `its files are ${list(endings(files), 4)}`,
      }
    }
    const matched = entry.match.filter((keyword) => body.has(keyword))
    const inTitle = matched.filter((keyword) => title.has(keyword))
    // One word in passing does not make what a phase is about; a language is told by one.
    if (matched.length === 0 || (entry.by !== 'language' && inTitle.length === 0 && matched.length < 2))
      return []
    const weight = matched.length + 2 * inTitle.length
    return { entry, score: base + share(weight, weight + 3), why: `it speaks of ${list(matched, 3)}` }
  })
}

/** Below one, so that kinds keep their order. */
const share = (part: number, whole: number): number => (0.9 * part) / Math.max(1, whole)

function endsIn(file: string, ending: string): boolean {
  const [path, wanted] = [file.toLowerCase(), ending.toLowerCase()]
  return wanted.startsWith('.') ? path.endsWith(wanted) : path === wanted || path.endsWith(`/${wanted}`)
}

const endings = (files: string[]): string[] => [
  ...new Set(files.map((file) => /\.[^./]+$/.exec(file)?.[0] ?? file.split('/').at(-1) ?? file)),
]
