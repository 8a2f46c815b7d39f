import { describe, expect, test } from '@jest/globals'
import type { ProgressEvent } from '../../../src/core/model/progress-event.ts'
import { frame } from '../../../src/core/report/frame.ts'
import { activityLine, line } from '../../../src/core/report/line.ts'
import { EMPTY, fold } from '../../../src/core/report/live-state.ts'
import { displayWidth } from '../../../src/core/text/display.ts'

const NONE = { P0: 0, P1: 0, P2: 0, P3: 0 }
const started: ProgressEvent = {
  type: 'run-started',
  run: 'links-3f',
  at: 0,
  agent: 'scripted',
  resumed: false,
  phases: [
    { id: '1', title: 'Model', after: [], state: 'pending' },
    { id: '2', title: '短い名前を作る', after: ['1'], state: 'pending' },
    { id: '3', title: 'Store', after: ['1'], state: 'pending' },
    { id: '4', title: 'Command line', after: ['2', '3'], state: 'pending' },
  ],
}
const phaseStarted = (phase: string, title: string, at: number): ProgressEvent => ({
  type: 'phase-started',
  phase,
  title,
  attempt: 1,
  at,
  branch: `orchestrate/links-3f/phase-${phase}`,
  path: '/w',
})
const events: ProgressEvent[] = [
  started,
  phaseStarted('1', 'Model', 0),
  { type: 'commit', phase: '1', sha: 'a'.repeat(40), subject: 'orchestrate(phase-1): Model' },
  { type: 'phase-merged', phase: '1', attempt: 1, sha: 'b'.repeat(40), at: 4_000, usage: {} },
  phaseStarted('2', '短い名前を作る', 4_000),
  { type: 'step-started', phase: '2', attempt: 1, step: 'review-code', unit: '', at: 5_000 },
  { type: 'step-started', phase: '2', attempt: 1, step: 'review-test', unit: '', at: 5_000 },
  {
    type: 'step-activity',
    phase: '2',
    step: 'review-code',
    unit: '',
    text: 'Read \u001b[31msrc/encode.mjs\u001b[0m\n',
    at: 5_500,
  },
  {
    type: 'step-finished',
    phase: '2',
    attempt: 1,
    step: 'review-test',
    unit: '',
    at: 6_000,
    ok: true,
    durationMs: 1_000,
    usage: { costUsd: 0.02 },
  },
  { type: 'findings', phase: '2', step: 'review-test', counts: { ...NONE, P0: 1, P2: 2 } },
  phaseStarted('3', 'Store', 4_000),
  {
    type: 'phase-stopped',
    phase: '3',
    attempt: 1,
    reason: 'build-red',
    message: 'The build is red after 2 fixes.',
    hint: 'orchestrate retry 3',
    at: 7_000,
  },
]
const state = events.reduce(fold, EMPTY)
const screen = { columns: 80, rows: 24, color: false }

