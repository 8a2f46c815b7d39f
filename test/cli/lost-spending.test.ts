import { expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { binary, orchestrate } from '../support/cli.ts'
import { afterThisTest, tempDir, tempRepo } from '../support/git.ts'
import { taskPlan, workflow } from '../support/plans.ts'

/** Stands for Claude Code: asks its model once, then hangs where `hang` lies beside it, or ends with an error. */
const CLAUDE = `#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
if (process.argv[2] === '--version') {
  console.log('2.1.330 (Claude Code)')
  process.exit(0)
}
readFileSync(0)
const { ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: key } = process.env
const answer = await fetch(url + '/v1/messages', {
  method: 'POST',
  headers: { 'x-api-key': key, 'content-type': 'application/json' },
  body: JSON.stringify({ model: 'claude-sonnet-4-5', max_tokens: 500 }),
})
await answer.text()
if (existsSync(join(dirname(process.argv[1]), 'hang'))) setInterval(() => {}, 60_000)
else console.log(JSON.stringify({ type: 'result', subtype: 'success', is_error: true, result: 'I cannot.' }))
`
/** Of each call, at Sonnet's price: $3 in, $15 out for a million. */
const USAGE = { input_tokens: 1_000, output_tokens: 200 }
const COST = (1_000 * 3 + 200 * 15) / 1e6

test('what a killed step had spent is counted once when the run goes on', async () => {
  let calls = 0
  const provider = createServer((request, answer) => {
    request.resume().once('end', () => {
      calls++
      answer.writeHead(200, { 'content-type': 'application/json' })
      answer.end(JSON.stringify({ type: 'message', usage: USAGE }))
    })
  })
  provider.listen(0, '127.0.0.1')
  await once(provider, 'listening')
  afterThisTest(() => void provider.close())

  const bin = tempDir('bin-')
  writeFileSync(join(bin, 'package.json'), '{"type":"module"}')
  writeFileSync(join(bin, 'claude'), CLAUDE)
  chmodSync(join(bin, 'claude'), 0o755)
  writeFileSync(join(bin, 'hang'), '')
  const repo = tempRepo()
  const plan = taskPlan([{ id: '1', tasks: ['Write the store in `store.txt`'] }])
  repo.commit({ 'plan/task_plan.md': plan, 'plan/workflow.md': workflow({ retries: 0 }) }, 'Write the plan')
  const state = tempDir('state-')
  mkdirSync(join(state, 'tmp'))
  const env = {
    PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`,
    ANTHROPIC_API_KEY: 'sk-nobodys',
    ANTHROPIC_BASE_URL: `http://127.0.0.1:${(provider.address() as AddressInfo).port}`,
    XDG_STATE_HOME: state,
    GIT_CONFIG_NOSYSTEM: '1',
  }
  const spent = async (): Promise<unknown> => {
    const { stdout } = await orchestrate(repo.path, ['status', '--json'], { env })
    return (JSON.parse(stdout) as { usage: { costUsd?: number } }).usage.costUsd
  }

  const run = ['run', 'plan', '--yes', '--json', '--agent', 'claude', '--sandbox', 'off']
  const child = spawn(process.execPath, [binary, ...run], {
    cwd: repo.path,
    env: { HOME: repo.path, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  afterThisTest(() => void child.kill('SIGKILL'))
  // The call has ended, its step has not.
  for await (const text of createInterface({ input: child.stdout })) {
    const line = JSON.parse(text) as { type: string; costUsd?: number }
    if (line.type === 'step-activity' && line.costUsd !== undefined) break
  }
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
  expect(calls).toBe(1)

  rmSync(join(bin, 'hang'))
  const resumed = await orchestrate(repo.path, ['resume', '--json'], { env })
  expect(resumed.stderr).toContain('I cannot.')
  const after = calls
  expect(after).toBeGreaterThan(1)
  expect(await spent()).toBeCloseTo(after * COST, 10)
  // Nor once more by those that come later.
  await orchestrate(repo.path, ['retry', '1', '--json'], { env })
  expect(calls).toBeGreaterThan(after)
  expect(await spent()).toBeCloseTo(calls * COST, 10)
  const [, name = ''] =
    /refs\/orchestrate\/([^/]+)\//.exec(repo.git('for-each-ref', 'refs/orchestrate')) ?? []
  expect(await orchestrate(repo.path, ['verify', name], { env })).toMatchObject({ code: 0 })
}, 120_000)
