import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, watch } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runProcess, type ProcessEnd, type ProcessSpec } from '../../../src/adapters/process/run-process.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'run-process-'))
})
afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
})

const never = new AbortController().signal
const path = { PATH: process.env['PATH'] ?? '' }

const shell = (script: string, more: Partial<ProcessSpec> = {}): Promise<ProcessEnd> =>
  runProcess({
    file: 'sh',
    args: ['-c', script],
    cwd: dir,
    env: path,
    limits: { wallMs: 30_000 },
    signal: never,
    ...more,
  })

const node = (program: string, more: Partial<ProcessSpec> = {}): Promise<ProcessEnd> =>
  shell('', { file: process.execPath, args: ['-e', program], ...more })

/** The number that a script of the test wrote to a file, as soon as it is there. */
async function pidIn(file: string): Promise<number> {
  const path = join(dir, file)
  const read = (): number => (existsSync(path) ? Number(readFileSync(path, 'utf8').trim()) : 0)
  for await (const _ of ticks()) if (read() > 0) return read()
  return 0
}

async function* ticks(): AsyncGenerator<void> {
  const watcher = watch(dir)
  try {
    for (;;) {
      yield
      await new Promise((resolve) => {
        watcher.once('change', resolve)
        setTimeout(resolve, 100)
      })
    }
  } finally {
    watcher.close()
  }
}

/** Alive and not merely waiting to be reaped. */
function runs(pid: number): boolean {
  try {
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('Z')
  } catch {
    return false
  }
}

describe('how a process ends', () => {
  it('tells its exit code and the end of its output', async () => {
    const end = await shell('echo out; echo err >&2; exit 3')
    expect(end.outcome).toEqual({ kind: 'exit', code: 3 })
    expect(end.tail.split('\n').sort()).toEqual(['', 'err', 'out'])
    expect(end.leftBehind).toBe(0)
  })

  it('tells the signal it died of', async () => {
    expect((await shell('kill -9 $$')).outcome).toEqual({ kind: 'signal', signal: 'SIGKILL' })
  })

  it('tells a program that is not there from a directory that is not there', async () => {
    expect((await shell('', { file: 'no-such-program-here' })).outcome).toEqual({
      kind: 'spawn-failed',
      message: 'no such program: no-such-program-here',
      notFound: true,
    })
    expect((await shell('true', { cwd: join(dir, 'gone') })).outcome).toEqual({
      kind: 'spawn-failed',
      message: `no such directory: ${join(dir, 'gone')}`,
      notFound: false,
    })
  })

  it('tells an argument list that is too long for the system', async () => {
    const { outcome } = await shell('', { file: 'true', args: ['x'.repeat(256 * 1024)] })
    expect(outcome).toMatchObject({ kind: 'spawn-failed', notFound: false })
    expect(outcome.kind === 'spawn-failed' && outcome.message).toContain('E2BIG')
  })

  it('tells an argument that no program can be given', async () => {
    const { outcome } = await shell('true\0')
    expect(outcome).toMatchObject({ kind: 'spawn-failed', notFound: false })
    expect(outcome.kind === 'spawn-failed' && outcome.message).toContain('null bytes')
  })

  it('does not start at all when it is already cancelled', async () => {
    const end = await shell('touch started', { signal: AbortSignal.abort() })
    expect(end.outcome).toEqual({ kind: 'cancelled' })
    expect(existsSync(join(dir, 'started'))).toBe(false)
  })
})

describe('input and output', () => {
  it('passes a megabyte on stdin unchanged', async () => {
    const input = 'prompt é\n'.repeat(110_000)
    const end = await shell('wc -c', { input })
    expect(end.tail.trim()).toBe(String(Buffer.byteLength(input)))
  })

  it('does not mind a program that reads none of its input', async () => {
    expect((await shell('exit 0', { input: 'x'.repeat(1_000_000) })).outcome).toEqual({
      kind: 'exit',
      code: 0,
    })
  })

  it('gives the program the environment it is told and nothing else of ours', async () => {
    const end = await shell('env', { env: { ...path, GIVEN: 'yes' } })
    const names = end.tail
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0])
    const shellsOwn = ['PWD', 'OLDPWD', 'SHLVL', '_']
    expect(names.filter((name) => !shellsOwn.includes(name ?? '')).sort()).toEqual([
      'GIVEN',
      'ORCHESTRATE_PROCESS',
      'PATH',
    ])
  })

  it('streams output and keeps only its end', async () => {
    let bytes = 0
    const end = await shell('head -c 3000000 /dev/zero | tr "\\0" a; echo; echo last', {
      onStdout: (chunk) => (bytes += chunk.length),
      tailBytes: 1_000,
    })
    expect(bytes).toBe(3_000_006)
    expect(end.tail).toHaveLength(1_000)
    expect(end.tail.endsWith('a\nlast\n')).toBe(true)
  })

  it('stays small while twenty programs print 50 MB each', async () => {
    const module = new URL('../../../src/adapters/process/run-process.ts', import.meta.url).pathname
    const bundle = join(dir, 'run-process.mjs')
    execFileSync(
      join(process.cwd(), 'node_modules/.bin/esbuild'),
      [module, '--bundle', '--platform=node', '--format=esm', `--outfile=${bundle}`, '--log-level=error'],
      { stdio: 'inherit' },
    )
    const end = await node(
      `import(${JSON.stringify(bundle)}).then(async ({ runProcess }) => {
        const spec = { file: 'sh', args: ['-c', 'head -c 50000000 /dev/zero'], cwd: '.', env: { PATH: process.env.PATH },
          limits: { wallMs: 60000 }, signal: new AbortController().signal }
        const ends = await Promise.all(Array.from({ length: 20 }, () => runProcess(spec)))
        console.log(JSON.stringify({ ok: ends.every((end) => end.outcome.code === 0), rss: process.resourceUsage().maxRSS / 1024 }))
      })`,
      { limits: { wallMs: 60_000 } },
    )
    const seen = JSON.parse(end.tail) as { ok: boolean; rss: number }
    expect(seen.ok).toBe(true)
    expect(seen.rss).toBeLessThan(200)
  })
})

