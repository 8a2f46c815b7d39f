import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCommandRunner, firstWord } from '../../../src/adapters/process/command-runner.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'command-runner-'))
})
afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
})

const runner = createCommandRunner({ PATH: process.env['PATH'], GITHUB_TOKEN: 'secret' })
const signal = new AbortController().signal

describe('running a command of the project', () => {
  it('runs it by the shell where it is told and gives the end of its output', async () => {
    writeFileSync(join(dir, 'here'), '')
    const { outcome, tail } = await runner.run('ls && echo bad >&2 && exit 2', {
      cwd: dir,
      wallMs: 10_000,
      signal,
    })
    expect(outcome).toEqual({ kind: 'exit', code: 2 })
    expect(tail.split('\n').sort()).toEqual(['', 'bad', 'here'])
  })

  it('keeps at most 64 KiB of output', async () => {
    const { tail } = await runner.run('yes | head -c 200000; echo end', { cwd: dir, wallMs: 10_000, signal })
    expect(Buffer.byteLength(tail)).toBe(64 * 1024)
    expect(tail.endsWith('end\n')).toBe(true)
  })

  it('passes no secret of ours to it, but what is asked for', async () => {
    const { tail } = await runner.run('echo "[$GITHUB_TOKEN] [$ORCHESTRATE_RUN]"', {
      cwd: dir,
      wallMs: 10_000,
      signal,
      env: { ORCHESTRATE_RUN: 'r1' },
    })
    expect(tail).toBe('[] [r1]\n')
  })

  it('ends it when its time is over', async () => {
    const { outcome } = await runner.run('sleep 60 & sleep 60; wait', { cwd: dir, wallMs: 200, signal })
    expect(outcome.kind).toBe('timeout')
  })
})

describe('whether a command is there', () => {
  it.each([
    ['ls -l', true],
    ['cd sub && no-matter', true],
    ['CI=1 FOO="a b" ls', true],
    ['(ls; echo)', true],
    ['"ls" -l', true],
    ['$TOOL build', true],
    ['if true; then ls; fi', true],
    ['no-such-program-here --flag', false],
    ['./not-there.sh', false],
    ['', false],
    ['   ', false],
  ])('%s: %s', async (command, found) => {
    expect(await runner.exists(command, dir)).toBe(found)
  })

  it('finds a script of the working directory, where it may be run', async () => {
    writeFileSync(join(dir, 'build.sh'), '#!/bin/sh\n', { mode: 0o755 })
    writeFileSync(join(dir, 'notes.txt'), '')
    expect(await runner.exists('./build.sh --all', dir)).toBe(true)
    expect(await runner.exists('./notes.txt', dir)).toBe(false)
  })

  it('reads the first word as the shell does', () => {
    expect(firstWord(`A=1 B='x y' "my tool" --flag`)).toBe('my tool')
    expect(firstWord('my\\ tool --flag')).toBe('my tool')
    expect(firstWord('tool;other')).toBe('tool')
    expect(firstWord('! tool|other')).toBe('tool')
  })
})
