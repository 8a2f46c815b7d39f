import { expect, test } from '@jest/globals'
import { line } from '../../../src/core/report/line.ts'
import { summaryText } from '../../../src/core/report/summary.ts'
import { PLAIN } from '../../../src/core/text/style.ts'
import { phase, result, view } from './views.ts'

const options = { columns: 100, style: PLAIN, program: 'orchestrate' }
const running = view({ phases: [phase('1', { state: 'running' })] })
const states = (text: string): string | undefined => /^1 .*?(running|paused)/m.exec(text)?.[1]

test('a run that is not at its end is not finished, in log and summary', () => {
  const ended = {
    type: 'run-ended',
    run: 'demo',
    state: 'approved',
    at: 2,
    durationMs: 1_000,
    usage: {},
  } as const
  expect(line(ended)).toBe('run demo · not finished · 1.0s')
  expect(summaryText(running, options)).toContain('Run demo: not finished\n')
})

test('a phase runs while its process does, and is paused after it', () => {
  expect(states(summaryText(running, options))).toBe('running')
  expect(states(summaryText(running, { ...options, over: true }))).toBe('paused')
  expect(states(summaryText({ ...running, state: 'aborted' }, options))).toBe('paused')
})

test('what nobody reviewed has no findings to count, and takes as long as it took', () => {
  const reviews = { test: undefined, code: undefined, perf: undefined }
  const early = result({ reviews, durationMs: 61_000 })
  const text = summaryText({ ...running, phases: [phase('1', { state: 'running', result: early })] }, options)
  expect(text).not.toContain('none')
  expect(text).toMatch(/^ {3}all .* – .* 1m 01s$/m)
})
