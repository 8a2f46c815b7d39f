import { clip, count, displayWidth } from '../text/display.ts'
import { cost, severities, stopwatch } from '../text/format.ts'
import { COLOURED, PLAIN, type Style } from '../text/style.ts'
import { padEnd, padStart } from '../text/table.ts'
import {
  usageNow,
  findingCounts,
  type LivePhase,
  type LivePhaseState,
  type LiveState,
  type LiveStep,
} from './live-state.ts'

export interface Screen {
  columns: number
  rows: number
  color: boolean
}

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const SPIN_MS = 80

/** A line is made of pieces, so that it is measured and cut before it is coloured. */
interface Piece {
  text: string
  mark?: keyof Style
}

/**
 * One frame of the live view: a header, then a row per phase with the steps that run now below it. Where the screen has
 * fewer rows, steps are named in the phase's row instead, then phases that are done or wait fold into one row each.
 * No line is wider than `columns - 1`, since a terminal would wrap it; the frame is at most `rows - 1` lines high.
 */
export function frame(state: LiveState, now: number, { columns, rows, color }: Screen): string {
  const style = color ? COLOURED : PLAIN
  const room = Math.max(4, rows - 1)
  const lines = [header(state, now), [], ...body(state, now, room - 2)].slice(0, room)
  return lines.map((line) => draw(line, Math.max(20, columns - 1), style)).join('\n')
}

function header(state: LiveState, now: number): Piece[] {
  const elapsed = state.startedAt === undefined ? 0 : (state.endedAt ?? now) - state.startedAt
  const used = usageNow(state)
  const merged = state.phases.filter((phase) => phase.state === 'merged').length
  return [
    { text: 'orchestrate', mark: 'bold' },
    { text: state.run === undefined ? '' : ` · ${state.run}` },
    { text: state.agent === undefined ? '' : ` · ${state.agent}`, mark: 'dim' },
    {
      text:
        state.phases.length === 0
          ? ` · ${state.stage ?? 'starting'}`
          : ` · ${merged}/${state.phases.length} merged`,
    },
    { text: ` · ${stopwatch(elapsed)}` },
    { text: used.costUsd === undefined ? '' : ` · ${cost(used)}` },
  ]
}

function body(state: LiveState, now: number, room: number): Piece[][] {
  const columns = {
    id: Math.max(1, ...state.phases.map((phase) => displayWidth(phase.id))),
    title: Math.min(32, Math.max(0, ...state.phases.map((phase) => displayWidth(phase.title)))),
  }
  const row = (phase: LivePhase, inline: boolean) => phaseRow(phase, state, now, columns, inline)
  const indent = ' '.repeat(columns.id + 4)
  const names = Math.max(
    0,
    ...state.phases.flatMap((phase) => phase.steps.map((step) => displayWidth(named(step)))),
  )
  const whole = state.phases.flatMap((phase) => [
    row(phase, phase.steps.length === 0),
    ...phase.steps.map((step) => stepRow(step, now, indent, names)),
  ])
  if (whole.length <= room) return whole
  const short = state.phases.map((phase) => row(phase, true))
  if (short.length <= room) return short
  return folded(state.phases, row, room)
}

/** Only what moves or stopped keeps a row of its own; the rest is counted. */
function folded(
  phases: readonly LivePhase[],
  row: (phase: LivePhase, inline: boolean) => Piece[],
  room: number,
): Piece[][] {
  const busy = phases.filter((phase) => phase.state === 'running' || phase.state === 'stopped')
  const counted = (states: LivePhaseState[], mark: LivePhaseState, text: string): Piece[][] => {
    const n = phases.filter((phase) => states.includes(phase.state)).length
    return n === 0 ? [] : [[glyph(mark, 0), { text: ` ${n} ${text}`, mark: 'dim' }]]
  }
  const done = counted(['merged', 'skipped', 'excluded'], 'merged', 'done')
  const waiting = counted(['pending'], 'pending', 'waiting')
  const left = Math.max(1, room - done.length - waiting.length)
  const shown = busy.length <= left ? busy : busy.slice(0, left - 1)
  const more = busy.length - shown.length
  return [
    ...done,
    ...shown.map((phase) => row(phase, true)),
    ...(more > 0 ? [[{ text: `  and ${more} more running`, mark: 'dim' as const }]] : []),
    ...waiting,
  ]
}

