import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, it } from '@jest/globals'
import type { PromptContext, PromptStep } from '../../../../src/core/execute/prompts/context.ts'
import { renderPrompt } from '../../../../src/core/execute/prompts/render.ts'
import { example } from './example.ts'

const STEPS: PromptStep[] = [
  'implement',
  'fix-build',
  'fix-test',
  'review-test',
  'review-code',
  'review-perf',
  'fix-p0p1',
  'verify',
  'resolve-docs',
  'lead',
  'phase',
]
const bytes = (text: string): number => Buffer.byteLength(text)

async function rendered(context: PromptContext) {
  const prompt = await renderPrompt(context)
  if (!prompt.ok) throw new Error(prompt.error[0]?.message)
  return prompt.value
}
const bare = (step: PromptStep): PromptContext => ({
  step,
  run: 'r',
  phase: { id: '1', title: 'Set-up', text: '' },
  attempt: 1,
  nonce: 'abc',
})

describe('renderPrompt', () => {
  it.each(STEPS)('renders %s as in its golden file (UPDATE_GOLDEN=1 writes it)', async (step) => {
    const { system, user } = await rendered(example(step))
    const whole = `${system}\n<<< static above, variable below >>>\n\n${user}`
    const golden = new URL(`golden/${step}.md`, import.meta.url)
    if (process.env['UPDATE_GOLDEN'] === '1') await writeFile(golden, whole)
    expect(whole).toBe(await readFile(golden, 'utf8'))
  })

  it.each(STEPS)('keeps the static part of %s below 6 kB and the same for every call', async (step) => {
    const { system } = await rendered(example(step))
    expect(bytes(system)).toBeLessThanOrEqual(6_000)
    expect((await rendered(bare(step))).system).toBe(system)
  })

  it('gives the three fix passes one role and says in the task which it is', async () => {
    const [first, second, third] = await Promise.all(
      (['fix-p0p1', 'fix-p2', 'fix-p3'] as const).map((step) => rendered(example(step))),
    )
    expect(second?.system).toBe(first?.system)
    expect(third?.system).toBe(first?.system)
    expect(first?.user).toContain('Fix the P0 and P1 findings. None of them can be deferred. Run')
    expect(second?.user).toContain('Fix the P2 findings. Run')
    expect(third?.user).toContain('Fix the P3 findings where it is worth the change. Run')
  })

  it.each(STEPS)('accounts for every byte of %s', async (step) => {
    const { system, user, parts } = await rendered(example(step))
    expect(parts[0]).toEqual({ name: 'static', bytes: bytes(system) })
    expect(parts.reduce((sum, part) => sum + part.bytes, 0)).toBe(bytes(system) + bytes(user))
  })

  it('says nothing at all about what is not there', async () => {
    expect((await rendered(bare('implement'))).user).toBe(
      '# Phase 1: Set-up\n\n## Task\nImplement the whole phase. Run r, attempt 1.\nnonce: abc\n',
    )
  })

  it('ends with the nonce', async () => {
    for (const step of STEPS) expect((await rendered(example(step))).user).toMatch(/\nnonce: 3f9c2d71\n$/)
  })

  it('does not send a task again that the text of the phase holds', async () => {
    const text = '### Tasks\n1. Create the config in `src/config.ts`\n'
    const { user } = await rendered({
      ...bare('implement'),
      phase: { id: '1', title: 'Set-up', text },
      unit: {
        id: '1.1',
        title: 'Create the config',
        kind: 'task',
        files: ['src/config.ts'],
        text: '1. Create the config in `src/config.ts`',
      },
      criteria: [{ id: 'AC-1', text: 'Create the config' }],
    })
    expect(user.match(/src\/config\.ts/g)).toHaveLength(1)
    expect(user).toContain('## Your piece: task 1.1, Create the config\n')
    expect(user).not.toContain('AC-1')
  })

  it('does not send the phase again that the plan own instructions hold', async () => {
    const { user } = await rendered({
      ...bare('implement'),
      phase: { id: '1', title: 'Set-up', text: 'Only once, please.' },
      templates: { phasePrompt: 'Do this:\n{{ phase.text }}' },
    })
    expect(user.match(/Only once, please\./g)).toHaveLength(1)
  })

  it('lists a criterion with its text for the reviewer who has to judge it by id', async () => {
    const { user } = await rendered({
      ...bare('review-code'),
      phase: { id: '1', title: 'Set-up', text: '- starts in a second' },
      criteria: [{ id: 'AC-1', text: 'starts in a second' }],
    })
    expect(user).toContain('## Criteria to judge, each by its id\n```\nAC-1: starts in a second\n```')
  })

  it('names a criterion by the spec it comes from without its text again', async () => {
    const { user } = await rendered({
      ...bare('review-code'),
      phase: { id: '1', title: 'Set-up', text: '- AC-1: starts in a second' },
      criteria: [{ id: 'server/AC-1', text: 'starts in a second' }],
    })
    expect(user).toContain('## Criteria to judge, each by its id\nIn the text above: server/AC-1\n')
  })

  it('sends what a person asks for once', async () => {
    const person = 'Use Lax cookies.\nOur single sign-on needs it.'
    const one = {
      id: 'H1',
      from: 'person' as const,
      severity: 'P1' as const,
      file: 'plan/task_plan.md',
      line: 4,
    }
    const { user } = await rendered({
      ...bare('fix-p0p1'),
      findings: [{ ...one, title: 'Use Lax cookies.', detail: person }],
      person,
    })
    expect(user.match(/single sign-on/g)).toHaveLength(1)
    expect(user).toContain(`## A maintainer asks for this\n\`\`\`\n${person}\n\`\`\``)
  })

  it('keeps the end of a long log and says what was cut', async () => {
    const tail = Array.from({ length: 5_000 }, (_, i) => `line ${i}`).join('\n')
    const { user } = await rendered({
      ...bare('fix-test'),
      failing: { command: 'make test', outcome: 'exit 2', tail },
    })
    expect(user).toContain('line 4999\n```\nCut: these are the last 15999 of 48889 bytes.')
    expect(user).not.toContain('line 100\n')
  })

  it('says that a red command printed nothing', async () => {
    const { user } = await rendered({
      ...bare('fix-build'),
      failing: { command: 'make', outcome: 'killed by SIGKILL', tail: '' },
    })
    expect(user).toContain('## Red: killed by SIGKILL\n```sh\nmake\n```\n\nIt printed nothing.')
  })

  it('never leaves a finding out, however many there are', async () => {
    const findings = Array.from({ length: 1_500 }, (_, i) => ({
      id: `C${i + 1}`,
      from: 'review-code' as const,
      severity: 'P2' as const,
      file: `src/file-${i}.ts`,
      line: i + 1,
      title: 'A title of the usual length for a finding',
      detail: 'x'.repeat(5_000),
      recommendation: 'y'.repeat(5_000),
    }))
    const { user } = await rendered({ ...bare('fix-p2'), findings })
    for (const one of findings) expect(user).toContain(`{"id":"${one.id}",`)
    expect(bytes(user)).toBeLessThan(900_000)
    expect(user).toContain('Cut: texts are limited to 120 characters; read the code they point at.')
  })

  it('names the cheat sheets that had no room', async () => {
    const sheets = ['a', 'b', 'c', 'd', 'e'].map((tech) => ({ tech, text: `${tech}\n`.repeat(4_000) }))
    const { user, parts } = await rendered({ ...bare('implement'), sheets })
    expect(user).toMatch(/Cut: there was no room for (?:[b-e](?:, )?)+\./)
    expect(parts.find(({ name }) => name === 'sheets')?.bytes).toBeLessThan(25_000)
  })

  it('shows in a diff what is invisible and takes nothing away', async () => {
    const diff = '+<!-- kept -->\n+if (admin\u202e) {\n'
    const { user } = await rendered({ ...bare('review-code'), diff })
    expect(user).toContain('+<!-- kept -->\n+if (admin<U+202E>) {')
  })

  it('tells why an answer was refused', async () => {
    const { user } = await rendered({
      ...bare('review-code'),
      refused: [
        {
          message: 'The review of the code points at src/a.ts:9, but the file has 3 lines.',
          hint: 'Open the file.',
        },
      ],
    })
    expect(user).toContain(
      '## Your last answer was refused\n```\n- The review of the code points at src/a.ts:9, but the file has 3 lines. Open the file.\n```',
    )
  })
})
