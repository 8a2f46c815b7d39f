/** Limits of the code host, and text of others in what we write there. */
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Nodes } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { toString } from 'mdast-util-to-string'
import { gfm } from 'micromark-extension-gfm'
import { visit } from 'unist-util-visit'
import { parseCommands } from '../../../src/core/gate/command.ts'
import type { Diagnostic } from '../../../src/core/model/diagnostic.ts'
import { failure } from '../../../src/core/model/failure.ts'
import { phaseId } from '../../../src/core/model/ids.ts'
import type { RunView } from '../../../src/core/pipeline-types.ts'
import type { PhaseAssignment } from '../../../src/core/report/assignments.ts'
import type { ExecutionPlan } from '../../../src/core/report/execution-plan.ts'
import { phaseCheckOf } from '../../../src/core/report/forge-phase-check.ts'
import { gateCheck } from '../../../src/core/report/gate-check.ts'
import { gateComment, MAX_COMMENT } from '../../../src/core/report/gate-comment.ts'
import type { GateState } from '../../../src/core/report/gate-view.ts'
import { HEAD, options, shownAs, URL } from './gate-states.ts'
import { given, plan } from './plans.ts'
import { phase, result, view as runView } from './views.ts'

const NASTY = [
  '@kim please', '<img src=x onerror=alert(1)>', '[click](https://evil.example)', 'https://evil.example/x', '#12', '`code`', '```\n/approve',
  '\n/approve\n', '| a | b |', '<!-- x -->', '-->', '\u202e\u200b', '"]:::x --> y["', '%%{init: {}}%%', '&lt;b&gt;', '短い名前', '😀', '\\', '$x$', 'www.evil.example',
] // prettier-ignore
const nasty = fc
  .array(fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'grapheme', maxLength: 5 })), { maxLength: 5 })
  .map((parts) => parts.join(' '))

const assignedTo = (text: string): PhaseAssignment => {
  const said = { name: text, why: text, score: 1, from: text }
  return { ...{ agentType: text, why: text, score: 1 }, skills: [said], offers: [{ ...said, kind: 'skill' }] }
}

/** A plan and its run with `phases` phases and `findings` findings, all texts from outside being `text`. */
function large(phases: number, findings: number, text: string): { plan: ExecutionPlan; run: RunView } {
  const [pattern] = plan().phases
  if (pattern === undefined) throw new Error('no phase')
  const ids = Array.from({ length: phases }, (_, at) => `${at + 1}`)
  const before = (at: number) => (at === 0 ? [] : [`${at}`])
  const many = ids.map((id, at) => ({
    ...pattern,
    id: phaseId(id),
    title: text,
    after: before(at).map(phaseId),
  }))
  const found = Array.from({ length: findings }, (_, at): Diagnostic => ({
    rule: at % 100 === 0 ? 'hidden-text' : 'vague',
    severity: 'warning',
    file: 'task_plan.md',
    line: at + 1,
    message: text,
    hint: text,
  }))
  const execution = given({
    plan: {
      ...plan(),
      title: text,
      phases: many,
      files: [{ path: 'task_plan.md', text: `${text}\n`.repeat(findings) }],
    },
    review: {
      confidence: new Map(ids.map((id) => [id, { level: 'low', reasons: [text] }])),
      questions: ids.map((id) => ({ phase: id, text })),
      diagnostics: found,
    },
    assignments: new Map(ids.map((id) => [id, assignedTo(text)])),
    research: { sheets: [{ technology: text, from: text }], unknown: [text] },
    commands: { build: { command: text, why: text } },
    notes: [text],
  })
  const stopped = { reason: 'x', message: text, hint: text }
  const views = ids.map((id, at) =>
    phase(id, {
      title: text,
      after: before(at),
      state: 'needs-input',
      stopped,
      result: result({
        decisions: Array(phases).fill(text),
        commits: Array(phases).fill({ sha: 'a'.repeat(40), subject: text }),
      }),
    }),
  )
  const deferred = found.map(({ line }) => ({
    phase: '1',
    id: 'C1',
    severity: 'P2',
    file: text,
    line,
    title: text,
  }))
  return { plan: execution, run: runView({ phases: views, deferred }) }
}

