import { afterAll, expect, test } from '@jest/globals'
import { chmod, cp, readFile, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { packageRoot, run, TempDirs, writeFiles } from './support/cli.ts'

const dirs = new TempDirs()
afterAll(dirs.remove)

/** Writes down that it was called, and leaves what `npm ci` leaves. */
const NPM = `#!/bin/sh
echo "npm $*" >> calls
mkdir -p node_modules && cp package-lock.json node_modules/.package-lock.json
`
const BUILD = `
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { sources } from './ensure.mjs'
appendFileSync('calls', 'build\\n')
mkdirSync('build', { recursive: true })
writeFileSync('build/.sources', sources())
`
const LOCK = (version: string) =>
  JSON.stringify({
    packages: { '': {}, 'node_modules/a': { version }, 'node_modules/mac': { version: '1', optional: true } },
  })

async function checkout(engine: string) {
  const root = await dirs.make()
  await writeFiles(root, {
    'package.json': JSON.stringify({ engines: { node: `>=${engine}` } }),
    'package-lock.json': LOCK('1.0.0'),
    'src/a.ts': 'export {}',
    'bin/npm': NPM,
    'scripts/build.mjs': BUILD,
    'scripts/go.mjs': "import { ensure } from './ensure.mjs'\nensure()\n",
    calls: '',
  })
  await cp(join(packageRoot, 'scripts', 'ensure.mjs'), join(root, 'scripts', 'ensure.mjs'))
  await chmod(join(root, 'bin', 'npm'), 0o755)
  const env = { PATH: `${join(root, 'bin')}${delimiter}${process.env['PATH'] ?? ''}` }
  return {
    root,
    /** What was called by one more start. */
    start: async () => {
      await writeFile(join(root, 'calls'), '')
      const ran = await run(process.execPath, ['scripts/go.mjs'], { cwd: root, env })
      return { ...ran, calls: (await readFile(join(root, 'calls'), 'utf8')).trimEnd().split('\n') }
    },
  }
}

test('a first start installs and builds, a second does neither', async () => {
  const { start } = await checkout('20.0.0')
  const first = await start()
  expect(first).toMatchObject({ code: 0, stdout: '' })
  expect(first.calls).toEqual([expect.stringMatching(/^npm ci /), 'build'])
  expect(await start()).toMatchObject({ code: 0, stderr: '', calls: [''] })
})

test('a changed source is built, a changed lockfile is installed', async () => {
  const { root, start } = await checkout('20.0.0')
  await start()
  await writeFile(join(root, 'src/b.ts'), 'export {}')
  expect((await start()).calls).toEqual(['build'])
  await writeFile(join(root, 'package-lock.json'), LOCK('2.0.0'))
  expect((await start()).calls).toEqual([expect.stringMatching(/^npm ci /), 'build'])
})

test('what somebody has installed himself is taken as it is', async () => {
  const { root, start } = await checkout('20.0.0')
  const installed = JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.0' } } })
  await writeFiles(root, { 'node_modules/.package-lock.json': installed })
  expect((await start()).calls).toEqual(['build'])
})

test('a Node that is too old is told, exit 2', async () => {
  const { start } = await checkout('99.1.0')
  const { code, stderr, calls } = await start()
  expect({ code, stderr, calls }).toEqual({
    code: 2,
    stderr:
      `error: Node ${process.versions.node} is too old: Orchestrate needs 99.1.0 or newer.\n` +
      '  hint: Install a newer Node (https://nodejs.org, or `nvm install 22`) and try again.\n',
    calls: [''],
  })
})
