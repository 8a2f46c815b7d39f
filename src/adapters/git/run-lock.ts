import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import * as z from 'zod'
import { failure } from '../../core/model/failure.ts'
import { err, ok, type Result } from '../../core/model/result.ts'
import type { RunLock } from '../../core/ports.ts'
import type { Env } from './environment.ts'
import { asGitError, codeOf, gitFailure } from './git-error.ts'

const holder = z.object({
  pid: z.number().int().positive(),
  /** When the process started: a number that is used again belongs to another process. */
  started: z.string(),
  host: z.string(),
  nonce: z.string(),
})
type Holder = z.infer<typeof holder>

const TAKEOVER_TRIES = 100
const TAKEOVER_POLL_MS = 20

/**
 * One holder per run: `<git common dir>/orchestrate/<run>.lock`. It appears whole or not at all (written apart, then linked),
 * and outlives a holder that was killed; whoever finds the holder dead takes it over.
 */
export class FileRunLock implements RunLock {
  readonly #folder: string
  readonly #env: Env

  constructor(commonDir: string, env: Env) {
    this.#folder = join(commonDir, 'orchestrate')
    this.#env = env
  }

  async acquire(run: string): Promise<Result<() => Promise<void>>> {
    const path = join(this.#folder, `${run}.lock`)
    try {
      await mkdir(dirname(path), { recursive: true })
      const me = {
        pid: process.pid,
        started: (await startOf(process.pid, this.#env)) ?? '',
        host: hostname(),
        nonce: randomBytes(8).toString('hex'),
      }
      const other = await this.#take(path, me)
      if (other === undefined) return ok(() => release(path, me))
      const where = other.host === me.host ? '' : ` on ${other.host}`
      return err([
        failure(
          'run-in-progress',
          `Run ${run} is held by process ${other.pid}${where}.`,
          other.host === me.host
            ? 'Wait for it to end, or end it, then try again.'
            : `Wait for it to end. If that machine is gone, delete ${path} and try again.`,
        ),
      ])
    } catch (error) {
      return err([gitFailure(asGitError(error, 'lock'))])
    }
  }

  async holder(run: string): Promise<{ pid: number; host: string } | undefined> {
    const text = await readFile(join(this.#folder, `${run}.lock`), 'utf8').catch(() => '')
    const found = parse(text)
    if (found === undefined || !(await this.#isAlive(found))) return undefined
    return { pid: found.pid, host: found.host }
  }

  /** Undefined when the lock is ours now, else who holds it. */
  async #take(path: string, me: Holder): Promise<Holder | undefined> {
    for (;;) {
      if (await create(path, me)) return undefined
      const text = await readFile(path, 'utf8').catch(() => undefined)
      if (text === undefined) continue
      const other = parse(text)
      if (other !== undefined && (await this.#isAlive(other))) return other
      await this.#removeDead(path, text, me)
    }
  }

  /**
   * Removes a dead holder's lock. Only who holds `<path>.takeover` may, so that nobody removes the lock of one who took over
   * a moment before. That guard is taken the same way, a dead guard included.
   */
  async #removeDead(path: string, dead: string, me: Holder): Promise<void> {
    const guard = `${path}.takeover`
    for (let n = 0; (await this.#take(guard, me)) !== undefined; n++) {
      if (n === TAKEOVER_TRIES) return
      await wait(TAKEOVER_POLL_MS)
    }
    try {
      if ((await readFile(path, 'utf8').catch(() => undefined)) === dead) await rm(path, { force: true })
    } finally {
      await release(guard, me)
    }
  }

  /** Processes of another machine (or container) cannot be looked at: they count as alive. */
  async #isAlive(other: Holder): Promise<boolean> {
    if (other.host !== hostname()) return true
    return (await startOf(other.pid, this.#env)) === other.started
  }
}

async function create(path: string, me: Holder): Promise<boolean> {
  const temporary = `${path}.${me.pid}-${randomBytes(6).toString('hex')}`
  await writeFile(temporary, `${JSON.stringify(me)}\n`, { flag: 'wx' })
  try {
    await link(temporary, path)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  } finally {
    await rm(temporary, { force: true })
  }
}

async function release(path: string, me: Holder): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => '')
  if (parse(text)?.nonce === me.nonce) await rm(path, { force: true })
}

function parse(text: string): Holder | undefined {
  try {
    return holder.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/**
 * When a process started, as text that is the same for its whole life; undefined where there is no such process. On Linux the
 * boot and field 22 of proc(5)'s stat, in clock ticks since that boot; elsewhere what `ps` prints.
 */
async function startOf(pid: number, env: Env): Promise<string | undefined> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => undefined)
  if (boot !== undefined) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
    // The second field is the program's name in brackets and may hold blanks and brackets itself. A zombie is dead.
    const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields === undefined || fields[0] === 'Z' ? undefined : `${boot.trim()}:${fields[19] ?? ''}`
  }
  return new Promise((resolve) => {
    const options = { env: { PATH: env['PATH'], LC_ALL: 'C', TZ: 'UTC' } }
    execFile('ps', ['-o', 'lstart=', '-p', `${pid}`], options, (error, stdout) => {
      resolve(error === null && stdout.trim() !== '' ? stdout.trim() : undefined)
    })
  })
}
