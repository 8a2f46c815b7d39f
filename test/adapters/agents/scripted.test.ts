import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { existsSync, mkdtempSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openAgent } from '../../../src/adapters/agents/run-agent.ts'
import { scriptedAdapter } from '../../../src/adapters/agents/scripted.ts'
import { checkArtifact } from '../../../src/core/execute/artifact.ts'
import type { PromptContext } from '../../../src/core/execute/prompts/context.ts'
import { renderPrompt } from '../../../src/core/execute/prompts/render.ts'
import type { Finding } from '../../../src/core/model/finding.ts'
import type { Agent, AgentOutcome, AgentRequest } from '../../../src/core/ports.ts'
import { agentRequest } from '../../support/agent-request.ts'
import { bundleScriptedProgram } from '../../support/scripted-program.ts'

let built: string
let program: string
beforeAll(async () => {
  built = mkdtempSync(join(tmpdir(), 'scripted-program-'))
  program = await bundleScriptedProgram(built)
})
afterAll(() => rmSync(built, { recursive: true, force: true }))

let root: string
let cwd: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'scripted-'))
  cwd = join(root, 'work')
  mkdirSync(cwd)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function agentOf(script: unknown): Agent {
  const file = join(root, 'scripted.json')
  writeFileSync(file, typeof script === 'string' ? script : JSON.stringify(script))
  const around = { env: { PATH: process.env['PATH'] }, tmpDir: root }
  const adapter = scriptedAdapter({ ...around, script: file, program, node: process.execPath })
  return openAgent(adapter, around, { baseUrl: undefined, apiKey: undefined })
}

async function play(steps: object[], more: Partial<AgentRequest> = {}): Promise<AgentOutcome> {
  const agent = agentOf({ steps })
  expect(await agent.preflight()).toEqual([])
  return agent.run(agentRequest(cwd, more), new AbortController().signal, () => {})
}

const artifactOf = (outcome: AgentOutcome): unknown => JSON.parse(outcome.artifact ?? 'null')
const text = (path: string): string => readFileSync(join(cwd, path), 'utf8')

async function prompted(more: Partial<PromptContext>): Promise<AgentRequest['prompt']> {
  const rendered = await renderPrompt({
    step: 'review-code',
    run: 'run-1',
    phase: { id: '1', title: 'Set-up', text: 'Do it.' },
    attempt: 1,
    nonce: 'nonce-1',
    ...more,
  })
  if (!rendered.ok) throw new Error('the prompt could not be rendered')
  return rendered.value
}

const finding = (id: string, title: string): Finding => ({
  id,
  from: 'review-code',
  severity: 'P1',
  file: 'a.txt',
  line: 1,
  title,
  detail: 'It has ``` in it.',
})

describe('edits', () => {
  it('writes, appends, replaces and deletes', async () => {
    writeFileSync(join(cwd, 'old.txt'), 'old')
    writeFileSync(join(cwd, 'log.txt'), 'one\n')
    const outcome = await play([
      {
        step: 'implement',
        edits: [
          { write: 'src/deep/new.txt', content: 'hello world' },
          { append: 'log.txt', content: 'two\n' },
          { replace: 'src/deep/new.txt', from: 'world', to: 'there' },
          { delete: 'old.txt' },
        ],
      },
    ])
    expect(outcome.kind).toBe('completed')
    expect([text('src/deep/new.txt'), text('log.txt')]).toEqual(['hello there', 'one\ntwo\n'])
    expect(existsSync(join(cwd, 'old.txt'))).toBe(false)
  })

  it.each([
    ['../outside.txt', '../outside.txt lies outside the working directory'],
    ['/etc/outside.txt', '/etc/outside.txt lies outside the working directory'],
    ['link/outside.txt', 'link/outside.txt lies outside the working directory'],
  ])('does not write %s', async (path, message) => {
    symlinkSync(root, join(cwd, 'link'))
    const outcome = await play([{ step: 'implement', edits: [{ write: path, content: 'x' }] }])
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'crashed', tail: `scripted agent: ${message}\n` })
    expect(existsSync(join(root, 'outside.txt'))).toBe(false)
  })

  it('says which text it did not find', async () => {
    writeFileSync(join(cwd, 'a.txt'), 'a')
    const outcome = await play([{ step: 'implement', edits: [{ replace: 'a.txt', from: 'b', to: 'c' }] }])
    expect(outcome.tail).toBe('scripted agent: a.txt does not contain the text to replace: b\n')
  })
})

describe('which entry is played', () => {
  const steps = [
    { step: 'implement', phase: '2', summary: 'phase 2' },
    { step: 'implement', unit: '1.2', summary: 'unit 1.2' },
    { step: 'implement', attempt: 2, summary: 'second attempt' },
    { step: 'implement', when: { file: 'a.txt', contains: 'mended' }, summary: 'mended' },
    { step: 'implement', when: { file: 'a.txt', lacks: 'mended' }, summary: 'not mended' },
    { step: 'implement', when: { file: 'a.txt', exists: false }, summary: 'no file' },
  ]

  it.each<[string, Partial<AgentRequest>, string | undefined]>([
    ['phase 2', { phase: '2' }, undefined],
    ['unit 1.2', { unit: '1.2' }, undefined],
    ['second attempt', { attempt: 2 }, undefined],
    ['mended', {}, 'it is mended'],
    ['not mended', {}, 'broken'],
    ['no file', {}, undefined],
  ])('%s', async (summary, more, file) => {
    if (file !== undefined) writeFileSync(join(cwd, 'a.txt'), file)
    expect(artifactOf(await play(steps, more))).toMatchObject({ nonce: 'nonce-1', summary })
  })

  it('fails clearly where the script has none', async () => {
    const outcome = await play([{ step: 'implement', phase: '1' }], { phase: '2', unit: '2.1' })
    expect(outcome.tail).toBe(
      'scripted agent: the script has no entry for phase 2, step implement, unit 2.1 (attempt 1) that fits the working directory\n',
    )
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'crashed' })
  })
})

