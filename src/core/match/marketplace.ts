import * as z from 'zod'

import type { Definition, Kind, Origin } from './definition.ts'
import { readDefinition } from './definition.ts'
import { inside, type Shelf, within } from './shelf.ts'

/** Where a catalogue lists its plugins; the format of Claude Code's marketplaces. */
export const MARKETPLACE_FILE = '.claude-plugin/marketplace.json'
const PLUGIN_FILE = '.claude-plugin/plugin.json'

const MAX_PLUGINS = 1_000
/** Of one plugin. */
const MAX_DEFINITIONS = 100

const paths = z
  .union([z.string(), z.array(z.string()).max(500)])
  .transform((one) => (typeof one === 'string' ? [one] : one))
  .catch([])
const words = z.array(z.string().max(100)).max(100).catch([])
const manifest = z.object({
  name: z.string().max(100).catch(''),
  description: z.string().max(4_000).catch(''),
  keywords: words,
  skills: paths,
  agents: paths,
})
const entry = manifest.extend({
  name: z.string().trim().min(1).max(100),
  tags: words,
  category: z.string().max(100).catch(''),
  /** A path from the catalogue, or where else it lies. */
  source: z.union([
    z.string().max(1_000),
    z.object({ source: z.string(), repo: z.string().optional(), ref: z.string().optional() }),
  ]),
})
export type PluginEntry = z.infer<typeof entry>

const marketplace = z.object({
  name: z.string().trim().min(1).max(100).optional(),
  metadata: z
    .object({ pluginRoot: z.string().max(500).optional() })
    .catch({})
    .optional(),
  plugins: z.array(z.unknown()).max(MAX_PLUGINS),
})

export interface Marketplace {
  name: string | undefined
  plugins: PluginEntry[]
  /** Entries that are no plugin, with what is wrong. */
  problems: string[]
}

/** What a marketplace lists, or what is wrong with the file. One entry that is wrong leaves the others. */
export function readMarketplace(text: string): Marketplace | string {
  const json = jsonOf(text)
  if (json === undefined) return 'it is not JSON'
  const parsed = marketplace.safeParse(json)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return `${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'not what a marketplace has'}`
  }
  const { name, metadata, plugins: listed } = parsed.data
  const plugins: PluginEntry[] = []
  const problems: string[] = []
  for (const [at, one] of listed.entries()) {
    const read = entry.safeParse(one)
    if (!read.success) {
      const [issue] = read.error.issues
      problems.push(`plugins.${[at, ...(issue?.path ?? [])].join('.')}: ${issue?.message ?? 'no plugin'}`)
      continue
    }
    const { source } = read.data
    // `pluginRoot` stands before sources that name a bare directory
    const rooted =
      typeof source === 'string' && metadata?.pluginRoot !== undefined && !/^\.{0,2}\//.test(source)
        ? `${metadata.pluginRoot}/${source}`
        : source
    plugins.push({ ...read.data, source: rooted })
  }
  return { name, plugins, problems }
}

/** Skills and agents of a plugin that lies on a shelf: those in its directories, and those that its manifest or entry names. */
export async function pluginDefinitions(
  shelf: Shelf,
  plugin: Pick<PluginEntry, 'name'> & Partial<PluginEntry>,
  of: { origin: Origin; from: string },
): Promise<{ definitions: Definition[]; problems: string[] }> {
  const own = manifest.safeParse(jsonOf((await shelf.read(PLUGIN_FILE)) ?? '{}'))
  const stated = (kind: 'skills' | 'agents'): string[] => [
    ...(plugin[kind] ?? []),
    ...(own.success ? own.data[kind] : []),
  ]
  const listed: [Kind, string[]][] = [
    ['skill', ['SKILL.md', 'skills/*/SKILL.md', ...stated('skills').flatMap(skillPatterns)]],
    ['agent', ['agents/*.md', ...stated('agents').flatMap(agentPatterns)]],
  ]
  const keywords = [
    ...(plugin.keywords ?? []),
    ...(plugin.tags ?? []),
    plugin.category ?? '',
    plugin.description ?? '',
  ].join(' ')
  const definitions: Definition[] = []
  const problems: string[] = []
  for (const [kind, patterns] of listed) {
    const found = new Set((await Promise.all(patterns.map((pattern) => shelf.glob(pattern)))).flat())
    const read = await Promise.all(
      [...found].slice(0, MAX_DEFINITIONS).map(async (path) => ({ path, text: await shelf.read(path) })),
    )
    for (const { path, text } of read) {
      if (text === undefined) continue
      // a plugin that is one skill has it at its root
      const named = path === 'SKILL.md' ? `${plugin.name}/SKILL.md` : path
      const one = readDefinition(text, { kind, path: named, keywords, ...of })
      if (typeof one === 'string') problems.push(`${path}: ${one}`)
      else definitions.push(one)
    }
  }
  return { definitions, problems }
}

/** A skill is a directory with SKILL.md; what is named may be one, or hold several. */
function skillPatterns(path: string): string[] {
  const at = inside(path)
  if (at === undefined) return []
  const plain = at.replace(/\/?SKILL\.md$/, '')
  return plain === '' ? ['SKILL.md', '*/SKILL.md'] : [`${plain}/SKILL.md`, `${plain}/*/SKILL.md`]
}

function agentPatterns(path: string): string[] {
  const at = inside(path)
  if (at === undefined || at === '') return []
  return at.endsWith('.md') ? [at] : [`${at}/*.md`]
}

/** The shelf of a plugin that lies in its catalogue; undefined where it lies elsewhere. */
export function localPlugin(shelf: Shelf, { source }: PluginEntry): Shelf | undefined {
  return typeof source === 'string' && inside(source) !== undefined ? within(shelf, source) : undefined
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''))
  } catch {
    return undefined
  }
}
