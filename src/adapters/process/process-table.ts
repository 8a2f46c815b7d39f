import { execFile } from 'node:child_process'
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import { setImmediate as immediate } from 'node:timers/promises'
import { promisify } from 'node:util'

/** Processes that are looked at before others get a turn. Reading /proc costs some 10 µs; promises cost more than that. */
const AT_ONCE = 100

/**
 * Processes that were started with `variable=value` in their environment, without us and our ancestors. Read from /proc;
 * where there is none (macOS) from `ps`, which shows the environments of the user's own programs only, and not those of
 * programs that the system protects. A process that cleared its environment is found by neither.
 */
export async function findHolders(variable: string, value: string): Promise<number[]> {
  return existsSync('/proc/self/environ') ? fromProc(variable, value) : fromPs(variable, value)
}

async function fromProc(variable: string, value: string): Promise<number[]> {
  const wanted = Buffer.from(`${variable}=${value}`)
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
  const found: number[] = []
  for (let at = 0; at < pids.length; at += AT_ONCE) {
    found.push(...pids.slice(at, at + AT_ONCE).filter((pid) => holds(readProc(pid, 'environ'), wanted)))
    await immediate()
  }
  if (found.length === 0) return []
  const ours = new Set(lineage(process.pid, parentFromProc))
  return found.filter((pid) => !ours.has(pid))
}

/** Whether one of the NUL-separated entries is exactly `wanted`. A zombie's environment is empty. */
function holds(environ: Buffer, wanted: Buffer): boolean {
  for (let at = environ.indexOf(wanted); at !== -1; at = environ.indexOf(wanted, at + 1)) {
    const end = environ[at + wanted.length]
    if ((at === 0 || environ[at - 1] === 0) && (end === undefined || end === 0)) return true
  }
  return false
}

/** Gone since it was listed, or somebody else's: then it is not ours to end. The bytes are good until the next call. */
export function readProc(pid: number, file: string): Buffer {
  const path = `/proc/${pid}/${file}`
  try {
    const fd = openSync(path, 'r')
    try {
      // A file there says of itself that it is empty, and takes a fresh 64 KiB each time where Node reads it whole.
      const length = readSync(fd, page, 0, page.length, 0)
      return length < page.length ? page.subarray(0, length) : readFileSync(path)
    } finally {
      closeSync(fd)
    }
  } catch {
    return NOTHING
  }
}

const NOTHING = Buffer.alloc(0)
/** Most environments fit a page or two. The kernel gives all that fits in one read. */
const page = Buffer.allocUnsafeSlow(64 * 1024)

function parentFromProc(pid: number): number {
  // The second field is the program's name in brackets and may hold anything; the parent is the second after it.
  const stat = readProc(pid, 'stat').toString('latin1')
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0)
}

function lineage(pid: number, parentOf: (pid: number) => number): number[] {
  const line: number[] = []
  for (let at = pid; at > 1 && !line.includes(at); at = parentOf(at)) line.push(at)
  return line
}

/** The same from `ps`, whose `e` puts the environment behind the command. Exported to be tried where there is a /proc too. */
export async function fromPs(variable: string, value: string): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['axeww', '-o', 'pid=,ppid=,command='], {
    maxBuffer: 64 * 1024 * 1024,
  })
  const rows = stdout.split('\n').flatMap((line) => {
    const [, pid, ppid, command] = /^\s*(\d+)\s+(\d+)\s(.*)$/.exec(line) ?? []
    return command === undefined ? [] : [{ pid: Number(pid), ppid: Number(ppid), command }]
  })
  const parents = new Map(rows.map((row) => [row.pid, row.ppid]))
  const ours = new Set(lineage(process.pid, (pid) => parents.get(pid) ?? 0))
  const wanted = ` ${variable}=${value} `
  return rows.filter((row) => `${row.command} `.includes(wanted) && !ours.has(row.pid)).map((row) => row.pid)
}
