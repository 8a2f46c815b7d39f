// Bundles the command line and the scripted agent. Code splitting keeps what a command does not need out of its start:
// `orchestrate --help` loads the argument parser and nothing else.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { root, sources } from './ensure.mjs'

const outdir = join(root, 'build')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
// Taken before, so that a file that changes during the build makes the next start build again.
const built = sources()

/** zod's messages in fifty languages: half of its size, parsed at every start, and our own messages are English. */
const englishOnly = {
  name: 'english-only',
  setup({ onLoad }) {
    onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js'",
    }))
  },
}

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: [
    { in: 'src/cli/main.ts', out: 'orchestrate' },
    { in: 'src/adapters/agents/scripted/program.ts', out: 'scripted-agent' },
  ].filter((entry) => existsSync(join(root, entry.in))),
  outdir,
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  plugins: [englishOnly],
  define: { ORCHESTRATE_VERSION: JSON.stringify(version) },
  // CommonJS dependencies ask for Node's own modules by `require`, which an ES module lacks.
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
  metafile: true,
  logLevel: 'warning',
}).catch(() => {
  // esbuild has said what is wrong, with file and line.
  process.exit(1)
})

// Chunks of earlier builds: their names carry a hash, so they would pile up.
const chunks = join(outdir, 'chunks')
mkdirSync(chunks, { recursive: true })
for (const name of readdirSync(chunks)) {
  if (!(`build/chunks/${name}` in metafile.outputs)) rmSync(join(chunks, name))
}
writeFileSync(join(outdir, '.sources'), built)
