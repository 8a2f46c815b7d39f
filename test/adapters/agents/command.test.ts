import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCommandAgent } from '../../../src/adapters/agents/command.ts'
import type { AgentActivity, AgentOutcome, AgentRequest } from '../../../src/core/ports.ts'
import { agentRequest } from '../../support/agent-request.ts'
import { FakeAgentRig } from '../../support/fake-agent.ts'

let root: string
let cwd: string
let tmp: string
let rig: FakeAgentRig
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'command-agent-'))
  cwd = join(root, 'work')
  tmp = join(root, 'tmp')
  mkdirSync(cwd)
  mkdirSync(tmp)
  rig = await FakeAgentRig.create()
})
afterEach(async () => {
  await rig.close()
  rmSync(root, { recursive: true, force: true })
})

const env = {
  PATH: process.env['PATH'],
  HOME: '/home/user',
  GITHUB_TOKEN: 'secret',
  ANTHROPIC_API_KEY: 'secret',
}
const agentOf = (command: string): ReturnType<typeof createCommandAgent> =>
  createCommandAgent(command, { env, tmpDir: tmp, cwd })

const run = (
  command: string,
  more: Partial<AgentRequest> = {},
  signal = new AbortController().signal,
  onActivity: (activity: AgentActivity) => void = () => {},
): Promise<AgentOutcome> => agentOf(command).run(agentRequest(cwd, more), signal, onActivity)

describe('what the agent is given', () => {
  it('is started in the working directory with the variables of the contract, and no secret', async () => {
    const running = run(rig.command, { unit: 'data model', attempt: 2, model: 'opus', phase: '3a' })
    const call = await rig.next()
    expect(call.cwd).toBe(cwd)
    const { ORCHESTRATE_ARTIFACT: artifact, ORCHESTRATE_SCHEMA: schema, ...rest } = call.env
    expect(rest).toMatchObject({
      HOME: '/home/user',
      ORCHESTRATE_RUN: 'run-1',
      ORCHESTRATE_PHASE: '3a',
      ORCHESTRATE_UNIT: 'data model',
      ORCHESTRATE_ATTEMPT: '2',
      ORCHESTRATE_STEP: 'implement',
      ORCHESTRATE_NONCE: 'nonce-1',
      ORCHESTRATE_MODEL: 'opus',
    })
    expect(Object.values(rest)).not.toContain('secret')
    expect(artifact?.startsWith(tmp)).toBe(true)
    expect(existsSync(artifact ?? '')).toBe(false)
    expect(schema?.startsWith(tmp)).toBe(true)
    expect(call.schema).toEqual({ type: 'object' })
    await call.finish()
    await running
  })

  it("takes a program with a relative path from the user's checkout, wherever the phase works", async () => {
    const mine = join(root, "it's mine")
    mkdirSync(join(mine, 'tools'), { recursive: true })
    writeFileSync(
      join(mine, 'tools', 'agent.sh'),
      '#!/bin/sh\ncat >/dev/null\nprintf \'{"nonce":"%s","summary":"%s"}\' "$ORCHESTRATE_NONCE" "$1 $PWD" >"$ORCHESTRATE_ARTIFACT"\n',
      { mode: 0o755 },
    )
    const agent = createCommandAgent('./tools/agent.sh "two words"', { env, tmpDir: tmp, cwd: mine })
    expect(await agent.preflight()).toEqual([])
    const ended = await agent.run(agentRequest(cwd), new AbortController().signal, () => {})
    expect(JSON.parse(ended.kind === 'completed' ? (ended.artifact ?? '') : '{}')).toMatchObject({
      summary: `two words ${cwd}`,
    })
  })

  it('reads both parts of the prompt on stdin, also a megabyte of it', async () => {
    const user = 'Größe\n'.repeat(150_000)
    const running = run(rig.command, { prompt: { system: 'Rules.', user } })
    const call = await rig.next()
    expect(call.prompt).toBe(`Rules.\n\n${user}`)
    await call.finish()
    expect((await running).kind).toBe('completed')
  })
})