describe('limits', () => {
  it('ends a program that passes its wall time', async () => {
    const { outcome } = await shell('while :; do echo .; sleep 0.05; done', { limits: { wallMs: 300 } })
    expect(outcome.kind).toBe('timeout')
    expect(outcome.kind === 'timeout' && outcome.afterMs).toBeGreaterThanOrEqual(300)
  })

  it('gives more time once to a program that was active lately', async () => {
    const limits = { wallMs: 300, extraMs: 400, activeMs: 290 }
    const { outcome } = await shell('while :; do echo .; sleep 0.05; done', { limits })
    expect(outcome.kind === 'timeout' && outcome.afterMs).toBeGreaterThanOrEqual(700)
    expect(
      (
        await shell('for i in 1 2 3 4 5 6 7 8; do echo .; sleep 0.06; done', {
          limits: { ...limits, extraMs: 20_000 },
        })
      ).outcome,
    ).toEqual({
      kind: 'exit',
      code: 0,
    })
  })

  it('gives no more time to a silent program', async () => {
    const { outcome } = await shell('sleep 30', { limits: { wallMs: 400, extraMs: 20_000, activeMs: 200 } })
    expect(outcome.kind === 'timeout' && outcome.afterMs).toBeLessThan(10_000)
  })

  it('ends a program that does nothing for the idle time', async () => {
    const { outcome } = await shell('echo hello; sleep 30', { limits: { wallMs: 30_000, idleMs: 300 } })
    expect(outcome.kind).toBe('idle')
  })

  it('counts a changed file as activity', async () => {
    const { outcome } = await shell(
      'mkdir -p deep/er; for i in 1 2 3 4 5 6 7 8 9 10; do echo $i > deep/er/file; sleep 0.3; done',
      { limits: { wallMs: 30_000, idleMs: 2_000 } },
    )
    expect(outcome).toEqual({ kind: 'exit', code: 0 })
  })

  it('ends a program when it is cancelled', async () => {
    const cancel = new AbortController()
    const running = shell('echo up; sleep 30', { signal: cancel.signal, onStdout: () => cancel.abort() })
    expect((await running).outcome).toEqual({ kind: 'cancelled' })
  })

  it('kills a program that ignores being asked', async () => {
    const cancel = new AbortController()
    const end = await node(
      `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('up')`,
      {
        signal: cancel.signal,
        onStdout: () => cancel.abort(),
        endBy: [{ signal: 'SIGTERM', waitMs: 200 }],
      },
    )
    expect(end.outcome).toEqual({ kind: 'cancelled' })
    expect(end.durationMs).toBeGreaterThanOrEqual(200)
  })

  it('lets a program finish what it does when it is asked first', async () => {
    const cancel = new AbortController()
    const end = await node(
      `process.on('SIGINT', () => { console.log('cost 1.25'); process.exit(0) }); setInterval(() => {}, 1000); console.log('up')`,
      {
        signal: cancel.signal,
        onStdout: () => cancel.abort(),
        endBy: [{ signal: 'SIGINT', waitMs: 5_000 }],
      },
    )
    expect(end.outcome).toEqual({ kind: 'cancelled' })
    expect(end.tail).toBe('up\ncost 1.25\n')
  })
})

describe('what a process leaves behind', () => {
  it('does not wait for a child that holds its output open, and ends it', async () => {
    const end = await shell('sleep 300 & echo $! > pid; echo done')
    expect(end.outcome).toEqual({ kind: 'exit', code: 0 })
    expect(end.tail).toBe('done\n')
    expect(end.durationMs).toBeLessThan(10_000)
    expect(runs(await pidIn('pid'))).toBe(false)
  })

  it('ends a grandchild that has a session of its own and ignores SIGTERM', async () => {
    const end = await shell(
      `setsid sh -c 'trap "" TERM; echo $$ > pid; while :; do sleep 1; done' & while [ ! -s pid ]; do sleep 0.01; done`,
    )
    expect(end.outcome).toEqual({ kind: 'exit', code: 0 })
    expect(end.leftBehind).toBeGreaterThanOrEqual(1)
    expect(runs(await pidIn('pid'))).toBe(false)
  })

  it('is not held by a process outside the group that dropped its environment', async () => {
    const end = await shell(
      `setsid env -i ${process.execPath} -e 'require("fs").writeFileSync("pid", String(process.pid)); setTimeout(() => {}, 60000)' & while [ ! -s pid ]; do sleep 0.01; done`,
    )
    expect(end.outcome).toEqual({ kind: 'exit', code: 0 })
    process.kill(await pidIn('pid'), 'SIGKILL')
  })

  it('leaves other processes of the same run alone', async () => {
    const env = { ...path, ORCHESTRATE_RUN: 'same-run' }
    const other = spawn('sleep', ['300'], { env, stdio: 'ignore' })
    const pid = other.pid ?? 0
    await shell('true', { env })
    expect(runs(pid)).toBe(true)
    other.kill('SIGKILL')
  })
})
