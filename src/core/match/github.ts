import picomatch from 'picomatch'
import * as z from 'zod'

import type { Web } from '../ports.ts'
import { type Offered, type OpenRemote, stock } from './catalogue.ts'
import type { Shelf } from './shelf.ts'

const tree = z.object({
  sha: z.string().regex(/^[0-9a-f]{40,64}$/),
  tree: z.array(z.object({ path: z.string(), type: z.string(), size: z.number().optional() })),
})
const found = z.object({ items: z.array(z.object({ full_name: z.string().regex(/^[\w.-]+\/[\w.-]+$/) })) })

/** Of one repository; a catalogue that needs more is read in parts by nobody's patience. */
const MAX_READS = 150
const MAX_FILE = 200_000
const MAX_FOUND = 3
const RAW = { accept: 'application/vnd.github.raw+json' }

/** Opens repositories of GitHub by its API: the tree once, then the files that are asked for, all at the same commit. */
export function githubRepositories(web: Web, api: string): OpenRemote {
  const opened = new Map<string, Promise<Shelf | string>>()
  return (repository) => {
    const known = opened.get(repository) ?? open(repository)
    opened.set(repository, known)
    return known
  }

  async function open(repository: string): Promise<Shelf | string> {
    const [name = '', ref = 'HEAD'] = repository.split('@')
    if (!/^[\w.-]+\/[\w.-]+$/.test(name)) return 'it is no owner/repository'
    const at = `${api}/repos/${name}`
    const listed = await web.get(`${at}/git/trees/${encodeURIComponent(ref)}?recursive=1`)
    if (!listed.ok) return listed.why
    const parsed = tree.safeParse(jsonOf(listed.text))
    if (!parsed.success) return 'GitHub answered with something else than its files'
    const files = new Set(
      parsed.data.tree
        .filter(({ type, size = 0 }) => type === 'blob' && size <= MAX_FILE)
        .map(({ path }) => path),
    )
    let reads = 0
    return {
      async read(path) {
        if (!files.has(path) || ++reads > MAX_READS) return undefined
        const url = `${at}/contents/${path.split('/').map(encodeURIComponent).join('/')}?ref=${parsed.data.sha}`
        const got = await web.get(url, RAW)
        return got.ok ? got.text : undefined
      },
      glob(pattern) {
        const matches = picomatch(pattern, { dot: true })
        return Promise.resolve([...files].filter((path) => matches(path)).sort())
      },
    }
  }
}

/**
 * Looks for catalogues on GitHub by the names of technologies: public words, never what a plan says. What it finds is offered
 * like any catalogue.
 */
export async function searchGithub(
  technologies: readonly string[],
  web: Web,
  api: string,
  remote: OpenRemote,
): Promise<Offered> {
  const none: Offered = { definitions: [], diagnostics: [] }
  if (technologies.length === 0) return none
  const query = `${technologies.slice(0, 3).join(' ')} topic:claude-code-plugins`
  const answer = await web.get(
    `${api}/search/repositories?q=${encodeURIComponent(query)}&per_page=${MAX_FOUND}`,
  )
  if (!answer.ok)
    return {
      definitions: [],
      diagnostics: [
        {
          ...{ rule: 'catalogue-search', severity: 'info', file: '', line: 1 },
          message: `GitHub was searched for skills in vain: ${answer.why}`,
          hint: 'Name catalogues in `skills: { catalogues: … }`.',
          why: 'Phases that nothing fits get general-purpose.',
        },
      ],
    }
  const parsed = found.safeParse(jsonOf(answer.text))
  const names = parsed.success ? parsed.data.items.slice(0, MAX_FOUND).map((one) => one.full_name) : []
  const stocked = await Promise.all(names.map(async (name) => stock(name, await remote(name), remote)))
  // nobody chose these: what is wrong with them is nobody's concern here
  return {
    definitions: stocked.flatMap((one) =>
      one.definitions.map((def) => ({ ...def, origin: 'search' as const })),
    ),
    diagnostics: [],
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
