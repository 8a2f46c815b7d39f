// Bundles the GitHub Action into dist/ (or the directory that is given). dist/ is committed: GitHub runs it as it stands.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './ensure.mjs'

const ncc = createRequire(import.meta.url).resolve('@vercel/ncc/dist/ncc/cli.js')

/** Writes the bundle, its package.json and the licenses of what is in it. Whether it worked; ncc has said why not. */
export function buildAction(outdir) {
  rmSync(outdir, { recursive: true, force: true })
  // types are checked by `npm run types`; without its cache the result depends on nothing but the files
  const options = ['--transpile-only', '--no-cache', '--quiet', '--license', 'licenses.txt']
  const args = [ncc, 'build', join('src', 'action', 'index.ts'), '--out', outdir, ...options]
  return spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] }).status === 0
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = buildAction(resolve(process.argv[2] ?? join(root, 'dist'))) ? 0 : 1
}
