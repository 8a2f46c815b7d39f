import { beforeAll, describe, expect, it } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createClaudeAgent } from '../../src/adapters/agents/claude.ts'
import { askedIn } from '../../src/adapters/agents/scripted/prompt.ts'
import { phaseRef, readPhaseEvent } from '../../src/core/execute/phase-book.ts'
import type { PhaseEvent, StepPassed } from '../../src/core/model/event.ts'
import { phaseId } from '../../src/core/model/ids.ts'
import { addUsage, type AgentStep, type Usage } from '../../src/core/model/step.ts'
import type { Ended, RunView } from '../../src/core/pipeline-types.ts'
import { afterThisTest, tempDir, testEnv } from '../support/git.ts'
import { specPlan, workflow } from '../support/plans.ts'
import { type Recorded, startRecordingProxy } from '../support/recording-proxy.ts'
import { runRig, type RunRig } from '../support/run-rig.ts'
import { startScriptedModel, type ModelAnswer, type ModelTurn } from '../support/scripted-model.ts'
import { installedAgent } from '../support/installed-agent.ts'

const KEY = 'sk-no-real-key-4f1d9c'

let binary: string
beforeAll(() => {
  binary = installedAgent('claude')
}, 300_000)

/** `add` subtracts, which its test does not see: that is the P1. `double` could do without its loop: the P3. */
const FILES: Record<string, Record<string, string>> = {
  alpha: {
    'src/alpha.mjs': 'export const add = (a, b) => a - b\n',
    'test/alpha.test.mjs': `import assert from 'node:assert/strict'
import test from 'node:test'
import { add } from '../src/alpha.mjs'
test('adds nothing', () => assert.equal(add(2, 0), 2))
`,
  },
  beta: {
    'src/beta.mjs': 'export const double = (a) => [a, a].reduce((sum, one) => sum + one)\n',
    'test/beta.test.mjs': `import assert from 'node:assert/strict'
import test from 'node:test'
import { double } from '../src/beta.mjs'
test('doubles', () => assert.equal(double(4), 8))
`,
  },
}
const FIXES: Record<string, { file: string; from: string; to: string }> = {
  'fix-p0p1': { file: 'src/alpha.mjs', from: 'a - b', to: 'a + b' },
  'fix-p3': { file: 'src/beta.mjs', from: '[a, a].reduce((sum, one) => sum + one)', to: 'a + a' },
}
const FINDINGS: Record<string, object[]> = {
  'review-code': [
    {
      severity: 'P1',
      file: 'src/alpha.mjs',
      line: 1,
      title: 'add subtracts',
      detail: 'add(1, 1) is 0.',
      recommendation: 'Add.',
    },
  ],
  'review-perf': [
    {
      severity: 'P3',
      file: 'src/beta.mjs',
      line: 1,
      title: 'double makes a list',
      detail: 'It is made for two numbers.',
      recommendation: 'Add them.',
    },
  ],
}

/** What a call is to do stands in its task; see TASKS in core/execute/prompts/render.ts. */
const STEPS: [RegExp, AgentStep][] = [
  [/^Implement the piece\./m, 'implement'],
  [/^Review the tests\./m, 'review-test'],
  [/^Review the code\./m, 'review-code'],
  [/^Review the performance\./m, 'review-perf'],
  [/^Fix the P0 and P1 findings\./m, 'fix-p0p1'],
  [/^Fix the P3 findings /m, 'fix-p3'],
  [/^Verify the fixes\./m, 'verify'],
]
function stepOf(prompt: string): AgentStep {
  const step = STEPS.find(([task]) => task.test(prompt))?.[1]
  if (step === undefined) throw new Error(`no known task in: ${prompt.slice(-300)}`)
  return step
}

/** Each kind of call uses another number of tokens, so that a figure that is counted twice or not at all shows. */
const TOKENS: Partial<Record<AgentStep, { input: number; output: number }>> = {
  implement: { input: 1_000, output: 100 },
  'review-test': { input: 2_001, output: 11 },
  'review-code': { input: 2_010, output: 12 },
  'review-perf': { input: 2_100, output: 13 },
  'fix-p0p1': { input: 4_003, output: 230 },
  'fix-p3': { input: 4_030, output: 170 },
  verify: { input: 8_000, output: 7 },
}

/** A model that works as agents do: looks where it is, reads, writes, answers by the schema. */
function answer(turn: ModelTurn): ModelAnswer {
  const { user } = turn
  const step = stepOf(user)
  const tokens = TOKENS[step] ?? { input: 1, output: 1 }
  return { tools: [toolOf(step, turn)], tokens }
}

