import { describe, expect, test } from '@jest/globals'
import { parseCommands } from '../../../src/core/gate/command.ts'
import { commandsFor } from '../../../src/core/report/gate-commands.ts'
import { gateComment, MAX_COMMENT } from '../../../src/core/report/gate-comment.ts'
import { expectGolden } from '../../support/golden.ts'
import { golden, shownAs, STATES } from './gate-states.ts'

describe('the comment', () => {
  test.each(['needs-approval', 'running', 'changed'])('is drawn whole: %s', (name) => {
    const state = STATES[name]
    if (state === undefined) throw new Error(name)
    const answer = {
      to: 'mallory',
      command: '/approve',
      text: '/approve needs the role write, and mallory has read.\nAsk somebody with the role write.',
    }
    expectGolden(`${gateComment(shownAs(state, { answer }), MAX_COMMENT)}\n`, golden(`comment-${name}`))
  })

  test('every command that it offers is one that the gate reads', () => {
    const offered = Object.values(STATES).flatMap((state) =>
      commandsFor(shownAs(state)).map(([command]) => command),
    )
    expect(offered.length).toBeGreaterThan(20)
    for (const line of offered.flatMap((command) => command.split(' · '))) {
      expect({ line, ...parseCommands(line) }).toMatchObject({ line, kind: 'commands' })
    }
  })

  test('grants nothing when it is quoted or read as a comment of a person', () => {
    for (const state of Object.values(STATES)) {
      expect(parseCommands(gateComment(shownAs(state), MAX_COMMENT))).toEqual({ kind: 'none' })
    }
  })
})
