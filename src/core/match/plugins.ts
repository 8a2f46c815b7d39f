import * as z from 'zod'

import type { ProjectFiles } from '../ports.ts'
import type { Definition } from './definition.ts'
import { pluginDefinitions } from './marketplace.ts'
import { homeShelf, within } from './shelf.ts'

/** Where Claude Code keeps what plugins a person has installed, and which of them are switched on. */
const HOME = '.claude/plugins'
const INSTALLED = `${HOME}/installed_plugins.json`
const SETTINGS = '.claude/settings.json'

const install = z.object({ installPath: z.string().max(1_000) })
const installed = z.object({
  plugins: z.record(z.string(), z.union([install.transform((one) => [one]), z.array(install)]).catch([])),
})
const settings = z.object({ enabledPlugins: z.record(z.string(), z.boolean()).catch({}) })

/** Skills and agents of the plugins that the user has installed and not switched off. */
export async function installedPlugins(files: ProjectFiles): Promise<Definition[]> {
  const list = await files.readHome(INSTALLED)
  if (list === undefined) return []
  const parsed = installed.safeParse(jsonOf(list))
  const switched = settings.safeParse(jsonOf((await files.readHome(SETTINGS)) ?? '{}'))
  const off = switched.success ? switched.data.enabledPlugins : {}
  const found = await Promise.all(
    Object.entries(parsed.success ? parsed.data.plugins : {}).map(async ([id, installs]) => {
      const at = installs
        .map(({ installPath }) => belowPlugins(installPath))
        .find((path) => path !== undefined)
      if (at === undefined || off[id] === false) return []
      const shelf = within(homeShelf(files), at)
      const name = id.split('@')[0] ?? id
      const { definitions } = await pluginDefinitions(
        shelf,
        { name },
        { origin: 'plugin', from: `plugin ${id}` },
      )
      return definitions
    }),
  )
  return found.flat()
}

/** Its absolute path as one from the home directory; elsewhere nothing is read. */
function belowPlugins(path: string): string | undefined {
  const plain = path.replaceAll('\\', '/')
  const at = plain.lastIndexOf(`/${HOME}/`)
  return at === -1 ? undefined : plain.slice(at + 1)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
