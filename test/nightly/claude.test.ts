import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClaudeAgent } from '../../src/adapters/agents/claude.ts'
import { WORKER_AGENTS } from '../../src/core/execute/prompts/team.ts'
import { artifactSchema } from '../../src/core/execute/schemas.ts'
import { checkArtifact } from '../../src/core/execute/artifact.ts'
import type { Agent, AgentActivity, AgentOutcome, AgentRequest } from '../../src/core/ports.ts'
import { agentRequest } from '../support/agent-request.ts'
import { startScriptedModel, type ModelAnswer, type ModelTurn } from '../support/scripted-model.ts'
import { installedAgent } from '../support/installed-agent.ts'

let binary: string
beforeAll(() => {
  binary = installedAgent('claude')
}, 300_000)

let root: string
let cwd: string
let model: Awaited<ReturnType<typeof startScriptedModel>>
let answer: (turn: ModelTurn) => ModelAnswer
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'claude-agent-'))
  cwd = join(root, 'work')
  mkdirSync(cwd)
  mkdirSync(join(root, 'tmp'))
  model = await startScriptedModel((turn) => answer(turn))
})
afterEach(async () => {
  await model.close()
  rmSync(root, { recursive: true, force: true })
})

const agent = (maxRetries = 0): Agent =>
  createClaudeAgent({
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], GITHUB_TOKEN: 'secret-of-ours' },
    tmpDir: join(root, 'tmp'),
    apiKey: 'no-real-key',
    baseUrl: model.url,
    binary,
    maxRetries,
  })

function run(
  more: Partial<AgentRequest> = {},
  onActivity: (activity: AgentActivity) => void = () => {},
  maxRetries = 0,
): Promise<AgentOutcome> {
  const step = more.step ?? 'implement'
  const request = agentRequest(cwd, { step, model: 'sonnet', schema: artifactSchema(step), ...more })
  return agent(maxRetries).run(request, new AbortController().signal, onActivity)
}

const answering = (input: object): Extract<ModelAnswer, { tools?: object }> => ({
  tools: [{ name: 'StructuredOutput', input }],
})
const files = (): string[] => readdirSync(cwd).sort()

describe('an implementer', () => {
  it('writes files, runs commands without our secrets, and answers by the schema', async () => {
    answer = ({ turn }) =>
      turn === 0
        ? {
            tools: [
              { name: 'Write', input: { file_path: join(cwd, 'a.txt'), content: 'hello\n' } },
              { name: 'Bash', input: { command: 'env > env.txt' } },
              { name: 'Write', input: { file_path: join(root, 'outside.txt'), content: 'x' } },
            ],
            tokens: { input: 1000, output: 50 },
          }
        : { ...answering({ nonce: 'nonce-1', summary: 'Wrote a.' }), tokens: { input: 2000, output: 10 } }
    const seen: AgentActivity[] = []
    const outcome = await run({}, (activity) => seen.push(activity))
    expect(outcome).toMatchObject({ kind: 'completed', usage: { inputTokens: 3000, outputTokens: 60 } })
    expect(outcome.usage.costUsd).toBeGreaterThan(0)
    expect(checkArtifact('implement', outcome.artifact, { nonce: 'nonce-1', attempt: 1 })).toEqual({
      ok: true,
      value: { nonce: 'nonce-1', summary: 'Wrote a.' },
    })
    expect(files()).toEqual(['a.txt', 'env.txt'])
    expect(existsSync(join(root, 'outside.txt'))).toBe(false)
    const env = readFileSync(join(cwd, 'env.txt'), 'utf8')
    expect(env).toContain('ORCHESTRATE_RUN=run-1')
    expect(env).not.toContain('secret-of-ours')
    expect(seen).toContainEqual({ kind: 'tool', tool: 'Write', target: join(cwd, 'a.txt') })
    expect(seen).toContainEqual({ kind: 'text', text: 'may not use Write for that' })
    expect(model.requests()).toHaveLength(2)
    expect(readdirSync(join(root, 'tmp'))).toEqual([])
  })

  it('takes a prompt of a megabyte', async () => {
    answer = () => answering({ nonce: 'nonce-1', summary: 'Read it.' })
    const user = 'word '.repeat(200_000)
    expect((await run({ prompt: { system: 'Rules. '.repeat(20_000), user } })).kind).toBe('completed')
    expect(model.requests()[0]?.user.trim()).toBe(user.trim())
  })

  it('is configured by nothing in the checkout', async () => {
    mkdirSync(join(cwd, '.claude'))
    const hook = { hooks: [{ type: 'command', command: 'touch hooked' }] }
    writeFileSync(
      join(cwd, '.claude/settings.json'),
      JSON.stringify({ hooks: { SessionStart: [hook], PreToolUse: [{ matcher: '*', ...hook }] } }),
    )
    writeFileSync(
      join(cwd, '.mcp.json'),
      JSON.stringify({ mcpServers: { x: { command: 'touch', args: ['served'] } } }),
    )
    for (const name of ['CLAUDE.md', 'AGENTS.md'])
      writeFileSync(join(cwd, name), 'INSTRUCTIONS-OF-THE-CHECKOUT')
    const before = files()
    answer = ({ turn }) =>
      turn === 0
        ? { tools: [{ name: 'Bash', input: { command: 'ls' } }] }
        : answering({ nonce: 'nonce-1', summary: 'Looked.' })
    expect((await run()).kind).toBe('completed')
    expect(files()).toEqual(before)
    const [first] = model.requests()
    expect(`${first?.system}${first?.user}`).not.toContain('INSTRUCTIONS-OF-THE-CHECKOUT')
    expect(first?.user).toBe('Write a file.')
  })
})

