/** The refs that a push asks to move, from the head of its request (gitprotocol-pack, "Reference Update Request"). */
import type { RefChange } from '../events/ref-changes.ts'

const COMMAND = /^([0-9a-f]{40}) ([0-9a-f]{40}) ([^\0\n]+)/

export function pushCommands(body: Buffer): RefChange[] {
  const commands: RefChange[] = []
  for (let at = 0; at + 4 <= body.length;) {
    const length = parseInt(body.subarray(at, at + 4).toString(), 16)
    // 0000 ends the list; the pack follows.
    if (!(length >= 4)) break
    const match = COMMAND.exec(body.subarray(at + 4, at + length).toString())
    if (match) commands.push({ before: match[1] ?? '', after: match[2] ?? '', ref: match[3] ?? '' })
    at += length
  }
  return commands
}
