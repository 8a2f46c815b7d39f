import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { dirname, join } from 'node:path'

import type { SheetCache } from '../../core/ports.ts'

/** Sheets that were looked up, by technology and version, in a folder of the user's state: no checkout is written to. */
export function openSheetCache(folder: string): SheetCache {
  const pathOf = (tech: string, version: string): string =>
    join(
      folder,
      encodeURIComponent(tech).replaceAll('.', '%2E'),
      `${encodeURIComponent(version) || 'any'}.md`,
    )
  return {
    read: (tech, version) => readFile(pathOf(tech, version), 'utf8').catch(() => undefined),
    async write(tech, version, text) {
      const path = pathOf(tech, version)
      const draft = `${path}.${randomUUID()}.tmp`
      // A cache that cannot be written is none; the sheet is there either way.
      await mkdir(dirname(path), { recursive: true })
        .then(() => writeFile(draft, text, { flag: 'wx' }))
        .then(() => rename(draft, path))
        .catch(() => undefined)
    },
  }
}
