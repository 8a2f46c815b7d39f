import { describe, expect, test } from '@jest/globals'
import { fileURLToPath } from 'node:url'
import { headline } from '../../../src/core/report/gate-headline.ts'
import { sha } from '../../../src/core/model/ids.ts'
import { runHtml } from '../../../src/core/report/html.ts'
import { nextSteps } from '../../../src/core/report/next-steps.ts'
import { statusText } from '../../../src/core/report/status.ts'
import { summaryText } from '../../../src/core/report/summary.ts'
import { displayWidth } from '../../../src/core/text/display.ts'
import { PLAIN } from '../../../src/core/text/style.ts'
import { expectGolden } from '../../support/golden.ts'
import { phase, result, view } from './views.ts'

const golden = (name: string) => fileURLToPath(new URL(`./golden/${name}`, import.meta.url))
const stopped = view({
  phases: [
    phase('1', { title: 'Set-up', state: 'merged', merge: 'c'.repeat(40), result: result() }),
    phase('2', {
      title: '短い名前を作る',
      after: ['1'],
      state: 'needs-input',
      attempt: 2,
      stopped: {
        reason: 'build-red',
        message: 'The build is red after 2 fixes.',
        hint: 'Read the log, then retry.',
      },
    }),
    phase('3', { after: ['2'] }),
  ],
  deferred: [{ phase: '1', id: 'C3', severity: 'P2', file: 'src/a.mjs', line: 7, title: 'Name says little' }],
})
const options = { style: PLAIN, program: 'orchestrate', graph: ['* abc Merge', '|\\', '| * def Create'] }

describe('the summary', () => {
  test.each([100, 60])(
    'has graph, table, what stopped, what was put off and what is next, at %i columns',
    (columns) =>
      expectGolden(summaryText(stopped, { columns, ...options }), golden(`summary-${columns}.txt`)),
  )

  test.each([40, 60, 80, 100, 160])('keeps its table within %i columns', (columns) => {
    const text = summaryText(stopped, { columns, ...options })
    const rows = text.slice(text.indexOf('\n#'), text.indexOf('Needs you')).split('\n')
    expect(Math.max(...rows.map(displayWidth))).toBeLessThanOrEqual(columns)
    expect(rows.join('\n')).toContain('短い名前を作る')
  })

  test('offers landing only for a run that is merged, and no choice where nothing stopped', () => {
    const merged = view({ state: 'merged', phases: [phase('1', { state: 'merged' })] })
    expect(nextSteps(merged, 'orchestrate').map(({ command }) => command)).toEqual([
      'orchestrate land demo',
      'orchestrate verify demo',
      'orchestrate report demo -o report.html',
      'git log --graph --oneline 1111111111..2222222222',
    ])
    expect(
      nextSteps({ ...merged, state: 'landed' }, 'orchestrate').map(({ command }) => command),
    ).not.toContain('orchestrate land demo')
  })

  test('status says where the plan and its branch are', () => {
    const [first] = statusText(stopped, 100, PLAIN, 'orchestrate').split('\n')
    expect(first).toBe('plan plan · branch main · not landed')
  })

  test('status says whether a process works on it, and calls what a dead one left paused', () => {
    const going = view({ phases: [phase('1', { state: 'running' })] })
    const process = { pid: 42, host: 'here' }
    const alive = statusText({ ...going, process }, 100, PLAIN, 'orchestrate')
    expect(alive).toContain('not landed · running in process 42\n')
    expect(alive).toMatch(/Phase 1\s+running/)
    const dead = statusText({ ...going, process: null }, 100, PLAIN, 'orchestrate')
    expect(dead).toContain('not landed · not running here: orchestrate resume demo\n')
    expect(dead).toMatch(/Phase 1\s+paused/)
    expect(statusText({ ...going, state: 'landed', process: null }, 100, PLAIN, 'o')).not.toContain(
      'not running',
    )
  })

  test('status and gate say what the plan calls a phase', () => {
    const words = { phase: 'story', task: 'subtask' }
    const told = { ...stopped, words }
    const text = statusText(told, 100, PLAIN, 'orchestrate')
    expect(text).toMatch(/\n# +story +state/)
    expect(text).toContain('\n  story 2 · The build is red')
    expect(text).toContain('\n  story 1 · C3 · P2')
    const gateOf = (run: typeof told) =>
      headline({
        url: '',
        pull: 1,
        head: sha('a'.repeat(40)),
        dir: '',
        notes: [],
        state: { kind: 'run', run },
      })
    expect(gateOf(told)).toMatchObject({ title: 'Story 2 needs you: 1 of 3 stories done' })
    const running = { ...told, phases: [phase('1', { state: 'running' }), phase('2', { state: 'running' })] }
    expect(gateOf(running).lead).toContain('Running: stories 1 and 2.')
  })

  test('status names the other runs below', () => {
    const text = statusText(view({ others: ['b-2', 'a-1'] }), 100, PLAIN, 'orchestrate')
    expect(text).toMatch(/\nOther runs: b-2 and a-1\n$/)
  })
})

describe('the HTML report', () => {
  test('is one page that loads nothing', () => {
    expectGolden(runHtml(stopped), golden('report.html'))
    expect(runHtml(stopped)).not.toMatch(/<script|<img|<link|@import|url\(/)
  })

  test('shows text of a plan or an agent as text', () => {
    const html = runHtml(
      view({
        phases: [
          phase('1', {
            title: '<img src=x onerror=alert(1)>',
            result: result({ decisions: ['"><script>alert(2)</script>', "' onload='x"] }),
          }),
        ],
      }),
    )
    expect(html).not.toMatch(/<img|<script/)
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;')
    expect(html).toContain('<li>&quot;&gt;&lt;script&gt;alert(2)&lt;/script&gt;</li>')
    expect(html).toContain('<li>&#39; onload=&#39;x</li>')
  })
})