describe('answers', () => {
  const nothing = [{ step: 'implement' }]

  it('judges every criterion met in a review that the script does not name', async () => {
    const prompt = await prompted({
      phase: { id: '1', title: 'Set-up', text: '- AC-1: The header is written.' },
      criteria: [
        { id: 'AC-1', text: 'The header is written.' },
        { id: 'REQ-2', text: 'Reads: a file.' },
      ],
    })
    const outcome = await play(nothing, { step: 'review-code', access: 'read-only', prompt })
    const checked = checkArtifact('review-code', outcome.artifact, { nonce: 'nonce-1', attempt: 1 })
    expect(checked.ok && checked.value).toMatchObject({
      findings: [],
      criteria: [
        { id: 'AC-1', met: true },
        { id: 'REQ-2', met: true },
      ],
    })
  })

  it('reports the findings of the script, and a criterion as the script judges it', async () => {
    const reported = { severity: 'P0', file: 'a.txt', line: 1, title: 'Broken', detail: 'It is.' }
    const prompt = await prompted({ criteria: [{ id: 'AC-1', text: 'Good.' }] })
    const outcome = await play(
      [
        {
          step: 'review-code',
          findings: [reported],
          criteria: [{ id: 'AC-1', met: false, evidence: 'a.txt:1' }],
        },
      ],
      { step: 'review-code', prompt },
    )
    expect(artifactOf(outcome)).toMatchObject({
      findings: [reported],
      criteria: [{ id: 'AC-1', met: false, evidence: 'a.txt:1' }],
    })
  })

  it('names findings by their title, and fixes those that the script does not name', async () => {
    const prompt = await prompted({
      step: 'fix-p0p1',
      findings: [finding('C1', 'Broken'), finding('T2', 'Untested')],
    })
    const outcome = await play(
      [
        {
          step: 'fix-p0p1',
          dispositions: [{ finding: 'Broken', disposition: 'refuted', note: 'It is not.' }],
        },
      ],
      { step: 'fix-p0p1', prompt },
    )
    const checked = checkArtifact('fix-p0p1', outcome.artifact, { nonce: 'nonce-1', attempt: 1 })
    expect(checked.ok && checked.value.dispositions).toEqual([
      { finding: 'C1', disposition: 'refuted', note: 'It is not.' },
      { finding: 'T2', disposition: 'fixed', note: 'as the script says' },
    ])
  })

  it('reopens a finding by its title', async () => {
    const prompt = await prompted({
      step: 'verify',
      findings: [{ ...finding('C1', 'Broken'), disposition: 'fixed', note: 'done' }],
      diff: 'a diff',
    })
    const outcome = await play([{ step: 'verify', reopened: ['Broken'] }], { step: 'verify', prompt })
    expect(artifactOf(outcome)).toMatchObject({ reopened: ['C1'], findings: [] })
  })

  it('ends, prints, costs and writes what the script says', async () => {
    const outcome = await play([
      { step: 'implement', output: 'hello\n', exit: 4, usage: { costUsd: 0.25 }, decisions: ['Tabs.'] },
    ])
    expect(outcome).toMatchObject({
      kind: 'failed',
      reason: 'crashed',
      tail: 'hello\n',
      usage: { costUsd: 0.25 },
    })
    expect(artifactOf(outcome)).toMatchObject({ decisions: ['Tabs.'] })
    expect((await play([{ step: 'implement', artifact: false }])).artifact).toBeUndefined()
    expect((await play([{ step: 'implement', artifact: 'garbage' }])).artifact).toBe('garbage')
  })
})

describe('a script that is wrong', () => {
  it('is told with every place, before a run', async () => {
    const failures = await agentOf({
      steps: [
        { step: 'implement', edits: [{ write: 'a' }] },
        { step: 'review', colour: 'red' },
      ],
    }).preflight()
    expect(failures.map((one) => one.reason)).toEqual(failures.map(() => 'agent-not-available'))
    expect(failures.map((one) => one.message.slice((one.file?.length ?? 0) + 2))).toEqual([
      'steps[0].edits[0].content is missing; it takes a text.',
      'steps[1].step is "review"; it takes one of implement, fix-build, fix-test, review-test, review-code, review-perf, fix-p0p1, fix-p2, fix-p3, verify, resolve-docs, plan-review, research, lead and phase.',
      'steps[1] holds "colour", which is not known there.',
    ])
  })

  it('is told where it is no JSON or not there', async () => {
    expect(await agentOf('{').preflight()).toMatchObject([{ reason: 'agent-not-available' }])
    const agent = agentOf({ steps: [] })
    rmSync(join(root, 'scripted.json'))
    expect(await agent.preflight()).toMatchObject([
      {
        message: expect.stringContaining('has no script') as unknown,
        hint: expect.stringContaining('scripted.json') as unknown,
      },
    ])
  })
})