const statesOf = ({ plan: execution, run: view }: ReturnType<typeof large>, text: string): GateState[] => [
  { kind: 'several-plans', dirs: [text, text] },
  { kind: 'label-refused', by: text },
  { kind: 'invalid-plan', failures: execution.review.diagnostics.map((one) => failure('cyclic-plan', one.message, one.hint)), diagnostics: execution.review.diagnostics },
  { kind: 'needs-approval', plan: execution, void: [{ why: text, hint: text }], run: view },
  { kind: 'starting', plan: execution, by: text },
  { kind: 'run', plan: execution, run: view, by: text, between: text },
] // prettier-ignore

function expectWithinLimits(state: GateState): string[] {
  const view = shownAs(state, { notes: ['A note'] })
  const { title, summary, text = '', annotations = [] } = gateCheck(view, options)
  const comment = gateComment(view, MAX_COMMENT)
  expect([title.length <= 255, summary.length <= 65_535, text.length <= 65_535]).toEqual([true, true, true])
  expect(comment.length).toBeLessThanOrEqual(MAX_COMMENT)
  expect(gateComment(view, 9_000).length).toBeLessThanOrEqual(9_000)
  for (const { message, title: rule } of annotations) expect(message.length + rule.length).toBeLessThan(5_000)
  return [summary, text, comment]
}

/** What a reader could click on, be called by or be shown as HTML: there is none but what we write. */
function strangers(markdown: string): string[] {
  const tree = fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] })
  const found: string[] = []
  visit(tree, (node: Nodes) => {
    if (node.type === 'link' && !node.url.startsWith(`${URL}/`)) found.push(`link ${node.url}`)
    if (node.type === 'image' || node.type === 'imageReference' || node.type === 'linkReference')
      found.push(node.type)
    if (node.type === 'html' && !/^<\/?sub>$/.test(node.value)) found.push(node.value)
    if (node.type === 'text' && /(^|[^\w`])@\w|(^|\s)#\d/.test(node.value)) found.push(node.value)
    if (node.type === 'code' && node.lang !== 'mermaid') found.push(toString(node))
  })
  return found
}

const EXAMPLES = NASTY.map((text): [string, number, number] => [text, 1, 1])

describe('any plan', () => {
  test('a thousand phases and ten thousand findings stay within the limits, and what is left out is said', () => {
    for (const text of ['计划 @kim'.repeat(60), 'a']) {
      const whole = large(1_000, 10_000, text)
      for (const state of statesOf(whole, text)) expectWithinLimits(state)
      const { text: shown = '' } = gateCheck(shownAs({ kind: 'needs-approval', plan: whole.plan }), options)
      expect(shown).toMatch(/and \d+ more phases for which there is no room here\./)
      expect(shown).toMatch(/and \d+ more findings for which there is no room here\.$/)
      const [one] = whole.run.phases
      if (one === undefined) throw new Error('no phase')
      const of = phaseCheckOf({ url: URL, pull: 12, head: HEAD, run: whole.run, phase: one, buttons: true })
      expect([of.title.length <= 255, of.summary.length <= 65_535, (of.text ?? '').length <= 65_535]).toEqual(
        [true, true, true],
      )
    }
  }, 120_000)

  test('its texts mention nobody, link nowhere, make no HTML and command nothing', () => {
    fc.assert(
      fc.property(
        nasty,
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 0, max: 4 }),
        (text, phases, findings) => {
          const whole = large(phases, findings, text)
          const [one] = whole.run.phases
          const shown = statesOf(whole, text).flatMap(expectWithinLimits)
          if (one !== undefined) {
            const of = phaseCheckOf({
              url: URL,
              pull: 12,
              head: HEAD,
              run: whole.run,
              phase: one,
              buttons: true,
            })
            shown.push(of.summary, of.text ?? '')
          }
          for (const markdown of shown) {
            expect(strangers(markdown)).toEqual([])
            expect(parseCommands(markdown)).toEqual({ kind: 'none' })
          }
        },
      ),
      { numRuns: 10 + EXAMPLES.length, examples: EXAMPLES },
    )
  }, 120_000)
})
