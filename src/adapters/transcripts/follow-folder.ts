import { watch } from 'node:fs'
import { mkdir, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { TranscriptLine, TranscriptPlace } from '../../core/model/transcript.ts'
import type { Followed, Transcripts } from '../../core/ports.ts'
import { lineOf } from './lines.ts'

/** Read at once. Bytes. */
const PIECE = 256 * 1024

/** One file, as far as it was read. */
interface Read {
  at: number
  /** The beginning of a line whose end is not written yet. */
  rest: Buffer
  place?: TranscriptPlace & { startedAt: number }
}

/** Tells each line of a run's transcripts once: what is there, then what comes, when the file system says that something did. */
export async function followFolder(
  folder: string,
  tell: Parameters<Transcripts['follow']>[1],
): Promise<Followed> {
  // The run may not have asked an agent yet.
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const files = new Map<string, Read>()
  let looking = Promise.resolve()
  let isAsked = false
  const look = (): Promise<void> => {
    // One that has not begun sees what came since, too.
    if (isAsked) return looking
    isAsked = true
    looking = looking.then(async () => {
      isAsked = false
      const names = await readdir(folder).catch(() => [])
      for (const name of names.filter((one) => one.endsWith('.jsonl')).sort()) {
        const read = files.get(name) ?? { at: 0, rest: Buffer.alloc(0) }
        files.set(name, read)
        await goOn(join(folder, name), read, tell).catch(() => undefined)
      }
    })
    return looking
  }
  const watcher = watch(folder, () => void look())
  watcher.on('error', () => undefined)
  await look()
  return { look, close: () => watcher.close() }
}

async function goOn(file: string, read: Read, tell: Parameters<Transcripts['follow']>[1]): Promise<void> {
  const handle = await open(file)
  try {
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(PIECE), 0, PIECE, read.at)
      if (bytesRead === 0) return
      read.at += bytesRead
      const text = Buffer.concat([read.rest, buffer.subarray(0, bytesRead)])
      const end = text.lastIndexOf(0x0a) + 1
      read.rest = text.subarray(end)
      const lines = text.subarray(0, end).toString().split('\n')
      for (const line of lines) say(read, lineOf(line), tell)
    }
  } finally {
    await handle.close()
  }
}

function say(read: Read, line: TranscriptLine | undefined, tell: Parameters<Transcripts['follow']>[1]): void {
  if (line?.kind === 'call') {
    const { kind: _, at: startedAt, ...place } = line
    read.place = { ...place, startedAt }
  }
  if (line !== undefined && read.place !== undefined) tell(read.place, line)
}
