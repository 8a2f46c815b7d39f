import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { codeOf } from './git-error.ts'

interface Slot {
  fd: number
  /** From the folder that `Scratch` was made for. */
  path: string
}

/** Open at one time; who needs more waits. */
const MAX_OPEN = 64
/** Below the common directory. */
export const TEMPORARY = join('orchestrate', '.tmp')

/**
 * Temporary files for programs that read from files only. They stay open and are written over: ext4 makes a new file in
 * 40 µs (where its tables are crowded 600 µs), writes one that is truncated on opening to disk at once (300 µs and more),
 * and takes 10 µs for this.
 */
export class Scratch {
  readonly #base: string
  #folder: string | undefined
  #counter = 0
  #free: Slot[] = []
  #used = 0
  readonly #waiting: (() => void)[] = []

  constructor(base: string) {
    this.#base = base
  }

  /** Runs `use` with a file that holds `content`; its path counts from the base, whose own name may hold anything. */
  async with<T>(content: string | Buffer, use: (path: string) => Promise<T>): Promise<T> {
    // Asked again after waiting: another one may have been faster.
    while (this.#used >= MAX_OPEN) await new Promise<void>((resume) => this.#waiting.push(resume))
    this.#used++
    let slot: Slot | undefined
    try {
      slot = this.#slot()
      fill(slot.fd, Buffer.from(content))
      return await use(slot.path)
    } finally {
      if (slot !== undefined) this.#free.push(slot)
      this.#used--
      this.#waiting.shift()?.()
    }
  }

  close(): void {
    for (const slot of this.#free.splice(0)) closeSync(slot.fd)
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true })
    this.#folder = undefined
  }

  #slot(): Slot {
    for (let slot = this.#free.pop(); slot !== undefined; slot = this.#free.pop()) {
      if (fstatSync(slot.fd).nlink > 0) return slot
      // Somebody cleaned up: seen from another container our process looks dead.
      closeSync(slot.fd)
      this.#folder = undefined
    }
    this.#folder ??= makeFolder(join(this.#base, TEMPORARY))
    const name = `${++this.#counter}`
    const fd = openSync(join(this.#folder, name), 'wx+')
    return { fd, path: join(TEMPORARY, basename(this.#folder), name) }
  }
}

function fill(fd: number, content: Buffer): void {
  for (let at = 0; at < content.length;) at += writeSync(fd, content, at, content.length - at, at)
  ftruncateSync(fd, content.length)
}

/** A folder of this process; those of processes that were killed go. */
function makeFolder(root: string): string {
  mkdirSync(root, { recursive: true })
  for (const name of readdirSync(root)) {
    const pid = Number(name.split('-')[0])
    if (Number.isInteger(pid) && pid > 0 && !isAlive(pid))
      rmSync(join(root, name), { recursive: true, force: true })
  }
  return mkdtempSync(join(root, `${process.pid}-`))
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}