describe('a lead', () => {
  it('has workers do the pieces at one time, waits for them, and says which are done', async () => {
    const begun = new Set<string>()
    let together = false
    const pieceOf = (text: string): string => /piece (\w+)/.exec(text)?.[1] ?? ''
    answer = ({ turn, user, tools, result }) => {
      const isLead = tools.includes('Agent')
      if (isLead && turn === 0)
        return {
          tools: ['a', 'b'].map((name) => ({
            name: 'Agent',
            input: { description: `do ${name}`, subagent_type: 'worker', prompt: `Do piece ${name}.` },
          })),
        }
      if (isLead)
        return answering({
          nonce: 'nonce-1',
          summary: 'Both done.',
          units: ['a', 'b'].map((unit) => ({ unit, state: 'done', files: [`${unit}.txt`] })),
          log: [
            'a and b begun at one time',
            result.includes('Wrote') ? 'both came back' : 'nothing came back',
          ],
        })
      const piece = pieceOf(user)
      if (turn === 0) {
        begun.add(piece)
        return { tools: [{ name: 'Bash', input: { command: `echo ${piece} > ${piece}.txt` } }] }
      }
      together ||= begun.size === 2
      return { text: `Wrote ${piece}.txt.` }
    }
    const outcome = await run({ step: 'lead', unit: '', workers: WORKER_AGENTS })
    expect(outcome.kind).toBe('completed')
    const artifact = checkArtifact('lead', outcome.artifact, { nonce: 'nonce-1', attempt: 1 })
    expect(artifact).toMatchObject({
      value: {
        units: [{ unit: 'a', state: 'done' }, { unit: 'b' }],
        log: ['a and b begun at one time', 'both came back'],
      },
    })
    expect(files()).toEqual(['a.txt', 'b.txt'])
    expect(together).toBe(true)
    const workers = model.requests().filter(({ tools }) => !tools.includes('Agent'))
    expect(workers).toHaveLength(4)
    for (const { system, tools } of workers) {
      expect(system).toContain('You do one piece of a plan')
      expect(tools).toEqual(expect.arrayContaining(['Read', 'Edit', 'Write', 'Bash']))
    }
  })
})

