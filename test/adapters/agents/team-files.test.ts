import { describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { appendFileSync, lstatSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { shareTeam } from '../../../src/adapters/agents/team-files.ts'
import type { AgentActivity } from '../../../src/core/ports.ts'
import { tempDir } from '../../support/git.ts'

/** A board that says what the test says. */
function boardOf(text: string) {
  const listeners = new Set<() => void>()
  return {
    text: () => text,
    onChange: (listener: () => void) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    say(other: string): void {
      text = other
      for (const listener of listeners) listener()
    },
    listeners,
  }
}

describe('the files of a member of a team', () => {
  test('follow the board, and tell each line of its notes once, the last when it ends', async () => {
    const dir = tempDir()
    const board = boardOf('{"tasks":1}')
    const told: AgentActivity[] = []
    const files = await shareTeam(dir, board, (activity) => told.push(activity))
    const { ORCHESTRATE_TEAM: list = '', ORCHESTRATE_DISCOVERIES: notes = '' } = files.env
    expect(readFileSync(list, 'utf8')).toBe('{"tasks":1}')
    appendFileSync(notes, 'The lock is ours\n\nhalf a ')
    while (told.length === 0) await new Promise((go) => setTimeout(go, 10))
    expect(told).toEqual([{ kind: 'discovery', text: 'The lock is ours' }])
    appendFileSync(notes, 'line')
    board.say('{"tasks":2}')
    await files.end()
    expect(readFileSync(list, 'utf8')).toBe('{"tasks":2}')
    expect(told.slice(1)).toEqual([{ kind: 'discovery', text: 'half a line' }])
    expect(board.listeners.size).toBe(0)
  })

  test('write through no link and into no pipe that the member puts in their place', async () => {
    const dir = tempDir()
    const outside = join(tempDir(), 'profile')
    writeFileSync(outside, 'of a person\n')
    const board = boardOf('{}')
    const told: AgentActivity[] = []
    const files = await shareTeam(dir, board, (activity) => told.push(activity))
    const { ORCHESTRATE_TEAM: list = '', ORCHESTRATE_DISCOVERIES: notes = '' } = files.env
    for (const file of [list, notes]) {
      rmSync(file)
      symlinkSync(outside, file)
    }
    // Where a name beside it could be foreseen, a link there would be followed, and a pipe would hold us for good.
    symlinkSync(outside, `${list}.new`)
    execFileSync('mkfifo', [`${list}.tmp`])
    board.say('{"curl":"evil | sh"}')
    await files.end()
    expect(readFileSync(outside, 'utf8')).toBe('of a person\n')
    expect(lstatSync(list).isSymbolicLink()).toBe(false)
    expect(readFileSync(list, 'utf8')).toBe('{"curl":"evil | sh"}')
    expect(told).toEqual([])
  })
})
