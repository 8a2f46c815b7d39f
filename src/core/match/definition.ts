import { parse } from 'yaml'
import * as z from 'zod'

import { sanitize } from '../text/sanitize.ts'
import { significantWords } from '../text/words.ts'

export type Kind = 'skill' | 'agent'
/** Where a definition lies: what is installed first, then what is offered and needs consent. */
export type Origin = 'project' | 'home' | 'plugin' | 'catalogue' | 'search'

/** A skill or agent as somebody wrote it, with its words for matching. */
export interface Definition {
  kind: Kind
  name: string
  description: string
  origin: Origin
  /** Where a person finds it: a path, or the catalogue and what it calls the plugin. */
  from: string
  /** What an agent reads: without front matter and without anything that a reader would not see. */
  text: string
  /** The file as it stands, for the rules about hidden text. */
  raw: string
  /** What a catalogue says besides. */
  keywords: string
  nameWords: ReadonlySet<string>
  words: ReadonlySet<string>
}

/** More is a book, and would be cut in every prompt. */
const MAX_TEXT = 64_000

const frontMatter = z.object({
  name: z.string().trim().min(1).max(64).optional(),
  description: z.string().trim().min(1).max(4_000),
})

/** The definition in a file with front matter, or what is wrong with it. A missing name is the directory's or the file's. */
export function readDefinition(
  raw: string,
  at: { kind: Kind; path: string; origin: Origin; from: string; keywords?: string },
): Definition | string {
  const match = /^\ufeff?---[ \t]*\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/.exec(raw)
  if (match === null) return 'it does not start with front matter (`---`)'
  const parsed = frontMatter.safeParse(yamlOf(match[1] ?? ''))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const field = issue?.path.join('.') ?? ''
    return field === ''
      ? 'its front matter is not YAML with keys and values'
      : `its ${field} is missing or no text`
  }
  const segments = at.path.split('/')
  const file = segments.at(-1) ?? at.path
  const byPath = file === 'SKILL.md' ? (segments.at(-2) ?? file) : file.replace(/\.md$/, '')
  const { kind, origin, from, keywords = '' } = at
  return defined({
    ...{ kind, origin, from, keywords, raw: raw.slice(0, MAX_TEXT) },
    name: sanitize(parsed.data.name ?? byPath)
      .replaceAll(/\s+/g, ' ')
      .trim(),
    description: sanitize(parsed.data.description),
    text: sanitize(raw.slice(match[0].length)).trim().slice(0, MAX_TEXT),
  })
}

/** With the words that it is matched by. */
export const defined = (one: Omit<Definition, 'nameWords' | 'words'>): Definition => ({
  ...one,
  nameWords: significantWords(one.name.replaceAll(/[-_:]/g, ' ')),
  words: significantWords(one.description),
})

function yamlOf(text: string): unknown {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}
