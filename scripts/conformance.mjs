// npm run conformance -- [NAME…] [--only TEXT] [--write] [--check] [--json]: installs the real agent programs where they are
// missing and tries each in every case. What is tried says conformance/main.ts; without names it is all of them.
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { ensure, root } from './ensure.mjs'
import { AGENT_NAMES, installAgent, versionOf } from './install-agent.mjs'

ensure()
const args = process.argv.slice(2)
const named = args.filter((arg, at) => !arg.startsWith('--') && args[at - 1] !== '--only')
const unknown = named.filter((name) => !AGENT_NAMES.includes(name))
if (unknown.length > 0) {
  process.stderr.write(
    `There is no agent program ${unknown.join(', ')}; there are ${AGENT_NAMES.join(', ')}.\n`,
  )
  process.exit(2)
}
const programs = {}
for (const name of named.length > 0 ? named : AGENT_NAMES) {
  const file = installAgent(name)
  if (file === undefined) {
    process.stderr.write(`${name} ${versionOf(name)} could not be installed.\n`)
    process.exit(1)
  }
  programs[name] = { file, version: versionOf(name) }
}

const { build } = await import('esbuild')
const outdir = join(root, '.cache', 'conformance')
rmSync(outdir, { recursive: true, force: true })
await build({
  absWorkingDir: root,
  entryPoints: ['conformance/main.ts'],
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  platform: 'node',
  target: 'node20',
  external: ['@copilotkit/aimock', '@anthropic-ai/sandbox-runtime'],
  define: { CONFORMANCE_ROOT: JSON.stringify(root) },
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
  logLevel: 'warning',
}).catch(() => process.exit(1))

const suite = spawn(process.execPath, [join(outdir, 'main.mjs'), ...args], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, CONFORMANCE_PROGRAMS: JSON.stringify(programs) },
})
suite.on('exit', (code) => {
  process.exitCode = code ?? 1
})
