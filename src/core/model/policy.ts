import { LABEL } from './forge-names.ts'

export const APPROVER_ROLES = ['write', 'maintain', 'admin'] as const
export const OTHER_PERSON = ['auto', 'always', 'never'] as const

/** Who may pass the gate of a code host: the policy keys of `.github/orchestrate.yml`, read from the base ref. */
export interface Policy {
  /** The label that makes a pull request a gate. */
  label: string
  approve: {
    /** The least right in the repository that approves, and decides about a run. */
    role: (typeof APPROVER_ROLES)[number]
    /**
     * Whether somebody else than the author, last pusher and co-authors has to approve. `auto`: where the repository has
     * more than one person who may write.
     */
    otherPerson: (typeof OTHER_PERSON)[number]
    /** An approving review counts as `/approve`. */
    reviews: boolean
    /** The only value there is: no bot approves. Stands in the file for people to read. */
    bots: 'never'
  }
}

export const DEFAULT_POLICY: Policy = {
  label: LABEL,
  approve: { role: 'write', otherPerson: 'auto', reviews: false, bots: 'never' },
}
