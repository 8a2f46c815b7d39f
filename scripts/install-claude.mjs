// Installs the real Claude Code for `npm run test:claude`, outside the project's dependencies: it is large and proprietary.
// Prints the path of its binary. Does nothing where it is there already.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The version whose flags and output the adapter was measured with. */
const VERSION = '2.1.330'

const dir = fileURLToPath(new URL(`../.cache/agents/claude-${VERSION}`, import.meta.url))
const binary = join(
  dir,
  `node_modules/@anthropic-ai/claude-code-${process.platform}-${process.arch}`,
  process.platform === 'win32' ? 'claude.exe' : 'claude',
)

if (!existsSync(binary)) {
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, 'package.json'), '{"private":true}\n')
  // Its install script only links the binary that the platform's package carries.
  const args = [
    'install',
    '--no-audit',
    '--no-fund',
    '--no-save',
    '--ignore-scripts',
    `@anthropic-ai/claude-code@${VERSION}`,
  ]
  const { status } = spawnSync('npm', args, { cwd: dir, stdio: ['ignore', 2, 2] })
  if (status !== 0 || !existsSync(binary)) {
    process.stderr.write(
      `Claude Code ${VERSION} could not be installed for ${process.platform}-${process.arch}.\n`,
    )
    process.exit(1)
  }
}
process.stdout.write(`${binary}\n`)
