import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { FileRunLock } from '../../../src/adapters/git/run-lock.ts'
import { tempDir, testEnv } from '../../support/git.ts'
import { startProgram, type Program } from '../../support/program.ts'

const holder = (folder: string): Program =>
  startProgram(`
    import { FileRunLock } from './src/adapters/git/run-lock.ts'
    const result = await new FileRunLock(${JSON.stringify(folder)}, process.env).acquire('r')
    console.log(result.ok ? 'held' : result.error[0].message)
    setInterval(() => {}, 1000)
  `)

const lockFile = (folder: string) => join(folder, 'orchestrate/r.lock')

function leave(folder: string, text: string, name = 'r.lock'): void {
  mkdirSync(join(folder, 'orchestrate'), { recursive: true })
  writeFileSync(join(folder, 'orchestrate', name), text)
}

const dead = (pid: number, started: string) => JSON.stringify({ pid, started, host: hostname(), nonce: 'x' })

describe('the lock of a run', () => {
  it('has one holder, by run, and is free after its release', async () => {
    const folder = tempDir()
    const lock = new FileRunLock(folder, testEnv())
    const first = await lock.acquire('r')
    const second = await lock.acquire('r')
    expect(second.ok === false && second.error[0]).toMatchObject({
      reason: 'run-in-progress',
      message: `Run r is held by process ${process.pid}.`,
    })
    expect((await lock.acquire('other')).ok).toBe(true)
    expect(JSON.parse(readFileSync(lockFile(folder), 'utf8'))).toMatchObject({ pid: process.pid })
    if (first.ok) await first.value()
    expect(existsSync(lockFile(folder))).toBe(false)
    expect((await lock.acquire('r')).ok).toBe(true)
  })

  it('is held by another process until that is killed', async () => {
    const folder = tempDir()
    const other = holder(folder)
    expect(await other.line()).toBe('held')
    const lock = new FileRunLock(folder, testEnv())
    const refused = await lock.acquire('r')
    expect(refused.ok === false && refused.error[0]?.message).toBe(`Run r is held by process ${other.pid}.`)
    other.kill('SIGKILL')
    await other.ended
    expect((await lock.acquire('r')).ok).toBe(true)
  })

  it('tells its holder without touching anything, and nobody once that is dead', async () => {
    const folder = tempDir()
    const lock = new FileRunLock(folder, testEnv())
    expect(await lock.holder('r')).toBeUndefined()
    const other = holder(folder)
    expect(await other.line()).toBe('held')
    expect(await lock.holder('r')).toEqual({ pid: other.pid, host: hostname() })
    other.kill('SIGKILL')
    await other.ended
    expect(await lock.holder('r')).toBeUndefined()
    expect(existsSync(lockFile(folder))).toBe(true)
  })

  it('is taken from a holder whose number another process has now, and from garbage', async () => {
    for (const text of [dead(process.pid, 'another start'), dead(2 ** 22 + 1, 'x'), 'not json', '{}', '']) {
      const folder = tempDir()
      leave(folder, text)
      expect((await new FileRunLock(folder, testEnv()).acquire('r')).ok).toBe(true)
      expect(readdirSync(join(folder, 'orchestrate'))).toEqual(['r.lock'])
    }
  })

  it('is not taken from a holder on another machine', async () => {
    const folder = tempDir()
    leave(folder, JSON.stringify({ pid: 1, started: 'x', host: 'elsewhere', nonce: 'x' }))
    const refused = await new FileRunLock(folder, testEnv()).acquire('r')
    expect(refused.ok === false && refused.error[0]?.message).toBe('Run r is held by process 1 on elsewhere.')
    expect(refused.ok === false && refused.error[0]?.hint).toContain(lockFile(folder))
  })

  it('goes to exactly one of many that find a dead holder, a dead guard too', async () => {
    for (let round = 0; round < 20; round++) {
      const folder = tempDir()
      leave(folder, dead(2 ** 22 + 1, 'x'))
      if (round % 2 === 1) leave(folder, dead(2 ** 22 + 1, 'y'), 'r.lock.takeover')
      const results = await Promise.all(
        Array.from({ length: 8 }, () => new FileRunLock(folder, testEnv()).acquire('r')),
      )
      expect(results.filter((each) => each.ok).length).toBe(1)
      expect(readdirSync(join(folder, 'orchestrate'))).toEqual(['r.lock'])
    }
  })

  it('does not release what another one took over', async () => {
    const folder = tempDir()
    const lock = new FileRunLock(folder, testEnv())
    const first = await lock.acquire('r')
    const theirs = dead(process.pid, 'theirs')
    writeFileSync(lockFile(folder), theirs)
    if (first.ok) await first.value()
    expect(readFileSync(lockFile(folder), 'utf8')).toBe(theirs)
  })
})