function phaseRow(
  phase: LivePhase,
  state: LiveState,
  now: number,
  columns: { id: number; title: number },
  inline: boolean,
): Piece[] {
  const elapsed = phase.startedAt === undefined ? '' : stopwatch((phase.endedAt ?? now) - phase.startedAt)
  const found = severities(findingCounts(phase))
  const facts = [
    phase.commits === 0 ? '' : `${phase.commits} ${phase.commits === 1 ? 'commit' : 'commits'}`,
    found === 'none' ? '' : found,
    phase.usage.costUsd === undefined ? '' : cost(phase.usage),
    phase.attempt > 1 ? `attempt ${phase.attempt}` : '',
  ].filter((fact) => fact !== '')
  const doing = whatItDoes(phase, state, inline)
  // What may be long comes last, where it is cut without loss.
  const long = phase.state === 'running' || phase.state === 'stopped'
  const told = (long ? [...facts, doing] : [doing, ...facts]).filter((fact) => fact !== '').join(' · ')
  const mark = phase.state === 'stopped' ? 'warn' : 'dim'
  return [
    glyph(phase.state, now),
    { text: ` ${padEnd(phase.id, columns.id)}  ` },
    {
      text: padEnd(clip(phase.title, columns.title), columns.title),
      ...(phase.state === 'running' ? { mark: 'bold' as const } : {}),
    },
    { text: `  ${padStart(elapsed, 5)}`, mark: 'dim' },
    { text: told === '' ? '' : `  ${told}`, mark },
  ]
}

function whatItDoes(phase: LivePhase, state: LiveState, inline: boolean): string {
  switch (phase.state) {
    case 'pending': {
      const waits = phase.after.filter((id) =>
        state.phases.some(
          (other) => other.id === id && other.state !== 'merged' && other.state !== 'skipped',
        ),
      )
      return waits.length === 0 ? 'ready' : `after ${waits.join(', ')}`
    }
    case 'running':
      return inline ? phase.steps.map(named).join(', ') : ''
    case 'stopped':
      return `needs you: ${phase.stopped?.message ?? 'see `orchestrate status`'}`
    case 'merged':
    case 'skipped':
    case 'excluded':
      return phase.state
  }
}

function stepRow(step: LiveStep, now: number, indent: string, names: number): Piece[] {
  const { retries = 0, activity } = step
  const facts = [
    ...(step.costUsd === undefined ? [] : [cost(step)]),
    ...(retries === 0 ? [] : [count(retries, 'retry', 'retries')]),
    ...(activity === '' ? [] : [activity]),
  ]
  return [
    { text: `${indent}${padEnd(named(step), names)}` },
    { text: `  ${padStart(stopwatch(now - step.startedAt), 5)}`, mark: 'dim' },
    { text: facts.length === 0 ? '' : `  ${facts.join(' · ')}`, mark: 'dim' },
  ]
}

const named = (step: LiveStep): string => (step.unit === '' ? step.step : `${step.step} ${step.unit}`)

function glyph(state: LivePhaseState, now: number): Piece {
  switch (state) {
    case 'pending':
      return { text: '○', mark: 'dim' }
    case 'running':
      return { text: SPINNER[Math.floor(now / SPIN_MS) % SPINNER.length] ?? '⠋', mark: 'accent' }
    case 'stopped':
      return { text: '!', mark: 'warn' }
    case 'merged':
      return { text: '✔', mark: 'good' }
    case 'skipped':
    case 'excluded':
      return { text: '–', mark: 'dim' }
  }
}

function draw(line: readonly Piece[], columns: number, style: Style): string {
  let left = columns
  let drawn = ''
  for (const { text, mark } of line) {
    if (left <= 0) break
    const part = clip(text, left)
    left -= displayWidth(part)
    drawn += mark === undefined ? part : style[mark](part)
  }
  return drawn.trimEnd()
}
