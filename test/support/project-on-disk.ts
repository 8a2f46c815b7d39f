import { mkdir, mkdtemp, realpath, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { openProjectFiles } from '../../src/adapters/files/project-files.ts'
import type { ProjectFiles } from '../../src/core/ports.ts'

export interface ProjectOnDisk {
  root: string
  files: ProjectFiles
  /** Sets the time of a file's last change, milliseconds since the epoch. */
  touch(path: string, at: number): Promise<void>
  remove(): Promise<void>
}

/** A real project directory and home with these files. */
export async function projectWith(
  project: Record<string, string>,
  home: Record<string, string> = {},
): Promise<ProjectOnDisk> {
  const top = await realpath(await mkdtemp(join(tmpdir(), 'project-')))
  for (const [directory, texts] of [
    ['root', project],
    ['home', home],
  ] as const) {
    await mkdir(join(top, directory))
    for (const [path, text] of Object.entries(texts)) {
      await mkdir(dirname(join(top, directory, path)), { recursive: true })
      await writeFile(join(top, directory, path), text)
    }
  }
  const root = join(top, 'root')
  return {
    root,
    files: openProjectFiles({ root, home: join(top, 'home') }),
    touch: (path, at) => utimes(join(root, path), at / 1_000, at / 1_000),
    remove: () => rm(top, { recursive: true, force: true }),
  }
}
