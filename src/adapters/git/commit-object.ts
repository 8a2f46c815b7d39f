import type { CommitInput } from '../../core/ports.ts'
import { COMMITTER } from './environment.ts'

export interface Identity {
  name: string
  email: string
}

/** Names and addresses stand in one line between angle brackets. */
const plain = (text: string): string => text.replace(/[\0-\x1f<>]/g, '').trim()

/** Text that git can keep: no NUL, line ends as `\n`, one at the end. */
const cleanMessage = (message: string): string =>
  `${message.replaceAll('\0', '').replaceAll('\r\n', '\n').trimEnd()}\n`

/**
 * A commit object, byte for byte: the same input gives the same commit anywhere. Times are UTC. Written here and not by
 * `git commit-tree`, which is a process per commit and reads the clock.
 */
export function commitObject(input: CommitInput, author: Identity = COMMITTER): string {
  const at = Math.max(0, Math.floor(input.at))
  return [
    `tree ${input.tree}`,
    ...input.parents.map((parent) => `parent ${parent}`),
    `author ${plain(author.name)} <${plain(author.email)}> ${at} +0000`,
    `committer ${COMMITTER.name} <${COMMITTER.email}> ${at} +0000`,
    '',
    cleanMessage(input.message),
  ].join('\n')
}

export interface ParsedCommit {
  tree: string
  parents: string[]
  message: string
}

/** Tree, parents and message of a commit object. */
export function parseCommit(content: string): ParsedCommit {
  const blank = content.indexOf('\n\n')
  const head = (blank < 0 ? content : content.slice(0, blank)).split('\n')
  const values = (key: string) =>
    head.filter((each) => each.startsWith(`${key} `)).map((each) => each.slice(key.length + 1))
  return {
    tree: values('tree')[0] ?? '',
    parents: values('parent'),
    message: blank < 0 ? '' : content.slice(blank + 2),
  }
}
