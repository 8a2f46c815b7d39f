// Bundles the GitHub Action into dist/ (or the directory that is given). dist/ is committed: GitHub runs it as it stands.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildSync, transformSync } from 'esbuild'
import { root } from './ensure.mjs'

const ncc = createRequire(import.meta.url).resolve('@vercel/ncc/dist/ncc/cli.js')
const small = { minify: true, legalComments: 'none', target: 'node20', logLevel: 'warning' }
// what other people's packages compare with cannot be mended here
const silent = { 'impossible-typeof': 'silent' }

/**
 * Writes the bundle, its package.json, the licenses of what is in it, and beside it the program of the scripted agent, which is
 * a process of its own. Whether it worked; the tools have said why not.
 */
export function buildAction(outdir) {
  rmSync(outdir, { recursive: true, force: true })
  // types are checked by `npm run types`; without its cache the result depends on nothing but the files
  const options = ['--transpile-only', '--no-cache', '--quiet', '--license', 'licenses.txt']
  const args = [ncc, 'build', join('src', 'action', 'index.ts'), '--out', outdir, ...options]
  if (spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] }).status !== 0) return false
  // ncc's own --minify leaves out the parts that are loaded when they are needed
  for (const name of readdirSync(outdir).filter((each) => each.endsWith('.js'))) {
    const path = join(outdir, name)
    const bundled = readFileSync(path, 'utf8')
    // ncc leaves a module that it does not find for run time, where there is nothing to find it in
    if (bundled.includes('eval("require")')) {
      process.stderr.write(`${name}: a module was not found, so it would fail when it is loaded.\n`)
      return false
    }
    writeFileSync(path, transformSync(bundled, { ...small, format: 'esm', logOverride: silent }).code)
  }
  buildSync({
    ...small,
    absWorkingDir: root,
    entryPoints: [{ in: 'src/adapters/agents/scripted/program.ts', out: 'scripted-agent' }],
    outdir,
    bundle: true,
    platform: 'node',
    format: 'esm',
  })
  return true
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = buildAction(resolve(process.argv[2] ?? join(root, 'dist'))) ? 0 : 1
}
