#!/usr/bin/env node
import { readSettings } from './settings.ts'
import { startApp } from './start.ts'

const settings = readSettings(process.env)
if (settings.ok) {
  const started = startApp({
    ...settings.value,
    // Both are built beside each other.
    planThread: new URL('plan-thread.js', import.meta.url),
  })
  const stop = (): void => {
    // A second signal ends it at once: whoever sends it does not want to wait.
    process.once('SIGTERM', () => process.exit(1)).once('SIGINT', () => process.exit(1))
    void started.then((app) => app.stop()).then(() => process.exit(0))
  }
  process.once('SIGTERM', stop).once('SIGINT', stop)
  started.catch((error: unknown) => {
    process.stderr.write(
      `error: The App could not start: ${error instanceof Error ? error.message : String(error)}\n` +
        '  hint: Is the port free (PORT), and may it be listened on here (HOST)?\n',
    )
    process.exit(1)
  })
} else {
  for (const { message, hint } of settings.error) process.stderr.write(`error: ${message}\n  hint: ${hint}\n`)
  process.exitCode = 2
}
