import { randomUUID } from 'node:crypto'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AgentActivity, Board } from '../../core/ports.ts'
import { readArtifact } from './agent-files.ts'

/** How often a member's notes are looked at: soon enough for work that takes minutes. */
const LOOK_MS = 200
/** A sentence for the others is short, and there are few of them. */
const MAX_CHARACTERS = 2_000
const MAX_NOTES = 100
const MAX_BYTES = 256 * 1024

export interface TeamFiles {
  env: Record<string, string>
  /** Reads the last notes and lets go of the board. */
  end(): Promise<void>
}

/**
 * A team's task list as a file in the throw-away directory of one member, which follows every change, and a file beside it whose
 * lines are told to the others as they are written. Every member has its own: none can write what another reads.
 */
export async function shareTeam(
  dir: string,
  board: Board,
  onActivity: (activity: AgentActivity) => void,
): Promise<TeamFiles> {
  const list = join(dir, 'team.json')
  const notes = join(dir, 'discoveries.txt')
  let queue = write(list, board.text())
  await queue
  await writeFile(notes, '')
  const stop = board.onChange(() => {
    // A member whose files are gone has ended.
    queue = queue.then(() => write(list, board.text())).catch(() => undefined)
  })
  let told = 0
  const look = async (isLast: boolean): Promise<void> => {
    const lines = ((await readArtifact(notes, MAX_BYTES)) ?? '').split('\n')
    // The last line may still be in the writing.
    if (!isLast) lines.pop()
    for (const line of lines.slice(told, MAX_NOTES)) {
      const text = line.trim().slice(0, MAX_CHARACTERS)
      if (text !== '') onActivity({ kind: 'discovery', text })
    }
    told = Math.max(told, lines.length)
  }
  let looking: Promise<void> = Promise.resolve()
  const timer = setInterval(() => {
    looking = looking.then(() => look(false)).catch(() => undefined)
  }, LOOK_MS)
  timer.unref()
  let ended: Promise<void> | undefined
  return {
    env: { ORCHESTRATE_TEAM: list, ORCHESTRATE_DISCOVERIES: notes },
    end: () =>
      (ended ??= (async () => {
        clearInterval(timer)
        await looking
        await look(true)
        stop()
        await queue
      })()),
  }
}

/**
 * Whole or not at all: a member may read at any moment. It may also write where this stands, and we are outside of its cage: what is
 * written is made anew under a name that nobody can have put a link or a pipe at, and a link at the file's own name is replaced.
 */
async function write(file: string, text: string): Promise<void> {
  const made = `${file}.${randomUUID()}`
  await writeFile(made, text, { flag: 'wx' })
  await rename(made, file)
}
