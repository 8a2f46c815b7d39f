#!/usr/bin/env node
import { readSettings } from './settings.ts'
import { startApp } from './start.ts'

const settings = readSettings(process.env)
if (settings.ok) {
  const app = await startApp(settings.value)
  const stop = (): void => {
    // A second signal ends it at once: whoever sends it does not want to wait.
    process.once('SIGTERM', () => process.exit(1)).once('SIGINT', () => process.exit(1))
    void app.stop().then(() => process.exit(0))
  }
  process.once('SIGTERM', stop).once('SIGINT', stop)
} else {
  for (const { message, hint } of settings.error) process.stderr.write(`error: ${message}\n  hint: ${hint}\n`)
  process.exitCode = 2
}