describe('what comes back', () => {
  it('is the artifact, its cost, the changed files and the end of the output', async () => {
    const running = run(rig.command)
    const call = await rig.next()
    await call.write({ 'src/a.ts': 'export {}\n' })
    await call.print('working\n')
    const usage = { inputTokens: 10, outputTokens: 2, costUsd: 0.5 }
    await call.finish({ artifact: { summary: 'Wrote a.', usage } })
    const outcome = await running
    expect(outcome).toMatchObject({ kind: 'completed', usage, tail: 'working\n' })
    expect(JSON.parse(outcome.kind === 'completed' ? (outcome.artifact ?? '') : '')).toEqual({
      nonce: 'nonce-1',
      summary: 'Wrote a.',
      usage,
    })
    expect(readFileSync(join(cwd, 'src/a.ts'), 'utf8')).toBe('export {}\n')
  })

  it('is no artifact where none was written', async () => {
    expect(await run('true')).toMatchObject({ kind: 'completed', artifact: undefined, usage: {} })
  })

  it('is no cost where the artifact tells none that is valid', async () => {
    for (const text of ['not json', '{"usage":{"costUsd":-1}}', '{"usage":"much"}', '[]']) {
      expect(await run(`printf '%s' '${text}' > "$ORCHESTRATE_ARTIFACT"`)).toMatchObject({
        usage: {},
        artifact: text,
      })
    }
  })

  it('is a failure with the artifact where it ended with another code', async () => {
    const running = run(rig.command)
    await (await rig.next()).finish({ artifact: 'half', exit: 7 })
    expect(await running).toMatchObject({
      kind: 'failed',
      reason: 'crashed',
      message: expect.stringContaining('ended with exit code 7') as unknown,
      artifact: 'half',
    })
  })

  it('is a failure where it crashed', async () => {
    const running = run(`exec ${rig.command}`)
    await (await rig.next()).crash()
    expect(await running).toMatchObject({ kind: 'failed', reason: 'killed', artifact: undefined })
  })

  it('is no artifact where the file is a link, a pipe, a directory or too large', async () => {
    writeFileSync(join(root, 'secret'), 'secret')
    for (const make of [
      `ln -s ${join(root, 'secret')} "$ORCHESTRATE_ARTIFACT"`,
      'mkfifo "$ORCHESTRATE_ARTIFACT"',
      'mkdir "$ORCHESTRATE_ARTIFACT"',
      'head -c 5300000 /dev/zero > "$ORCHESTRATE_ARTIFACT"',
    ]) {
      expect(await run(make)).toMatchObject({ kind: 'completed', artifact: undefined })
    }
  })

  it('leaves no temporary files', async () => {
    await run('echo {} > "$ORCHESTRATE_ARTIFACT"')
    await run('exit 1')
    expect(readdirSync(tmp)).toEqual([])
  })

  it('tells lines of the output while the agent works, not all of a million', async () => {
    const seen: AgentActivity[] = []
    await run('echo first; yes | head -n 1000000', {}, new AbortController().signal, (activity) =>
      seen.push(activity),
    )
    // The transcript gets every line, and is bounded itself.
    const told = seen.filter(({ kind }) => kind !== 'output')
    expect(told[0]).toEqual({ kind: 'text', text: 'first' })
    expect(told.length).toBeLessThan(200)
  })
})

describe('an agent that does not end', () => {
  it('is ended when its time is over, with all that it started', async () => {
    const limits = { wallMs: 400, extraMs: 0, idleMs: 60_000 }
    const outcome = await run('setsid sleep 300 & sleep 300', { limits })
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'timeout' })
    expect(execFileSync('ps', ['axeww', '-o', 'command='], { encoding: 'utf8' })).not.toContain(cwd)
  })

  it('is ended when it does nothing', async () => {
    const limits = { wallMs: 60_000, extraMs: 0, idleMs: 300 }
    const running = run(rig.command, { limits })
    const call = await rig.next()
    await call.gone
    expect(await running).toMatchObject({ kind: 'failed', reason: 'idle' })
  })

  it('is ended when the run is cancelled, and says so', async () => {
    const cancel = new AbortController()
    const running = run(rig.command, {}, cancel.signal)
    await rig.next()
    cancel.abort()
    expect(await running).toMatchObject({
      kind: 'failed',
      reason: 'cancelled',
      message: expect.any(String) as unknown,
    })
  })
})

describe('before a run', () => {
  it('finds a command that is not there', async () => {
    expect(await agentOf('no-such-agent --fast').preflight()).toEqual([
      {
        reason: 'agent-not-found',
        message:
          'There is no program "no-such-agent", which the agent command starts with: no-such-agent --fast',
        hint: 'Check --agent-command (or agent_command in .github/orchestrate.yml): a program on PATH, or a path from the root of the repository.',
      },
    ])
  })

  it('is content with a command that is there', async () => {
    expect(await agentOf(rig.command).preflight()).toEqual([])
  })
})
