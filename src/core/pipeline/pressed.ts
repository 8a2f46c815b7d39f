/**
 * A pressed button, as the App writes it into the external id of its own check before it starts the workflow. Only the App
 * that made a check can write there, so a job that finds it knows who pressed what, whatever its inputs claim.
 */
import type { CheckRun } from '../forge.ts'
import { GATE_CHECK, phaseCheck } from '../model/forge-names.ts'
import type { GateCommand } from '../model/gate-command.ts'
import { type Digest, digest, type Sha } from '../model/ids.ts'
import { parseButton } from '../report/forge-buttons.ts'

export interface Pressed {
  /** Login of who pressed. */
  by: string
  /** The button's identifier; with the check's name it is a command. */
  button: string
  pull: number
  /** Of the plan that was shown, or that the run was approved with; "" where there is none. */
  digest: Digest | ''
  /** Seconds since the epoch. */
  seconds: number
  /** How many entries of the run's chain the check told of; left out where it told of none. */
  at?: number
}

const PRESSED =
  /^by=([A-Za-z0-9_-]{1,60});button=([a-z0-9:-]{1,20});pull=([1-9]\d{0,9});plan=([0-9a-f]{64}|);time=(\d{1,12})(?:;at=([1-9]\d{0,8}))?$/

/** At most some 200 characters. */
export const formatPressed = (pressed: Pressed): string =>
  `by=${pressed.by};button=${pressed.button};pull=${pressed.pull};plan=${pressed.digest};time=${pressed.seconds}${pressed.at === undefined ? '' : `;at=${pressed.at}`}`

export function parsePressed(text: string): Pressed | undefined {
  const match = PRESSED.exec(text)
  if (match === null) return undefined
  const [, by = '', button = '', pull, plan = '', seconds, at] = match
  return {
    ...{ by, button, pull: Number(pull), digest: plan === '' ? ('' as const) : digest(plan) },
    seconds: Number(seconds),
    ...(at === undefined ? {} : { at: Number(at) }),
  }
}

/** What stands at a check of the App. The commit is the check's own, which nobody can change. */
export interface Press extends Pressed {
  command: GateCommand
  sha: Sha
}

/**
 * What was pressed on this check. Undefined where it is no check of ours, where anybody's workflow could have made it (all of
 * them write as the one App of GitHub's own), or where nothing was pressed. `app`: the id of the App that the repository trusts.
 */
export function pressOn(check: CheckRun & { sha: Sha }, app: number | undefined): Press | undefined {
  const { name, externalId, sha } = check
  if (name !== GATE_CHECK && !name.startsWith(phaseCheck(''))) return undefined
  if (check.app === '' || check.app === ACTIONS || (app !== undefined && check.appId !== app))
    return undefined
  const pressed = parsePressed(externalId.split('|')[1] ?? '')
  const command = pressed && parseButton(pressed.button, name)
  return pressed && command ? { ...pressed, command, sha } : undefined
}

const ACTIONS = 'github-actions'
