// Installs real agent programs, outside the project's dependencies (they are large, some are proprietary), for the conformance
// suite and the tests with the real ones: `node scripts/install-agent.mjs claude codex`. Prints the path of each binary, one a
// line; does nothing where it is there already.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const target = `${process.platform}-${process.arch}`
const exe = process.platform === 'win32' ? '.exe' : ''

/** Versions are those whose flags and output the adapters were measured with. */
const AGENTS = {
  claude: {
    package: '@anthropic-ai/claude-code',
    version: '2.1.330',
    binary: `@anthropic-ai/claude-code-${target}/claude${exe}`,
  },
  codex: { package: '@openai/codex', version: '0.169.0', binary: '@openai/codex/bin/codex.js' },
  gemini: { package: '@google/gemini-cli', version: '0.61.0', binary: '@google/gemini-cli/bundle/gemini.js' },
  opencode: {
    package: 'opencode-ai',
    version: '1.18.33',
    binary: `opencode-${target.replace('win32', 'windows')}/bin/opencode${exe}`,
  },
  copilot: { package: '@github/copilot', version: '1.0.102', binary: '@github/copilot/npm-loader.js' },
}

export const AGENT_NAMES = Object.keys(AGENTS)

/** Path of the program's binary, installed where it is not there; undefined where that failed. */
export function installAgent(name) {
  const { package: from, version, binary } = AGENTS[name]
  const dir = fileURLToPath(new URL(`../.cache/agents/${name}-${version}`, import.meta.url))
  const file = join(dir, 'node_modules', binary)
  if (existsSync(file)) return file
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, 'package.json'), '{"private":true}\n')
  // Install scripts only link the binary that the platform's package carries.
  const flags = ['--no-audit', '--no-fund', '--no-save', '--ignore-scripts']
  spawnSync('npm', ['install', ...flags, `${from}@${version}`], { cwd: dir, stdio: ['ignore', 2, 2] })
  return existsSync(file) ? file : undefined
}

/** The version that is installed here. */
export const versionOf = (name) => AGENTS[name].version

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) {
  const names = process.argv.slice(2)
  const unknown = names.filter((name) => !(name in AGENTS))
  if (names.length === 0 || unknown.length > 0) {
    process.stderr.write(`Say which of ${AGENT_NAMES.join(', ')} to install.\n`)
    process.exit(2)
  }
  for (const name of names) {
    const file = installAgent(name)
    if (file === undefined) {
      process.stderr.write(`${name} ${versionOf(name)} could not be installed for ${target}.\n`)
      process.exit(1)
    }
    process.stdout.write(`${file}\n`)
  }
}
