// npm start: the demo, a plan pull request on a GitHub on this machine. `--keep` leaves it running. `npm start -- --local` is the
// same plan with the command line alone; `--agent claude` there runs it with a real agent, `--dir DIR` keeps it in a place of yours.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { ensure, root } from './ensure.mjs'

const given = process.argv.slice(2)
// What only the command line's demo knows asks for it.
const local = given.some((arg) => /^--(local|agent|dir|model|max-cost|json)\b/.test(arg))
const unknown = local ? [] : given.filter((arg) => arg !== '--keep')
if (unknown.length > 0) {
  console.error(
    `error: The demo does not know ${unknown.join(' ')}.\n  hint: \`npm start\`, \`npm start -- --keep\`, or \`npm start -- --local\` with --agent, --dir, --model, --max-cost, --json.`,
  )
  process.exit(2)
}

ensure()
const demo = local
  ? [join(root, 'build', 'orchestrate.js'), 'demo', ...given.filter((arg) => arg !== '--local')]
  : [await bundled(), root, ...given]
const child = spawn(process.execPath, demo, { stdio: 'inherit' })
// A terminal sends Ctrl-C to both of us: the demo decides how to end, we wait for it. SIGTERM comes to us alone.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => child.kill('SIGTERM'))
child.on('exit', (code) => {
  process.exitCode = code ?? 1
})

/** The local GitHub is for the demo and the tests, so it is not part of the build that people install. */
async function bundled() {
  const { build } = await import('esbuild')
  const outfile = join(root, 'build', 'github-demo.mjs')
  await build({
    absWorkingDir: root,
    entryPoints: ['local-github/demo/main.ts'],
    outfile,
    bundle: true,
    plugins: [{ name: 'packages-stay-outside', setup: outside }],
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'warning',
  })
  return outfile
}

/** Packages are loaded as they are installed, but for GitHub's workflow parser: it imports JSON in a way that Node refuses. */
function outside({ onResolve }) {
  onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
    kind === 'entry-point' || /^@actions\/(workflow-parser|expressions)\b/.test(path)
      ? undefined
      : { path, external: true },
  )
}
