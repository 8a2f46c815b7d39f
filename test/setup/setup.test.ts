import { expect, test } from '@jest/globals'
import { execa } from 'execa'
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { packageRoot } from '../support/cli.ts'
import { tempDir } from '../support/git.ts'

/** A runner on which only these programs are, besides a shell's own; each call of one is written down in `calls`. */
function runner(programs: Record<string, string>): { dir: string; run: Run; calls(): string[] } {
  const dir = tempDir()
  const own = ['bash', 'sh', 'id', 'tee', 'cat', 'rm', 'mkdir']
  for (const name of own) {
    const from = (process.env['PATH'] ?? '')
      .split(delimiter)
      .map((folder) => join(folder, name))
      .find((file) => existsSync(file))
    if (from !== undefined) symlinkSync(from, join(dir, name))
  }
  const said = join(dir, 'calls')
  writeFileSync(said, '')
  for (const [name, body] of Object.entries({ sudo: 'shift; exec "$@"', ...programs }))
    writeFileSync(
      join(dir, name),
      `#!/bin/sh\n[ ${name} = sudo ] || echo "${name} $*" >> '${said}'\n${body}\n`,
      { mode: 0o755 },
    )
  return {
    dir,
    calls: () => readFileSync(said, 'utf8').split('\n').slice(0, -1),
    async run(script, env = {}) {
      const output = join(dir, 'output')
      writeFileSync(output, '')
      const { all, exitCode } = await execa('bash', [join(packageRoot, 'setup', script)], {
        ...{ all: true, reject: false, extendEnv: false },
        env: { PATH: dir, RUNNER_TOOL_CACHE: join(dir, 'tools'), GITHUB_OUTPUT: output, ...env },
      })
      return { said: all, exitCode, output: readFileSync(output, 'utf8') }
    },
  }
}
type Run = (
  script: 'agents.sh' | 'cage.sh',
  env?: Record<string, string>,
) => Promise<{ said: string; exitCode: number | undefined; output: string }>

test('installs the agents of a run, once, and none that a job would refuse', async () => {
  const { run, calls } = runner({ npm: '', codex: '' })
  const { said, exitCode } = await run('agents.sh', { AGENTS: 'claude codex gemini opencode command' })
  expect(exitCode).toBe(0)
  expect(calls().map((call) => call.split(' ').at(-1))).toEqual([
    expect.stringMatching(/^@anthropic-ai\/claude-code@[\d.]+$/),
    expect.stringMatching(/^@google\/gemini-cli@[\d.]+$/),
  ])
  expect(said).toMatch(/^::warning::opencode is not installed/m)
})

test('lets bubblewrap alone make namespaces, where the kernel lets no program', async () => {
  const profiles = tempDir()
  // Refused until its profile is loaded, as on Ubuntu 24.04.
  const { run, calls } = runner({
    bwrap: `[ -e '${profiles}/loaded' ] || { echo 'bwrap: setting up uid map: Permission denied' >&2; exit 1; }`,
    apparmor_parser: `cat "$2" > '${profiles}/loaded'`,
    ...{ socat: '', rg: '', npm: '' },
  })
  const { said, output, exitCode } = await run('cage.sh', { APPARMOR_DIR: profiles })
  expect({ said, exitCode }).toEqual({ said: '', exitCode: 0 })
  const profile = readFileSync(join(profiles, 'loaded'), 'utf8')
  expect(readFileSync(join(packageRoot, 'docs/security.md'), 'utf8')).toContain(profile)
  expect(output).toMatch(/^runtime=.*\/orchestrate-cage-[\d.]+\n$/)
  expect(calls().filter((call) => /^(?:apt-get|sysctl)/.test(call))).toEqual([])
})

test('says what to do where it cannot help, and leaves it to the Action to stop', async () => {
  const { run, calls } = runner({ bwrap: 'exit 1', socat: '', npm: '', 'apt-get': 'exit 100' })
  const { said, exitCode } = await run('cage.sh')
  expect(exitCode).toBe(0)
  expect(said).toMatch(/::warning::These packages could not be installed: ripgrep/)
  expect(said).toMatch(/::warning::This runner cannot hold agents/)
  expect(calls()).toContain('apt-get update -qq')
})

test('installs no packages where the owner of the machine accepts agents without a cage', async () => {
  const { run, calls } = runner({ 'apt-get': '', npm: '' })
  await run('cage.sh', { UNCAGED: 'accept' })
  expect(calls().filter((call) => call.startsWith('apt-get'))).toEqual([])
})
