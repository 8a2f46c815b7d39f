/** Reasons that `authorize` and `approvalHolds` have in common. */
import type { Role, Statement } from '../forge.ts'
import type { Result } from '../model/result.ts'
import { type Refusal, refusal } from './refusal.ts'

export function statementRefusals(statement: Statement | undefined, by: string, pull: number): Refusal[] {
  if (statement === undefined) {
    return [refusal('deleted', 'The comment was deleted.', 'Write it again, if it is still meant.')]
  }
  const found: Refusal[] = []
  if (!sameLogin(statement.author.login, by) || statement.pull !== pull) {
    found.push(
      refusal(
        'not-the-source',
        `The ${statement.kind} is not ${by}'s at this pull request.`,
        'Write the command here yourself.',
      ),
    )
  }
  if (statement.edited) {
    found.push(
      refusal('edited', 'The comment was edited: an edited comment grants nothing.', 'Write a new one.'),
    )
  }
  if (statement.minimized) {
    found.push(refusal('minimized', 'The comment is hidden.', 'Write a new one, if it is still meant.'))
  }
  if (statement.kind === 'review' && statement.state === 'dismissed') {
    found.push(refusal('dismissed', 'The review was dismissed.', 'Review again.'))
  }
  return found
}

export function roleRefusals(login: string, role: Result<Role>, wanted: Role, command: string): Refusal[] {
  if (!role.ok) {
    return [
      refusal(
        'role-unknown',
        `The role of ${login} could not be looked up.`,
        'Nothing was done. Try again in a moment.',
      ),
    ]
  }
  if (atLeast(role.value, wanted)) return []
  return [
    refusal(
      'role',
      `${command} needs the role ${wanted}, and ${login} has ${role.value}.`,
      `Ask somebody with the role ${wanted} in this repository.`,
    ),
  ]
}

const RANK: Readonly<Record<Role, number>> = { none: 0, read: 1, triage: 2, write: 3, maintain: 4, admin: 5 }
export const atLeast = (role: Role, wanted: Role): boolean => RANK[role] >= RANK[wanted]

export const sameLogin = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

export const short = (sha: string): string => sha.slice(0, 10)

export const moved = (approved: string, now: string): Refusal =>
  refusal(
    'head-moved',
    `The approval is for ${short(approved)}, and the head is ${short(now)} now.`,
    `Look at what the check shows now and write \`/approve ${now.slice(0, 12)}\`.`,
  )

export const retargeted = (from: string, to: string): Refusal =>
  refusal(
    'base-changed',
    `What was shown goes to ${from}, and the pull request goes to ${to} now.`,
    'Wait for the check to be renewed and approve again.',
  )

export const inFork = (): Refusal =>
  refusal(
    'fork',
    'The plan lies in a fork, whose owner could change it at any time: nothing is run from there.',
    'Push the branch to this repository and open a pull request from it.',
  )

export const nothingToRun = (phases: number): Refusal =>
  refusal(
    'nothing-to-run',
    phases === 0 ? 'The plan has no phases.' : 'All of these phases are completed or skipped already.',
    phases === 0
      ? 'Write at least one phase.'
      : 'Set the status of a phase back in the plan to run it again.',
  )
