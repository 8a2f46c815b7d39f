import { spawnSync } from 'node:child_process'
import { constants, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'

/** Sees from outside what a program does first: requests to a server that knows nothing, and git processes. */
export interface Watch {
  url: string
  /** Goes before PATH: the git in it tells that it runs, then is the real one. */
  bin: string
  /** Told of everything that is seen: "request", or the arguments of git between blanks. */
  told: ((seen: string) => void) | undefined
  close(): void
}

export async function watch(dir: string): Promise<Watch> {
  const bin = join(dir, 'bin')
  mkdirSync(bin)
  const pipe = join(bin, 'pipe')
  const real = said('sh', '-c', 'command -v git').trim()
  said('mkfifo', pipe)
  writeFileSync(join(bin, 'git'), `#!/bin/sh\necho " $* " >'${pipe}'\nexec '${real}' "$@"\n`, { mode: 0o755 })
  // Opened for both, so that it does not end when a git has written.
  const gits = new Socket({ fd: openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK), writable: false })
  const server = createServer((_, answer) => {
    answer.writeHead(404).end()
    watching.told?.('request')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const watching: Watch = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bin,
    told: undefined,
    close() {
      gits.destroy()
      server.close()
    },
  }
  gits.on('data', (text) => watching.told?.(String(text)))
  return watching
}

function said(file: string, ...args: string[]): string {
  const { status, stdout, error } = spawnSync(file, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${file} ${args.join(' ')}: ${error?.message ?? status}`)
  return stdout
}

/** Milliseconds of processor time that the threads of a process took so far; undefined where Linux is not. */
export function cpuOf(pid: number): number | undefined {
  try {
    const threads = `/proc/${pid}/task`
    const taken = readdirSync(threads).map((id) => {
      const [ns = ''] = readFileSync(join(threads, id, 'schedstat'), 'utf8').split(' ')
      return Number(ns)
    })
    return taken.reduce((sum, ns) => sum + ns, 0) / 1e6
  } catch {
    return undefined
  }
}
