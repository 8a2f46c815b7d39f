import type { Diagnostic } from '../model/diagnostic.ts'
import type { ProjectFiles } from '../ports.ts'
import type { Definition, Kind } from './definition.ts'
import { readDefinition } from './definition.ts'
import { installedPlugins } from './plugins.ts'
import { homeShelf, projectShelf } from './shelf.ts'

/** What is at hand without asking anybody, by name. */
export interface InstalledSet {
  skills: Map<string, Definition>
  agents: Map<string, Definition>
  diagnostics: Diagnostic[]
}

const PATTERNS: Readonly<Record<Kind, string>> = {
  skill: '.claude/skills/*/SKILL.md',
  agent: '.claude/agents/*.md',
}
/** Read from one directory; more is a mistake or a catalogue. */
const MAX_FILES = 500

/** Definitions of the project, of the user's home and of the user's plugins; the first of a name wins. */
export async function findInstalled(
  files: ProjectFiles,
  shown: (path: string) => string,
): Promise<InstalledSet> {
  const set: InstalledSet = { skills: new Map(), agents: new Map(), diagnostics: [] }
  const put = (one: Definition): void => {
    const of = one.kind === 'skill' ? set.skills : set.agents
    if (!of.has(one.name)) of.set(one.name, one)
  }
  for (const kind of ['skill', 'agent'] as const) {
    for (const origin of ['project', 'home'] as const) {
      const shelf = origin === 'project' ? projectShelf(files) : homeShelf(files)
      const paths = await shelf.glob(PATTERNS[kind])
      const texts = await Promise.all(
        paths.slice(0, MAX_FILES).map(async (path) => ({ path, text: await shelf.read(path) })),
      )
      for (const { path, text } of texts) {
        if (text === undefined) continue
        const from = origin === 'project' ? path : `~/${path}`
        const one = readDefinition(text, { kind, path, origin, from })
        if (typeof one === 'string')
          set.diagnostics.push(malformed(kind, origin === 'project' ? shown(path) : from, one, origin))
        else put(one)
      }
    }
  }
  for (const one of await installedPlugins(files)) put(one)
  return set
}

const malformed = (kind: Kind, file: string, what: string, origin: 'project' | 'home'): Diagnostic => ({
  rule: `malformed-${kind}`,
  severity: origin === 'project' ? 'warning' : 'info',
  file,
  line: 1,
  message: `The ${kind} in ${file.replace(/^(?:\.\.\/)+/, '')} is not used: ${what}`,
  hint: 'Start the file with front matter that has `name` and `description`.',
  why: `A ${kind} is matched to phases by its name and description.`,
})