function toolOf(step: AgentStep, { turn, user, result }: ModelTurn): { name: string; input: object } {
  const nonce = /^nonce: (\S+)$/m.exec(user)?.[1] ?? ''
  const done = (fields: object) => ({
    name: 'StructuredOutput',
    input: { nonce, summary: `Did ${step}.`, ...fields },
  })
  if (step === 'implement') {
    const unit = /^## Your piece: spec (\w+)/m.exec(user)?.[1] ?? ''
    const [first, second] = Object.entries(FILES[unit] ?? {})
    if (turn === 0) return { name: 'Bash', input: { command: 'mkdir -p src test && pwd' } }
    if (turn === 1)
      return { name: 'Write', input: { file_path: `${result.trim()}/${first?.[0]}`, content: first?.[1] } }
    if (turn === 2) {
      const path = /\/\S.*\.mjs/.exec(result)?.[0].replace(first?.[0] ?? '', second?.[0] ?? '')
      return { name: 'Write', input: { file_path: path, content: second?.[1] } }
    }
    return done({ decisions: [`${unit} is a module without dependencies`] })
  }
  const fix = FIXES[step]
  if (fix) {
    if (turn === 0) return { name: 'Bash', input: { command: `realpath ${fix.file}` } }
    const path = /\/.*\.mjs/.exec(result)?.[0] ?? ''
    if (turn === 1) return { name: 'Read', input: { file_path: path } }
    if (turn === 2) return { name: 'Bash', input: { command: `realpath ${fix.file}` } }
    if (turn === 3)
      return { name: 'Edit', input: { file_path: path, old_string: fix.from, new_string: fix.to } }
    const said = { disposition: 'fixed', note: `${fix.file}:1` }
    return done({ dispositions: askedIn(user).findings.map(({ id }) => ({ finding: id, ...said })) })
  }
  if (turn === 0) return { name: 'Grep', input: { pattern: 'export', output_mode: 'content' } }
  if (step === 'verify') return done({ findings: [], reopened: [] })
  const criteria = askedIn(user).criteria.map((id) => ({ id, met: true, evidence: 'src/alpha.mjs:1' }))
  return done({ findings: FINDINGS[step] ?? [], criteria })
}

/** Tools of a reviewer. The placeholder is Claude Code's own and cannot be called. */
const HARMLESS = new Set(['Glob', 'Grep', 'Read', 'StructuredOutput', 'DeferredToolPlaceholder'])

interface Body {
  system: unknown
  tools: { name: string }[]
  messages: { role: string; content: string | { type: string; text?: string }[] }[]
}

/** What was asked of the model, by step, as it came over the wire. */
function conversations(journal: readonly Recorded[]): Map<AgentStep, Body[]> {
  const found = new Map<AgentStep, Body[]>()
  for (const { path, body } of journal) {
    if (!path.startsWith('/v1/messages')) continue
    const parsed = JSON.parse(body) as Body
    const [first] = parsed.messages
    const text = typeof first?.content === 'string' ? first.content : first?.content.map((part) => part.text)
    const step = stepOf(String(text))
    found.set(step, [...(found.get(step) ?? []), parsed])
  }
  return found
}

