import { mkdir, mkdtemp, readFile, symlink } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

/**
 * A runner's tool cache in which the package that makes cages is already, as it is on a machine that ran jobs before. `root`: where
 * this project lies. Returns a new temporary directory, for `RUNNER_TOOL_CACHE`.
 */
export async function toolCache(root: string): Promise<string> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'world-tools-'))
  const setup = await readFile(path.join(root, 'setup', 'cage.sh'), 'utf8')
  const [name = 'orchestrate-cage'] = /orchestrate-cage-[\d.]+/.exec(setup) ?? []
  await mkdir(path.join(dir, name))
  await symlink(path.join(root, 'node_modules'), path.join(dir, name, 'node_modules'))
  return dir
}
