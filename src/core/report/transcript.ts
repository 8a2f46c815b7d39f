import type { Transcript, TranscriptLine, TranscriptPlace } from '../model/transcript.ts'
import { clean, oneLine } from '../text/clean.ts'
import { count } from '../text/display.ts'
import { duration, cost, stopwatch } from '../text/format.ts'
import type { Style } from '../text/style.ts'

/** What agents did, call by call, as people read it. What programs printed is in the files. */
export const transcriptsText = (transcripts: readonly Transcript[], style: Style): string =>
  transcripts.map((one) => transcriptText(one, style)).join('\n')

function transcriptText(transcript: Transcript, style: Style): string {
  const { startedAt, lines } = transcript
  const title = [callName(transcript), new Date(startedAt).toISOString().replace(/\.\d+Z$/, 'Z')].join(' · ')
  const told = lines.flatMap((line) => {
    const text = lineText(line)
    return text === undefined ? [] : [`  ${stopwatch(line.at - startedAt).padStart(5)}  ${text}`]
  })
  const ended = lines.some(({ kind }) => kind === 'result') ? [] : ['  it has not ended, or was cut off']
  return `${[style.bold(oneLine(title)), ...told, ...ended].join('\n')}\n`
}

const callName = ({ phase, attempt, step, unit, try: nth }: TranscriptPlace): string =>
  [
    `phase ${phase}`,
    unit === '' ? step : `${step} ${unit}`,
    ...(attempt > 1 ? [`attempt ${attempt}`] : []),
    ...(nth > 1 ? [`call ${nth}`] : []),
  ].join(' · ')

/** A line as it comes, among those of other calls; undefined for what people do not read. */
export function followedText(
  call: TranscriptPlace & { startedAt: number },
  line: TranscriptLine,
): string | undefined {
  const text = line.kind === 'call' ? 'started' : lineText(line)
  if (text === undefined) return undefined
  return `${oneLine(callName(call))} · ${stopwatch(line.at - call.startedAt)}  ${text}\n`
}

function lineText(line: TranscriptLine): string | undefined {
  switch (line.kind) {
    case 'call':
    case 'output':
      return undefined
    case 'text':
      return clean(line.text).replaceAll('\n', '\n         ')
    case 'tool':
      return oneLine(line.target === undefined ? line.tool : `${line.tool} ${line.target}`)
    case 'usage':
      return line.usage.costUsd === undefined ? undefined : `${cost(line.usage)} so far`
    case 'retry': {
      const status = line.status === undefined ? '' : `status ${line.status}: `
      return `${status}waits ${duration(line.delayMs)} (try ${line.attempt})`
    }
    case 'denied':
      return `was not allowed to use ${oneLine(line.tool)}`
    case 'left-out':
      return `${count(line.lines, 'line')} left out: the transcript was full`
    case 'result':
      return [
        line.ok ? 'done' : `failed: ${oneLine(line.message)}`,
        duration(line.durationMs),
        ...(line.usage.costUsd === undefined ? [] : [cost(line.usage)]),
      ].join(' · ')
  }
}
