import { afterAll, describe, expect, test } from '@jest/globals'
import { access, cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { readInputs } from '../../src/action/inputs.ts'
import { packageRoot, run, TempDirs } from '../support/cli.ts'
import { runAction } from './run-action.ts'

const dirs = new TempDirs()
afterAll(dirs.remove)

interface Metadata {
  inputs: Record<string, { description: string; default?: string }>
  outputs: Record<string, { description: string }>
  runs: { using: string; main: string }
}
const metadata = parse(await readFile(join(packageRoot, 'action.yml'), 'utf8')) as Metadata

describe('action.yml', () => {
  test('names the inputs that are read, with defaults that are accepted', () => {
    const asked = new Set<string>()
    const read = readInputs((name) => {
      asked.add(name)
      return metadata.inputs[name]?.default ?? (name === 'plan-dir' ? 'plan' : '')
    })
    expect([...asked].sort()).toEqual(Object.keys(metadata.inputs).sort())
    expect(read).toMatchObject({
      ok: true,
      value: { mode: 'plan', planDir: 'plan', failOn: 'error', timeMs: 240 * 60_000, app: false },
    })
  })

  test('names the outputs that are set', async () => {
    const options = { workspace: packageRoot, scratch: await dirs.make() }
    const { outputs } = await runAction({ 'plan-dir': 'demo/plan' }, options)
    // what the modes on GitHub put out is looked at where they run
    expect(Object.keys(outputs).sort()).toEqual(['digest', 'errors', 'phases', 'warnings'])
    for (const name of Object.keys(outputs)) expect(Object.keys(metadata.outputs)).toContain(name)
  })

  test('starts the bundle with the Node that runners have', async () => {
    expect(metadata.runs).toEqual({ using: 'node24', main: 'dist/index.js' })
    await access(join(packageRoot, metadata.runs.main))
  })
})

describe('check:dist', () => {
  test('names every file that is not what the sources give, and what to do', async () => {
    const dist = join(await dirs.make(), 'dist')
    await cp(join(packageRoot, 'dist'), dist, { recursive: true })
    await writeFile(join(dist, 'index.js'), '// by hand\n')
    await writeFile(join(dist, 'old.js'), '')
    await rm(join(dist, 'licenses.txt'))
    const script = join(packageRoot, 'scripts', 'check-dist.mjs')
    // Against the bundle that is here: .ci/run makes it anew for its own check, which takes as long as all else in this file.
    const built = join(packageRoot, 'dist')
    const { code, stderr } = await run(process.execPath, [script, dist, built], { cwd: packageRoot })
    expect(code).toBe(1)
    expect(stderr).toBe(
      'error: dist/ is not what the sources give:\n' +
        '    dist/index.js differs\n' +
        '    dist/licenses.txt is missing\n' +
        '    dist/old.js is not part of the bundle any more\n' +
        '  hint: npm run build:action, and commit dist/. The bundle holds src/core and src/adapters as well as src/action,\n' +
        '        so a change in any of them may change it. If no source changed, install exactly what package-lock.json\n' +
        '        says (npm ci): other versions give another bundle.\n',
    )
  })
})
