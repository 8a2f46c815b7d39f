import { expect, test } from '@jest/globals'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { binary } from '../support/cli.ts'
import { afterThisTest, tempDir, tempRepo } from '../support/git.ts'
import { taskPlan, workflow } from '../support/plans.ts'

interface Started {
  child: ChildProcess
  /** Resolves when what it printed so far has `text` in it. */
  says(text: string): Promise<void>
  said(): string
  ended: Promise<number | null>
}

function start(cwd: string, args: string[]): Started {
  const child = spawn(process.execPath, [binary, ...args], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', HOME: cwd, GIT_CONFIG_NOSYSTEM: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  afterThisTest(() => void child.kill('SIGKILL'))
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (said += text))
  const ended = once(child, 'close').then(([code]) => code as number | null)
  return {
    child,
    ended,
    said: () => said,
    async says(text) {
      while (!said.includes(text)) {
        const isOver = await Promise.race([
          ended.then(() => true),
          ...[child.stdout, child.stderr].flatMap((one) =>
            one ? [once(one, 'data').then(() => false)] : [],
          ),
        ])
        if (isOver && !said.includes(text)) throw new Error(`it ended without saying "${text}":\n${said}`)
      }
    },
  }
}

test('`logs --follow` tells what agents do while they do it, and ends when the run does', async () => {
  const dir = tempDir('agent-')
  const go = join(dir, 'go')
  const agent = join(dir, 'agent.sh')
  writeFileSync(
    agent,
    `#!/bin/sh\necho I am at work\nwhile [ ! -f "${go}" ]; do sleep 0.05; done\necho I am done\n`,
  )
  chmodSync(agent, 0o755)
  const repo = tempRepo()
  const plan = taskPlan([{ id: '1', tasks: ['Write the store in `store.txt`'] }])
  repo.commit({ 'plan/task_plan.md': plan, 'plan/workflow.md': workflow({ retries: 0 }) }, 'Write the plan')
  const run = start(repo.path, [
    ...['run', 'plan', '--yes', '--json', '--sandbox', 'off'],
    ...['--agent', 'command', '--agent-command', `"${agent}"`],
  ])
  await run.says('"type":"step-started"')

  const [all, people, interrupted] = [
    start(repo.path, ['logs', '--follow', '--json']),
    start(repo.path, ['logs', '--follow', '--phase', '1']),
    start(repo.path, ['logs', '--follow']),
  ]
  await all.says('I am at work')
  await people.says('phase 1 · implement 1.1 · 0:00  started')
  await interrupted.says('started')
  interrupted.child.kill('SIGINT')
  expect(await interrupted.ended).toBe(130)
  // Nothing ends but this look.
  expect(interrupted.said()).not.toContain('Stopping')

  writeFileSync(go, '')
  expect(await run.ended).not.toBe(0)
  expect([await all.ended, await people.ended]).toEqual([0, 0])
  const lines = all.said().trim().split('\n')
  const kinds = lines.map((text) => (JSON.parse(text) as { kind: string }).kind)
  expect(kinds.filter((kind) => kind === 'call').length).toBe(
    kinds.filter((kind) => kind === 'result').length,
  )
  expect(all.said()).toContain('I am done')
  expect(people.said()).toContain('done · ')
  // Each line once, also those that were there before.
  expect(new Set(lines).size).toBe(lines.length)
}, 60_000)
