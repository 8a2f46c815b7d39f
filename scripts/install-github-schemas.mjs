// Installs GitHub's published OpenAPI description and webhook schemas for extract-github-schemas.mjs and the nightly contract
// test, outside the project's dependencies: they are large (450 MB). Prints the directory. Does nothing where they are there already.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PACKAGES = ['@octokit/openapi@23.0.2', '@octokit/webhooks-schemas@7.6.1']

const dir = fileURLToPath(new URL('../.cache/github-schemas', import.meta.url))
/** Written last: a directory without it is a half-done install. */
const done = join(dir, `installed-${PACKAGES.map((name) => name.split('@').at(-1)).join('-')}`)

if (!existsSync(done)) {
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, 'package.json'), '{"private":true}\n')
  const args = ['install', '--no-audit', '--no-fund', '--no-save', '--ignore-scripts', ...PACKAGES]
  const { status } = spawnSync('npm', args, { cwd: dir, stdio: ['ignore', 2, 2] })
  if (status !== 0) {
    process.stderr.write('GitHub’s schemas could not be installed.\n')
    process.exit(1)
  }
  writeFileSync(done, '')
}
process.stdout.write(`${dir}\n`)
