import { parse } from 'yaml'
import * as z from 'zod'

import type { Diagnostic } from '../model/diagnostic.ts'
import type { ProjectFiles } from '../ports.ts'
import { sanitize } from '../text/sanitize.ts'
import { significantWords } from '../text/words.ts'

/** A skill or agent definition that was found, with its words for matching. */
export interface Installed {
  name: string
  description: string
  source: 'project' | 'home'
  text: string
  nameWords: ReadonlySet<string>
  words: ReadonlySet<string>
}

export interface InstalledSet {
  skills: Map<string, Installed>
  agents: Map<string, Installed>
  diagnostics: Diagnostic[]
}

const SKILLS = '.claude/skills/*/SKILL.md'
const AGENTS = '.claude/agents/*.md'
/** Read from one directory; more is a mistake or a catalogue. */
const MAX_FILES = 500

const frontMatter = z.object({
  name: z.string().trim().min(1).max(64).optional(),
  description: z.string().trim().min(1).max(4_000),
})

/** Definitions of the project and of the user's home; the project's win over those of the same name. */
export async function findInstalled(
  files: ProjectFiles,
  shown: (path: string) => string,
): Promise<InstalledSet> {
  const diagnostics: Diagnostic[] = []
  const read = async (pattern: string, kind: 'skill' | 'agent'): Promise<Map<string, Installed>> => {
    const found = new Map<string, Installed>()
    for (const source of ['project', 'home'] as const) {
      const paths = await (source === 'project' ? files.glob(pattern) : files.globHome(pattern))
      const texts = await Promise.all(
        paths.slice(0, MAX_FILES).map(async (path) => ({
          path,
          text: await (source === 'project' ? files.read(path) : files.readHome(path)),
        })),
      )
      for (const { path, text } of texts) {
        if (text === undefined) continue
        const result = definition(text, path, source)
        if (typeof result === 'string') {
          const file = source === 'project' ? shown(path) : `~/${path}`
          diagnostics.push(malformed(kind, file, result, source))
        } else if (!found.has(result.name)) found.set(result.name, result)
      }
    }
    return found
  }
  return { skills: await read(SKILLS, 'skill'), agents: await read(AGENTS, 'agent'), diagnostics }
}

/** The definition, or what is wrong with the file. A missing name is the directory's or the file's. */
function definition(text: string, path: string, source: Installed['source']): Installed | string {
  const match = /^\ufeff?---[ \t]*\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/.exec(text)
  if (match === null) return 'it does not start with front matter (`---`)'
  const parsed = frontMatter.safeParse(yamlOf(match[1] ?? ''))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const field = issue?.path.join('.') ?? ''
    return field === ''
      ? 'its front matter is not YAML with keys and values'
      : `its ${field} is missing or no text`
  }
  const segments = path.split('/')
  const file = segments.at(-1) ?? path
  const byPath = file === 'SKILL.md' ? (segments.at(-2) ?? file) : file.replace(/\.md$/, '')
  const name = sanitize(parsed.data.name ?? byPath)
  const description = sanitize(parsed.data.description)
  return {
    name,
    description,
    source,
    text: sanitize(text.slice(match[0].length)).trim(),
    nameWords: significantWords(name.replaceAll(/[-_:]/g, ' ')),
    words: significantWords(description),
  }
}

function yamlOf(text: string): unknown {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

const malformed = (kind: string, file: string, what: string, source: Installed['source']): Diagnostic => ({
  rule: `malformed-${kind}`,
  severity: source === 'project' ? 'warning' : 'info',
  file,
  line: 1,
  message: `This ${kind} is not used: ${what}`,
  hint: 'Start the file with front matter that has `name` and `description`.',
  why: `A ${kind} is matched to phases by its name and description.`,
})
