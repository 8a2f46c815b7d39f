import type { CheckWrite } from '../forge.ts'
import { GATE_CHECK, phaseCheck } from '../model/forge-names.ts'
import type { GateCommand } from '../model/gate-command.ts'
import { phaseId } from '../model/ids.ts'

export type Button = NonNullable<CheckWrite['buttons']>[number]

const PHASE_CHECK = phaseCheck('')
const APPROVE = /^approve:([0-9a-f]{12})$/

/** The approval of this head: the commit is in the identifier, so that a click means what was shown. */
export const approveButton = (head: string): Button => ({
  label: 'Approve',
  description: 'Run what this check shows',
  identifier: `approve:${head.slice(0, 12)}`,
})
export const REVIEW_BUTTON: Button = {
  label: 'Review again',
  description: 'Read the plan once more',
  identifier: 'orchestrate',
}
export const ADJUST_BUTTON: Button = {
  label: 'Adjust',
  description: 'Suggest changes that mend findings',
  identifier: 'adjust',
}
export const CONTINUE_BUTTON: Button = {
  label: 'Continue',
  description: 'Go on with the next phases',
  identifier: 'continue',
}
export const LAND_BUTTON: Button = {
  label: 'Land',
  description: 'Fast-forward to what is merged',
  identifier: 'land',
}
export const ABORT_BUTTON: Button = {
  label: 'Abort',
  description: 'End the run; its branches stay',
  identifier: 'abort',
}
export const RETRY_BUTTON: Button = {
  label: 'Retry',
  description: 'Start the phase again from scratch',
  identifier: 'retry',
}
export const SKIP_BUTTON: Button = {
  label: 'Skip',
  description: 'Leave the phase out and go on',
  identifier: 'skip',
}

/**
 * What a click means. An identifier has 20 characters, too few for any phase's id: the phase is the one of the check that
 * the button stands on. Undefined for what is no button of ours.
 */
export function parseButton(identifier: string, check: string): GateCommand | undefined {
  if (check === GATE_CHECK) {
    const head = APPROVE.exec(identifier)?.[1]
    if (head !== undefined) return { name: 'approve', head, flags: {} }
    switch (identifier) {
      case 'orchestrate':
      case 'continue':
        return { name: identifier, flags: {} }
      case 'adjust':
      case 'land':
      case 'abort':
        return { name: identifier }
      default:
        return undefined
    }
  }
  if (!check.startsWith(PHASE_CHECK) || check.length === PHASE_CHECK.length) return undefined
  const phase = phaseId(check.slice(PHASE_CHECK.length))
  switch (identifier) {
    case 'retry':
      return { name: identifier, phase, flags: {} }
    case 'skip':
      return { name: identifier, phase }
    case 'abort':
      return { name: identifier }
    default:
      return undefined
  }
}
