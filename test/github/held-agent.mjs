/**
 * The scripted agent with a gate before it: a test says by files in HELD_DIR which step waits (`hold-<phase>-<step>`), learns
 * by `here-<phase>-<step>` that it has begun, and lets it go by removing the first. With `dump` there, each call leaves what it
 * can see: its environment, the git configuration of where it works.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const dir = process.env['HELD_DIR'] ?? ''
const call = `${process.env['ORCHESTRATE_PHASE'] ?? ''}-${process.env['ORCHESTRATE_STEP'] ?? ''}`

if (existsSync(join(dir, 'dump'))) {
  const git = (...args) => {
    try {
      return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    } catch {
      return ''
    }
  }
  const seen = {
    env: process.env,
    config: git('config', '--list', '--show-origin'),
    remotes: git('remote', '--verbose'),
    credentials: git('config', '--get-all', 'credential.helper'),
    argv: process.argv,
  }
  writeFileSync(join(dir, `seen-${call}-${process.pid}.json`), JSON.stringify(seen, null, 2))
}

const hold = join(dir, `hold-${call}`)
if (existsSync(hold)) {
  await new Promise((resolve) => {
    const watcher = watch(dir, () => {
      if (existsSync(hold)) return
      watcher.close()
      resolve(undefined)
    })
    writeFileSync(join(dir, `here-${call}`), String(process.pid))
  })
}
await import(process.env['HELD_AGENT'] ?? '')
