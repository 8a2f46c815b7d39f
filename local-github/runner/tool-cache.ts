import { mkdir, mkdtemp, readFile, symlink } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { WORKFLOW } from '../../src/core/model/forge-names.ts'

/**
 * A runner's tool cache in which the package that makes cages is already, as it is on a machine that ran jobs before. `root`: where
 * this project lies. Returns a new temporary directory, for `RUNNER_TOOL_CACHE`.
 */
export async function toolCache(root: string): Promise<string> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'world-tools-'))
  const workflow = await readFile(path.join(root, '.github', 'workflows', WORKFLOW), 'utf8')
  const [name = 'orchestrate-cage'] = /orchestrate-cage-[\d.]+/.exec(workflow) ?? []
  await mkdir(path.join(dir, name))
  await symlink(path.join(root, 'node_modules'), path.join(dir, name, 'node_modules'))
  return dir
}
