import type { Phase } from '../model/plan.ts'
import { searchable } from '../text/words.ts'
import type { Pinned, PinnedSet } from './pinned.ts'
import { pinnedKey } from './pinned.ts'
import { ECOSYSTEMS, TECHNOLOGIES } from './technologies.ts'

/** A technology that a phase uses. */
export interface Used {
  tech: string
  /** Its package where a lockfile pins one. */
  pinned: Pinned | undefined
  common: boolean
}

/** More sheets than this would crowd a prompt; those the title names come first. */
const MAX_PER_PHASE = 8

const NONE: ReadonlySet<string> = new Set()

/**
 * The technologies of a phase: by its files' endings, by well-known names, by the names of what the project depends on, and by what
 * those of its files import that are there already.
 */
export function technologiesOf(phase: Phase, pinned: PinnedSet, imported = NONE): Used[] {
  const text = [
    phase.title,
    phase.text,
    ...phase.tasks.map((task) => task.title),
    ...phase.specs.map((spec) => spec.text),
  ].join('\n')
  const body = searchable(text)
  const title = searchable(phase.title)
  const found = new Map<string, Used & { weight: number }>()
  const add = (used: Used, weight: number) => {
    const known = found.get(used.tech)
    if (known === undefined || known.weight < weight) found.set(used.tech, { ...used, weight })
  }
  const covered = new Set<string>()
  for (const { tech, words, ambiguous, endings, packages, common } of TECHNOLOGIES) {
    const own = pinnedOf(packages, pinned)
    for (const name of Object.values(packages)) covered.add(name)
    const names = own === undefined ? words : [...words, ...ambiguous, tech]
    const said =
      names.some((word) => body.has(word)) || Object.values(packages).some((name) => imported.has(name))
    const files = phase.files.filter((file) => endings.some((ending) => endsIn(file, ending))).length
    if (!said && files === 0) continue
    const inTitle = names.some((word) => title.has(word))
    add({ tech, pinned: own, common }, (inTitle ? 4 : 0) + (said ? 2 : 0) + (files > 0 ? 1 : 0))
  }
  for (const own of pinned.values()) {
    if (covered.has(own.name) || !(isImported(own, imported) || mentions(text, body, own))) continue
    add({ tech: sheetName(own.name), pinned: own, common: false }, 2)
  }
  return [...found.values()]
    .sort((a, b) => Number(a.common) - Number(b.common) || b.weight - a.weight)
    .slice(0, MAX_PER_PHASE)
    .map(({ tech, pinned: own, common }) => ({ tech, pinned: own, common }))
}

function pinnedOf(packages: Partial<Record<string, string>>, pinned: PinnedSet): Pinned | undefined {
  for (const ecosystem of ECOSYSTEMS) {
    const name = packages[ecosystem]
    const own = name === undefined ? undefined : pinned.get(pinnedKey(ecosystem, name))
    if (own !== undefined) return own
  }
  return undefined
}

/** By its name, which code of Python and Rust writes with underscores, and of Java by its group. */
function isImported({ ecosystem, name }: Pinned, imported: ReadonlySet<string>): boolean {
  if (ecosystem === 'pypi') return imported.has(name.toLowerCase().replaceAll(/[-.]/g, '_'))
  if (ecosystem === 'cargo') return imported.has(name.replaceAll('-', '_'))
  if (ecosystem !== 'maven') return imported.has(name)
  const group = name.split(':')[0] ?? ''
  return [...imported].some((one) => one === group || one.startsWith(`${group}.`))
}

/** `@scope/name` as a directory name. */
export const sheetName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/^@/, '')
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[.-]+/, '')

/** Names with a mark in them are found as words; plain ones (`got`, `open`) only as code, since they are English too. */
function mentions(text: string, body: { has(word: string): boolean }, { ecosystem, name }: Pinned): boolean {
  if (ecosystem === 'go' || ecosystem === 'maven') return text.includes(name)
  if (!body.has(name)) return false
  const exact = escape(name)
  if (/[/@]|\w-\w|_/.test(name)) return new RegExp(`(?<![\\w@/-])${exact}(?![\\w-])`, 'i').test(text)
  return new RegExp(`[\`'"]${exact}(?:@[^\`'"\\s]*)?[\`'"]|\\b${exact}@\\d`).test(text)
}

const escape = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&')

function endsIn(file: string, ending: string): boolean {
  return ending.startsWith('.') ? file.endsWith(ending) : file === ending || file.endsWith(`/${ending}`)
}
