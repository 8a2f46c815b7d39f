import { expect, test } from '@jest/globals'
import { PassThrough } from 'node:stream'
import { jsonReporter } from '../../../src/adapters/reporters/json.ts'
import { liveReporter } from '../../../src/adapters/reporters/live.ts'
import { plainReporter } from '../../../src/adapters/reporters/plain.ts'
import type { ProgressEvent } from '../../../src/core/model/progress-event.ts'

const started: ProgressEvent = {
  type: 'run-started',
  run: 'r',
  at: 0,
  agent: 'scripted',
  resumed: false,
  phases: [{ id: '1', title: 'Model', after: [], state: 'pending' }],
}
const activity: ProgressEvent = {
  type: 'step-activity',
  phase: '1',
  step: 'implement',
  unit: '',
  text: 'x\ny',
  at: 1,
}
const warning: ProgressEvent = { type: 'warning', message: 'No build command.' }
const ended: ProgressEvent = { type: 'run-ended', run: 'r', state: 'merged', at: 9, durationMs: 9, usage: {} }

/** A stream that looks like a terminal to log-update and keeps what it got. */
function screen(): { stream: NodeJS.WriteStream; text: () => string } {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 })
  let got = ''
  stream.on('data', (chunk: Buffer) => (got += chunk.toString()))
  return { stream: stream as PassThrough & NodeJS.WriteStream, text: () => got }
}

test('json: each event is one line that parses back', () => {
  let out = ''
  const reporter = jsonReporter({ write: (text) => (out += text) })
  const events = [started, activity, warning, ended]
  for (const event of events) reporter.emit(event)
  expect(out.endsWith('\n')).toBe(true)
  expect(
    out
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text) as unknown),
  ).toEqual(events)
})

test('plain: steady lines, nothing for what only moves', () => {
  let out = ''
  const reporter = plainReporter({ write: (text) => (out += text) })
  for (const event of [started, activity, warning, ended]) reporter.emit(event)
  expect(out).toBe(
    'run r · started · 1 phase · agent scripted\nwarning · No build command.\nrun r · merged · 9ms\n',
  )
})

test('plain: every 15 s what an agent does, for how long, what it costs and how often it was asked again', () => {
  let out = ''
  const reporter = plainReporter({ write: (text) => (out += text) })
  const at = { phase: '1', step: 'implement', unit: '' } as const
  reporter.emit({ type: 'step-started', attempt: 1, ...at, at: 0 })
  const doing = { type: 'step-activity', ...at, costUsd: 0.1, estimated: true, retries: 1 } as const
  for (const ms of [5_000, 14_999, 15_000, 20_000, 29_999, 30_000])
    reporter.emit({ ...doing, text: `Read ${ms}.ts`, at: ms })
  expect(out).toBe(
    [15_000, 30_000]
      .map((ms) => `phase 1 · implement · 0:${ms / 1_000} · ≈$0.10 · 1 retry · Read ${ms}.ts\n`)
      .join(''),
  )
})

test('live: warnings stay above the view', async () => {
  const { stream, text } = screen()
  const reporter = liveReporter(stream, { clock: { now: () => 5_000 }, color: false })
  reporter.emit(started)
  reporter.emit(warning)
  reporter.close()
  await new Promise((resolve) => setImmediate(resolve))
  expect(text()).toContain('warning · No build command.\n')
  expect(text()).toContain('orchestrate · r · scripted · 0/1 merged · 0:05\n\n○ 1  Model         ready')
})

test('live: lets go of the screen for a question and draws again with the next event', async () => {
  const { stream, text } = screen()
  const reporter = liveReporter(stream, { clock: { now: () => 5_000 }, color: false })
  reporter.emit(started)
  reporter.emit(warning)
  reporter.pause()
  await new Promise((resolve) => setImmediate(resolve))
  const before = text()
  reporter.emit(warning)
  reporter.close()
  await new Promise((resolve) => setImmediate(resolve))
  expect(text().slice(before.length)).toContain('○ 1  Model         ready')
})
