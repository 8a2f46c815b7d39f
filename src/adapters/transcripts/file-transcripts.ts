import { appendFile, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Transcript, type TranscriptEntry, type TranscriptPlace } from '../../core/model/transcript.ts'
import type { Clock, Transcripts } from '../../core/ports.ts'
import { followFolder } from './follow-folder.ts'
import { lineOf } from './lines.ts'

/** One call's file grows to this at most; how it ended is always told. Bytes. */
const MAX_BYTES = 4 * 1024 * 1024
/** Written in pieces of this size, not line by line. Bytes. */
const PIECE = 64 * 1024
/** Runs whose transcripts are kept; those of older ones go when a new run writes its first. */
const RUNS_KEPT = 20
/** What was told is on disk after so long, for those who look on. Milliseconds. */
const SOON_MS = 200

interface FileTranscriptsOptions {
  /** A folder of its own; a folder for each run is made in it. */
  dir: string
  clock: Clock
  redact: (text: string) => string
  maxBytes?: number
}

/**
 * What agents did, as a file of JSON lines for each call: `<run>/<phase>.<attempt>.<step>.<unit>.<try>.jsonl`. A disk that takes nothing
 * more costs the transcript and not the step.
 */
export function fileTranscripts({
  dir,
  clock,
  redact,
  maxBytes = MAX_BYTES,
}: FileTranscriptsOptions): Transcripts {
  const made = new Map<string, Promise<void>>()
  const makeDir = (run: string): Promise<void> => {
    const known = made.get(run) ?? prepare(dir, run)
    made.set(run, known)
    return known
  }
  return {
    open(place) {
      const file = join(dir, place.run, nameOf(place))
      let pending = ''
      let bytes = 0
      let leftOut = 0
      let writing = makeDir(place.run)
      let soon: NodeJS.Timeout | undefined
      const flush = (): void => {
        clearTimeout(soon)
        soon = undefined
        const piece = pending
        pending = ''
        if (piece !== '') writing = writing.then(() => appendFile(file, piece, { mode: 0o600 }))
        writing.catch(() => undefined)
      }
      const write = (line: object, always = false): void => {
        const text = `${redact(JSON.stringify({ at: clock.now(), ...line }))}\n`
        if (!always && bytes + text.length > maxBytes) {
          leftOut++
          return
        }
        bytes += text.length
        pending += text
        if (pending.length > PIECE) flush()
        else soon ??= setTimeout(flush, SOON_MS).unref()
      }
      write({ kind: 'call', ...place }, true)
      flush()
      return {
        tell: (entry: TranscriptEntry) => write(entry, entry.kind === 'result'),
        async close() {
          if (leftOut > 0) write({ kind: 'left-out', lines: leftOut }, true)
          flush()
          await writing.catch(() => undefined)
        },
      }
    },
    follow: (run, tell) => followFolder(join(dir, run), tell),
    async read(run) {
      const folder = join(dir, run)
      const names = await readdir(folder).catch(() => [])
      const all = await Promise.all(
        names.filter((name) => name.endsWith('.jsonl')).map((name) => readOne(join(folder, name))),
      )
      return all.flatMap((one) => (one === undefined ? [] : [one])).sort((a, b) => a.startedAt - b.startedAt)
    },
  }
}

const nameOf = ({ phase, attempt, step, unit, try: nth }: TranscriptPlace): string =>
  `${[phase, attempt, step, unit, nth]
    .map((part) => encodeURIComponent(part))
    .join('.')
    .slice(0, 200)}.jsonl`

async function prepare(dir: string, run: string): Promise<void> {
  await mkdir(join(dir, run), { recursive: true, mode: 0o700 })
  const runs = await readdir(dir)
  if (runs.length <= RUNS_KEPT) return
  const ages = await Promise.all(
    runs.map(async (name) => ({ name, at: (await stat(join(dir, name))).mtimeMs })),
  )
  const old = ages.sort((a, b) => b.at - a.at).slice(RUNS_KEPT)
  await Promise.all(old.map(({ name }) => rm(join(dir, name), { recursive: true, force: true })))
}

/** A line that was cut off, or is of another version, is passed over. */
async function readOne(file: string): Promise<Transcript | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '')
  const lines = text.split('\n').flatMap((line) => lineOf(line) ?? [])
  const [first, ...rest] = lines
  if (first?.kind !== 'call') return undefined
  const { kind: _, at: startedAt, ...place } = first
  return { ...place, startedAt, lines: rest }
}
