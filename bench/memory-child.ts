/** Runs many chatty agents at once through the `command` adapter, alone in its process, and prints what that took as JSON. */
import { tmpdir } from 'node:os'
import { createCommandAgent } from '../src/adapters/agents/command.ts'

const [agents = 20, megabytes = 50] = process.argv.slice(2).map(Number)
const bytes = megabytes * 1024 * 1024
/** Lines as a program prints them, and a stream that never ends its line. */
const lines = `yes 'A line of output, about as long as those that compilers and test runners print.' | head -c ${bytes}`
const endless = `head -c ${bytes} /dev/zero`

const start = performance.now()
const outcomes = await Promise.all(
  Array.from({ length: agents }, (_, i) => {
    const agent = createCommandAgent(i % 2 === 0 ? lines : endless, {
      env: process.env,
      tmpDir: tmpdir(),
      cwd: tmpdir(),
    })
    return agent.run(
      {
        run: 'bench',
        phase: '1',
        attempt: 1,
        step: 'implement',
        unit: `${i}`,
        cwd: tmpdir(),
        prompt: { system: '', user: '' },
        access: 'edit',
        schema: {},
        nonce: 'none',
        limits: { wallMs: 600_000, extraMs: 0, idleMs: 600_000 },
      },
      new AbortController().signal,
      () => {},
    )
  }),
)
process.stdout.write(
  JSON.stringify({
    failed: outcomes.filter((outcome) => outcome.kind === 'failed').map((outcome) => outcome.message),
    // Kilobytes on every system that Node runs on.
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
    seconds: (performance.now() - start) / 1000,
  }),
)