describe('a reviewer', () => {
  const review = { step: 'review-code', access: 'read-only', unit: '' } as const

  it('has no tool that writes and hands its findings in', async () => {
    const finding = { severity: 'P1', file: 'a.txt', line: 1, title: 'Wrong', detail: 'It is.' }
    answer = () => answering({ nonce: 'nonce-1', summary: 'Read it.', findings: [finding] })
    const outcome = await run(review)
    const checked = checkArtifact('review-code', outcome.artifact, { nonce: 'nonce-1', attempt: 1 })
    expect(checked.ok && checked.value.findings).toEqual([finding])
    const tools = model.requests()[0]?.tools ?? []
    expect(tools).toEqual(expect.arrayContaining(['Glob', 'Grep', 'Read', 'StructuredOutput']))
    expect(tools.filter((tool) => /write|edit|bash|task|agent|web/i.test(tool))).toEqual([])
  })

  it('gets an answer that does not fit the schema back, and may mend it', async () => {
    answer = ({ turn }) =>
      answering(turn === 0 ? { nonce: 'nonce-1' } : { nonce: 'nonce-1', summary: 'Now right.', findings: [] })
    expect((await run(review)).artifact).toBe('{"nonce":"nonce-1","summary":"Now right.","findings":[]}')
    expect(model.requests()).toHaveLength(2)
  })

  it('hands nothing in where the model never answers by the schema', async () => {
    answer = () => ({ text: 'Looks good to me.' })
    expect((await run(review)).artifact).toBeUndefined()
  })

  it('sends the same prefix whatever it reviews', async () => {
    answer = () => answering({ nonce: 'nonce-1', summary: 'Read it.', findings: [] })
    await run(review)
    await run({
      ...review,
      phase: '7',
      attempt: 2,
      prompt: { system: 'You implement.', user: 'Something else.' },
    })
    const [first, second] = model.requests()
    expect(second?.system).toBe(first?.system)
    expect(second?.tools).toEqual(first?.tools)
    expect(second?.user).not.toBe(first?.user)
  })
})

describe('what goes wrong', () => {
  it('is told as a failure of the API', async () => {
    answer = () => ({ status: 401, message: 'bad key' })
    expect(await run()).toMatchObject({
      kind: 'failed',
      reason: 'auth',
      message: expect.stringContaining('status 401') as unknown,
      artifact: undefined,
    })
  })

  it('is tried again, and told so', async () => {
    let calls = 0
    answer = () =>
      (calls += 1) === 1
        ? { status: 529, message: 'overloaded' }
        : answering({ nonce: 'nonce-1', summary: 'At last.' })
    const seen: AgentActivity[] = []
    expect((await run({}, (activity) => seen.push(activity), 1)).kind).toBe('completed')
    expect(seen).toContainEqual({ kind: 'retry', attempt: 1, delayMs: expect.any(Number), status: 529 })
  })

  it('is ended when the answer stalls, and what it cost before is known', async () => {
    answer = ({ turn }) =>
      turn === 0
        ? { tools: [{ name: 'Bash', input: { command: 'true' } }], tokens: { input: 1000, output: 50 } }
        : 'stall'
    const outcome = await run({ limits: { wallMs: 60_000, extraMs: 0, idleMs: 2_500 } })
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'idle' })
    expect(outcome.usage.inputTokens).toBeGreaterThanOrEqual(1000)
    expect(outcome.usage.costUsd).toBeGreaterThan(0)
  })

  it('is ended with the commands that it runs', async () => {
    answer = () => ({ tools: [{ name: 'Bash', input: { command: 'setsid sleep 321 & sleep 322' } }] })
    const outcome = await run({ limits: { wallMs: 4_000, extraMs: 0, idleMs: 60_000 } })
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'timeout' })
    const commands = execFileSync('ps', ['axww', '-o', 'command='], { encoding: 'utf8' }).split('\n')
    expect(commands.filter((command) => /^sleep 32[12]$/.test(command))).toEqual([])
  })

  it('is ended by its budget', async () => {
    answer = ({ turn }) => ({
      tools: [{ name: 'Bash', input: { command: `echo ${turn}` } }],
      tokens: { input: 1_000_000, output: 1000 },
    })
    const outcome = await run({
      limits: { wallMs: 60_000, extraMs: 0, idleMs: 60_000, budgets: { step: 0.5 } },
    })
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'over-budget' })
    expect(outcome.usage.costUsd).toBeGreaterThan(0.5)
  })
})

describe('before a run', () => {
  it('is content with the program and a key', async () => {
    expect(await agent().preflight()).toEqual([])
  })
})
