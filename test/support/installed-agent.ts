import { execFileSync } from 'node:child_process'
import { packageRoot } from './cli.ts'

/** The path of a real agent program, which is installed outside of the project where it is not there yet: that takes minutes. */
export const installedAgent = (name: 'claude' | 'codex'): string =>
  execFileSync(process.execPath, ['scripts/install-agent.mjs', name], {
    cwd: packageRoot,
    encoding: 'utf8',
  }).trim()
