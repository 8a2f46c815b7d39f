// Bundles the command line and the scripted agent, and leaves the compiled form of the bundle beside it.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
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

const common = {
  absWorkingDir: root,
  outdir,
  bundle: true,
  platform: 'node',
  target: 'node20',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  // what it names for Node asks for its parts by names that no bundler sees
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
}
const fail = () => {
  // esbuild has said what is wrong, with file and line.
  process.exit(1)
}

// CommonJS, because Node 20 takes the compiled form of no other. What a command does not need stays unevaluated all the same:
// esbuild turns each `import()` into a part of the bundle that runs when it is asked for.
const bundled = async (name, plugins) => {
  const { metafile } = await build({
    ...common,
    entryPoints: [{ in: `src/cli/${name}.ts`, out: name }],
    entryNames: '[name]-[hash]',
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    plugins,
  }).catch(fail)
  const output = basename(Object.keys(metafile.outputs)[0])
  // esbuild leaves other letters in patterns and templates. Without any, V8 holds and reads half as much. Where an escape would
  // mean something else they stay.
  const file = join(outdir, output)
  const text = readFileSync(file, 'utf8')
  if (!/\\[^\x00-\x7f]|\.raw`[^`]*[^\x00-\x7f]/.test(text)) {
    const escape = (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
    writeFileSync(file, text.replace(/[^\x00-\x7f]/g, escape))
  }
  return output
}
/** `--help` names commands and runs none of them. */
const noCommands = {
  name: 'no-commands',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/commands\// }, ({ path }) => ({ path, external: true }))
  },
}
/** A library that few ever need and that weighs a tenth of the program: a file of its own, read when it is asked for. */
const apart = {
  name: 'apart',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/google-token\.ts$/ }, () => ({ path: 'google-token', namespace: 'apart' }))
    // A compiled form knows no `import` at run time.
    onLoad({ filter: /^/, namespace: 'apart' }, ({ path }) => ({
      contents: `module.exports = require('./${path}.cjs')`,
    }))
    onResolve({ filter: /^/, namespace: 'apart' }, ({ path }) => ({ path, external: true }))
  },
}
const bundle = await bundled('program', [englishOnly, apart])
const help = await bundled('help', [noCommands])

await build({
  ...common,
  entryPoints: [
    { in: 'src/cli/main.ts', out: 'orchestrate' },
    { in: 'src/cli/warm-up.ts', out: 'warm-up' },
    { in: 'src/adapters/agents/scripted/program.ts', out: 'scripted-agent' },
  ],
  format: 'esm',
  define: {
    ORCHESTRATE_VERSION: JSON.stringify(version),
    ORCHESTRATE_PROGRAM: JSON.stringify(bundle),
    ORCHESTRATE_HELP: JSON.stringify(help),
  },
  // CommonJS dependencies ask for Node's own modules by `require`, which an ES module lacks.
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
}).catch(fail)

await build({
  ...common,
  entryPoints: [{ in: 'src/adapters/gateway/google-token.ts', out: 'google-token' }],
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
  // One of the library's own, in what reads large numbers.
  logOverride: { 'impossible-typeof': 'silent' },
}).catch(fail)

// The App runs where its packages are installed: a server starts once, and Probot finds its own files beside it.
await build({
  ...common,
  entryPoints: [
    { in: 'src/app/main.ts', out: 'app' },
    { in: 'src/app/plan-thread.ts', out: 'plan-thread' },
  ],
  format: 'esm',
  packages: 'external',
  // Its ES modules name each other as only bundlers understand, and of its other build Node finds no exports: so it is bundled.
  alias: {},
  plugins: [
    {
      name: 'jsonc-parser-inside',
      setup(build) {
        const path = join(root, 'node_modules/jsonc-parser/lib/esm/main.js')
        build.onResolve({ filter: /^jsonc-parser$/ }, () => ({ path }))
      },
    },
  ],
}).catch(fail)

// A build without it is whole: the first thing that needs a function compiles it then.
const warmUp = [join(outdir, 'warm-up.js'), join(outdir, bundle), root, version]
if (spawnSync(process.execPath, warmUp, { stdio: 'ignore' }).status !== 0)
  console.error(`The bundle was not compiled ahead, so starts take longer: node ${warmUp.join(' ')}`)

// Of earlier builds: names carry a hash, so they would pile up.
const stems = [bundle, help].map((name) => `${basename(name, '.cjs')}.`)
for (const name of readdirSync(outdir)) {
  const ours = name.startsWith('program-') || name.startsWith('help-')
  if ((ours && !stems.some((stem) => name.startsWith(stem))) || name === 'chunks')
    rmSync(join(outdir, name), { recursive: true })
}
writeFileSync(join(outdir, '.sources'), built)
