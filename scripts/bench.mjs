// npm run bench [-- NAME…] [-- --full]: builds, measures, prints one table. What is measured says bench/main.ts.
// npm run bench:prompts: what requests of agents are made of; see bench/prompts.ts.
// npm run bench:review [-- DIRECTORY…]: what the review of plans finds; see bench/review.ts.
// npm run bench:edits -- [--quick] DIRECTORY…: what edits of plan files change besides; see bench/edits.ts.
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { ensure, root } from './ensure.mjs'
import { installAgent } from './install-agent.mjs'

ensure()
const { build } = await import('esbuild')
const outdir = join(root, '.cache', 'bench')
rmSync(outdir, { recursive: true, force: true })
await build({
  absWorkingDir: root,
  entryPoints: [
    'bench/main.ts',
    'bench/review.ts',
    'bench/edits.ts',
    'bench/prompts.ts',
    'bench/memory-child.ts',
    'bench/webhooks-child.ts',
  ],
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  platform: 'node',
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  target: 'node20',
  plugins: [{ name: 'what-needs-its-own-files', setup: outside }],
  define: { BENCH_ROOT: JSON.stringify(root) },
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
  logLevel: 'warning',
}).catch(() => process.exit(1))

const [first, ...rest] = process.argv.slice(2)
const others = { '--review': 'review.mjs', '--edits': 'edits.mjs', '--prompts': 'prompts.mjs' }
const [program, args] =
  first !== undefined && first in others ? [others[first], rest] : ['main.mjs', process.argv.slice(2)]
const claude = first === '--prompts' ? installAgent('claude') : undefined
if (first === '--prompts' && claude === undefined) process.exit(1)
const bench = spawn(process.execPath, [join(outdir, program), ...args], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, ...(claude === undefined ? {} : { BENCH_CLAUDE: claude }) },
})
bench.on('exit', (code) => {
  process.exitCode = code ?? 1
})

/** These look for files of their own beside them, so they are loaded as they are installed. */
function outside({ onResolve }) {
  onResolve(
    { filter: /^(probot|emulate|esbuild|@copilotkit\/aimock|@octokit\/[^/]+)(\/|$)/ },
    ({ path }) => ({
      path,
      external: true,
    }),
  )
}