describe('a phase of two specs, by the real Claude Code', () => {
  let rig: RunRig
  let ended: Ended
  let journal: readonly Recorded[]
  let view: RunView
  let events: PhaseEvent[]

  /** One run for what is looked at below: it takes nine agent processes. */
  async function runOnce(): Promise<void> {
    const model = await startScriptedModel(answer)
    const proxy = await startRecordingProxy(model.url)
    afterThisTest(async () => {
      await proxy.close()
      await model.close()
    })
    const home = tempDir()
    mkdirSync(join(home, 'tmp'))
    rig = await runRig({
      plan: {
        ...specPlan(
          ['alpha', 'beta'].map((name) => ({
            name,
            phase: 1,
            sprint: 1,
            files: Object.keys(FILES[name] ?? {}),
          })),
        ),
        'workflow.md': workflow({
          build: 'node --check src/alpha.mjs && node --check src/beta.mjs',
          test: 'node --test',
        }),
      },
      config: { agent: 'claude', model: 'sonnet' },
      otherAgent: createClaudeAgent({
        env: { ...testEnv(), GITHUB_TOKEN: 'secret-of-ours' },
        tmpDir: join(home, 'tmp'),
        apiKey: KEY,
        baseUrl: proxy.url,
        binary,
        maxRetries: 0,
      }),
      workspacesRoot: join(home, 'worktrees'),
    })
    ended = await rig.run()
    journal = proxy.journal
    expect(ended.failures).toEqual([])
    view = await rig.view()
    const ports = await rig.ports()
    const chain = await ports.ledger.read(phaseRef(view.run, phaseId('1'), 1))
    if (!chain.ok) throw new Error(chain.error.map((f) => f.message).join('\n'))
    events = chain.value.entries.map((entry) => {
      const event = readPhaseEvent(entry)
      if (!event.ok) throw new Error(event.error.message)
      return event.value
    })
  }

  it('goes through every gate, is paid for once, and leaks nothing', async () => {
    await runOnce()
    expect(ended.failures).toEqual([])
    expect(journal.filter(({ status }) => status >= 400)).toEqual([])
    merged()
    found()
    paid()
    asked()
    leaksNothing()
    await expect(rig.verify()).resolves.toMatchObject({ phases: 1 })
  }, 300_000)

  function merged(): void {
    const { repo } = rig
    expect(repo.git('log', '-1', '--format=%s', 'main')).toBe('Merge orchestrate phase 1: alpha, beta')
    const subjects = repo.git('log', '--format=%s', 'main^1..main^2').split('\n')
    expect(subjects.slice(0, 2)).toEqual([
      'orchestrate(phase-1): fix P3 findings',
      'orchestrate(phase-1): fix P0+P1 findings',
    ])
    expect(subjects.slice(2).sort()).toEqual([
      'orchestrate(phase-1/sprint-1): alpha — Makes alpha work.',
      'orchestrate(phase-1/sprint-1): beta — Makes beta work.',
    ])
    expect(repo.git('show', 'main:src/alpha.mjs')).toBe('export const add = (a, b) => a + b')
    expect(repo.git('show', 'main:src/beta.mjs')).toBe('export const double = (a) => a + a')
    expect(repo.git('worktree', 'list').split('\n')).toHaveLength(1)
    expect(repo.git('status', '--porcelain')).toBe('')
  }

  function found(): void {
    const result = rig.result('1')
    expect(result).toMatchObject({
      status: 'completed',
      verdict: 'clean',
      build: { status: 'pass' },
      tests: { status: 'pass', counts: { passed: 2, failed: 0 } },
      reviews: { code: { P0: 0, P1: 1, P2: 0, P3: 0 }, perf: { P3: 1 }, test: { P0: 0, P1: 0 } },
      criteria: { unmet: [], notJudged: [] },
      deferred: [],
    })
    expect(result?.fixesApplied.map(({ severity, title }) => `${severity} ${title}`)).toEqual([
      'P1 add subtracts',
      'P3 double makes a list',
    ])
    expect(result?.decisions.toSorted()).toEqual([
      'alpha is a module without dependencies',
      'beta is a module without dependencies',
    ])
  }

  function paid(): void {
    const steps = events.filter((event): event is StepPassed => event.type === 'step-passed')
    expect(steps.map(({ step }) => step).toSorted()).toEqual(
      [
        'fix-p0p1',
        'fix-p3',
        'implement',
        'implement',
        'review-code',
        'review-perf',
        'review-test',
        'verify',
      ].toSorted(),
    )
    const turns = conversations(journal)
    for (const { step, usage } of steps) {
      const { input, output } = TOKENS[step] ?? { input: 0, output: 0 }
      const calls = (turns.get(step)?.length ?? 0) / steps.filter((one) => one.step === step).length
      expect([step, usage.inputTokens, usage.outputTokens]).toEqual([step, input * calls, output * calls])
      expect(usage.costUsd).toBeGreaterThan(0)
    }
    const sum = steps.reduce<Usage>((all, { usage }) => addUsage(all, usage), {})
    for (const usage of [rig.result('1')?.usage, view.phases[0]?.result?.usage, view.usage]) {
      expect({ ...usage, costUsd: 0 }).toEqual({ ...sum, costUsd: 0 })
      expect(usage?.costUsd).toBeCloseTo(sum.costUsd ?? 0, 10)
    }
  }

  function asked(): void {
    const turns = conversations(journal)
    for (const step of ['review-test', 'review-code', 'review-perf', 'verify'] as const) {
      for (const { tools } of turns.get(step) ?? []) {
        const names = tools.map(({ name }) => name)
        expect(names).toEqual(expect.arrayContaining(['Glob', 'Grep', 'Read', 'StructuredOutput']))
        expect([step, ...names.filter((name) => !HARMLESS.has(name))]).toEqual([step])
      }
    }
    const roles: AgentStep[][] = [
      ['implement'],
      ['review-test'],
      ['review-code'],
      ['review-perf'],
      ['fix-p0p1', 'fix-p3'],
      ['verify'],
    ]
    for (const role of roles) {
      const bodies = role.flatMap((step) => turns.get(step) ?? [])
      const prefixes = new Set(bodies.map(({ system, tools }) => JSON.stringify([system, tools])))
      expect([role, bodies.length > 1, prefixes.size]).toEqual([role, true, 1])
    }
  }

  function leaksNothing(): void {
    expect(journal.some(({ headers }) => headers['x-api-key'] === KEY)).toBe(true)
    for (const { body } of journal)
      for (const secret of [KEY, 'secret-of-ours']) expect(body).not.toContain(secret)
    // Commits, trees, files, ledger: everything that git holds, whether a ref names it or not.
    const objects = execFileSync('git', ['cat-file', '--batch-all-objects', '--batch', '--unordered'], {
      cwd: rig.repo.path,
      env: testEnv(),
      maxBuffer: 100 * 1024 * 1024,
    })
    expect(objects.includes('export const add')).toBe(true)
    for (const secret of [KEY, 'secret-of-ours']) expect(objects.includes(secret)).toBe(false)
    expect(JSON.stringify([rig.events, view])).not.toContain(KEY)
  }
})