describe('the live view', () => {
  test('shows what runs, what it does, what it found, and what waits', () => {
    expect(frame(state, 8_000, screen)).toBe(
      [
        'orchestrate · links-3f · scripted · 1/4 merged · 0:08 · $0.02',
        '',
        '✔ 1  Model            0:04  merged · 1 commit',
        '⠋ 2  短い名前を作る   0:04  1 P0, 2 P2 · $0.02',
        '     review-code   0:03  Read src/encode.mjs',
        '! 3  Store            0:03  needs you: The build is red after 2 fixes.',
        '○ 4  Command line           after 2, 3',
      ].join('\n'),
    )
  })

  test('names the steps in the row of their phase where lines are few', () => {
    expect(frame(state, 8_000, { ...screen, rows: 7 })).toBe(
      [
        'orchestrate · links-3f · scripted · 1/4 merged · 0:08 · $0.02',
        '',
        '✔ 1  Model            0:04  merged · 1 commit',
        '⠋ 2  短い名前を作る   0:04  1 P0, 2 P2 · $0.02 · review-code',
        '! 3  Store            0:03  needs you: The build is red after 2 fixes.',
        '○ 4  Command line           after 2, 3',
      ].join('\n'),
    )
  })

  test('folds phases that are done or wait when there are more phases than rows', () => {
    expect(frame(state, 8_000, { ...screen, rows: 6 })).toBe(
      [
        'orchestrate · links-3f · scripted · 1/4 merged · 0:08 · $0.02',
        '',
        '✔ 1 done',
        '  and 2 more running',
        '○ 1 waiting',
      ].join('\n'),
    )
  })

  test.each([20, 33, 60, 200])('stays within a terminal of %i columns, coloured or not', (columns) => {
    for (const color of [true, false]) {
      for (const rows of [5, 8, 30]) {
        const lines = frame(state, 8_000, { columns, rows, color }).split('\n')
        expect(lines.length).toBeLessThan(rows)
        for (const text of lines) expect(displayWidth(text)).toBeLessThanOrEqual(Math.max(20, columns - 1))
      }
    }
  })

  test('says of each agent for how long, what it costs by the table, how often it was asked again, and what it does', () => {
    const working: ProgressEvent = {
      ...{ type: 'step-activity', phase: '2', step: 'review-code', unit: '', at: 7_500 },
      ...{ text: 'Read src/store.mjs', costUsd: 0.1, estimated: true, retries: 2 },
    }
    const shown = frame(fold(state, working), 8_000, screen).split('\n')
    // A part that is an estimate makes the sum one.
    expect(shown[0]).toContain(' · 0:08 · ≈$0.12')
    expect(shown.find((text) => text.includes('review-code'))).toMatch(
      /review-code +0:03 {2}≈\$0\.10 · 2 retries · Read src\/store\.mjs$/,
    )
    expect(activityLine(working, 3_000)).toBe(
      'phase 2 · review-code · 0:03 · ≈$0.10 · 2 retries · Read src/store.mjs',
    )
  })

  test('a resumed run starts with what was reached before', () => {
    const resumed = fold(EMPTY, {
      ...started,
      resumed: true,
      phases: [
        { id: '1', title: 'Model', after: [], state: 'merged' },
        { id: '2', title: 'Encoder', after: ['1'], state: 'needs-input' },
        { id: '3', title: 'Store', after: ['1'], state: 'running' },
      ],
    })
    expect(frame(resumed, 0, screen).split('\n').slice(2)).toEqual([
      '✔ 1  Model           merged',
      '! 2  Encoder         needs you: see `orchestrate status`',
      '○ 3  Store           ready',
    ])
  })
})

describe('plain lines', () => {
  test('tell each thing once, without times of day', () => {
    const lines = [
      ...events,
      {
        type: 'check-finished',
        phase: '2',
        check: 'test',
        outcome: 'red',
        command: 'node --test',
        at: 9_000,
        durationMs: 812,
        counts: { passed: 3, failed: 1, skipped: 0 },
      },
      { type: 'check-finished', phase: '2', check: 'build', outcome: 'no-command', at: 9_000, durationMs: 0 },
      { type: 'landed', branch: 'main', sha: 'd'.repeat(40), at: 10_000 },
      { type: 'run-ended', run: 'links-3f', state: 'landed', at: 10_000, durationMs: 65_000, usage: {} },
    ].map((event) => line(event as ProgressEvent))
    expect(lines.filter((text) => text !== undefined)).toEqual([
      'run links-3f · started · 4 phases · agent scripted',
      'phase 1 · started · Model · orchestrate/links-3f/phase-1',
      'phase 1 · commit aaaaaaaa · orchestrate(phase-1): Model',
      'phase 1 · merged bbbbbbbb',
      'phase 2 · started · 短い名前を作る · orchestrate/links-3f/phase-2',
      'phase 2 · review-test · done · 1.0s · $0.02',
      'phase 2 · review-test · 3 findings (1 P0, 2 P2)',
      'phase 3 · started · Store · orchestrate/links-3f/phase-3',
      'phase 3 · needs you · build-red · The build is red after 2 fixes. · orchestrate retry 3',
      'phase 2 · test · red · node --test · 3 passed, 1 failed · 812ms',
      'phase 2 · build · no build command: nothing was checked',
      'landed · main · dddddddd',
      'run links-3f · landed · 1m 05s',
    ])
  })

  test("an agent's text cannot move the cursor or forge a line", () => {
    const event: ProgressEvent = {
      type: 'commit',
      phase: '1',
      sha: 'a'.repeat(40),
      subject: 'x\nphase 1 · merged\u001b[2J\u0007\u202e',
    }
    expect(line(event)).toBe('phase 1 · commit aaaaaaaa · x phase 1 · merged')
  })
})
