// npm start: the demo. `npm start -- --agent claude` runs it with a real agent, `--dir DIR` keeps it there.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { ensure, root } from './ensure.mjs'

ensure()
const demo = spawn(
  process.execPath,
  [join(root, 'build', 'orchestrate.js'), 'demo', ...process.argv.slice(2)],
  {
    stdio: 'inherit',
  },
)
// A terminal sends Ctrl-C to both of us: the demo decides how to end, we wait for it. SIGTERM comes to us alone.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => demo.kill('SIGTERM'))
demo.on('exit', (code) => {
  process.exitCode = code ?? 1
})
