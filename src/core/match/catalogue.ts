import type { Diagnostic } from '../model/diagnostic.ts'
import { CONFIG_FILE } from '../model/forge-names.ts'
import type { ProjectFiles } from '../ports.ts'
import { count, list } from '../text/display.ts'
import type { Definition } from './definition.ts'
import { localPlugin, MARKETPLACE_FILE, pluginDefinitions, readMarketplace } from './marketplace.ts'
import { homeShelf, projectShelf, type Shelf, within } from './shelf.ts'

/** What catalogues offer. Nothing of it is used before somebody consents. */
export interface Offered {
  definitions: Definition[]
  diagnostics: Diagnostic[]
}

/** Catalogues that the user's own Claude Code knows. */
const KNOWN = '.claude/plugins/marketplaces'

/** Opens a repository elsewhere; a text says why it cannot be read. */
export type OpenRemote = (repository: string) => Promise<Shelf | string>

/**
 * Everything that the catalogues offer: the configured ones (`./directory`, `~/directory`, `owner/repository[@ref]`) and those that
 * the user's Claude Code knows. `remote` is left out where nobody may be asked: then that is said once, for all of them.
 */
export async function readCatalogues(
  configured: readonly string[],
  files: ProjectFiles,
  remote?: OpenRemote,
): Promise<Offered> {
  const known = (await files.globHome(`${KNOWN}/*/${MARKETPLACE_FILE}`)).map((path) => {
    const directory = path.slice(0, -MARKETPLACE_FILE.length - 1)
    return { name: `~/${directory}`, shelf: within(homeShelf(files), directory) }
  })
  const unasked: string[] = []
  const opened = await Promise.all(
    configured.map(async (name): Promise<{ name: string; shelf: Shelf | string } | undefined> => {
      if (name === '.' || name.startsWith('./')) return { name, shelf: within(projectShelf(files), name) }
      if (name.startsWith('~/')) return { name, shelf: within(homeShelf(files), name.slice(2)) }
      if (remote !== undefined) return { name, shelf: await remote(name) }
      unasked.push(name)
      return undefined
    }),
  )
  const stocked = await Promise.all(
    [...opened, ...known].flatMap((one) => (one === undefined ? [] : [stock(one.name, one.shelf, remote)])),
  )
  const diagnostics = stocked.flatMap((one) => one.diagnostics)
  if (unasked.length > 0) diagnostics.push(offline(unasked))
  return { definitions: stocked.flatMap(({ definitions }) => definitions), diagnostics }
}

/** What one catalogue has. */
export async function stock(name: string, shelf: Shelf | string, remote?: OpenRemote): Promise<Offered> {
  if (typeof shelf === 'string') return { definitions: [], diagnostics: [unusable(name, shelf)] }
  const text = await shelf.read(MARKETPLACE_FILE)
  if (text === undefined)
    return { definitions: [], diagnostics: [unusable(name, `it has no ${MARKETPLACE_FILE}`)] }
  const read = readMarketplace(text)
  if (typeof read === 'string')
    return { definitions: [], diagnostics: [unusable(name, `${MARKETPLACE_FILE}: ${read}`)] }
  const problems = [...read.problems]
  const all = await Promise.all(
    read.plugins.map(async (plugin) => {
      const at = localPlugin(shelf, plugin) ?? (await elsewhere(plugin.source, remote))
      // what lies where nobody may ask is no mistake of the catalogue
      if (at === undefined) return []
      if (typeof at === 'string') {
        problems.push(`${plugin.name}: ${at}`)
        return []
      }
      const of = { origin: 'catalogue', from: `${plugin.name} of ${name}` } as const
      const found = await pluginDefinitions(at, plugin, of)
      problems.push(...found.problems.map((problem) => `${plugin.name}: ${problem}`))
      return found.definitions
    }),
  )
  return {
    definitions: all.flat(),
    diagnostics: problems.length === 0 ? [] : [partly(name, problems)],
  }
}

async function elsewhere(
  source: Parameters<typeof localPlugin>[1]['source'],
  remote: OpenRemote | undefined,
): Promise<Shelf | string | undefined> {
  if (typeof source === 'string') return 'its source leads out of the catalogue'
  if (source.source !== 'github' || source.repo === undefined || remote === undefined) return undefined
  return await remote(source.ref === undefined ? source.repo : `${source.repo}@${source.ref}`)
}

const about = { file: CONFIG_FILE, line: 1, why: 'What it offers is not found for any phase.' } as const

const unusable = (name: string, what: string): Diagnostic => ({
  ...about,
  rule: 'catalogue-unusable',
  severity: 'warning',
  message: `The catalogue ${name} is not used: ${what}`,
  hint: `A catalogue is a directory or repository with ${MARKETPLACE_FILE}.`,
})

const partly = (name: string, problems: string[]): Diagnostic => ({
  ...about,
  rule: 'catalogue-entry',
  severity: 'info',
  message: `${count(problems.length, 'entry', 'entries')} of the catalogue ${name} cannot be used: ${list(problems, 3)}`,
  hint: 'Tell whoever keeps the catalogue.',
})

const offline = (names: string[]): Diagnostic => ({
  ...about,
  rule: 'catalogue-not-asked',
  severity: 'info',
  message: `Not asked, since that needs the network: ${count(names.length, 'catalogue')} (${list(names)})`,
  hint: 'Add --online, or `online: true` in the configuration.',
})
