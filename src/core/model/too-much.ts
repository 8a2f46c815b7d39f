/** A worktree holds so much that is new that recording it would fill the repository: nobody meant that to be committed. */
export class TooMuch extends Error {
  override name = 'TooMuch'
}

/** Far above what a step may change, since what builds leave behind is recorded too. */
export const MOST_RECORDED = { files: 50_000, bytes: 1_000_000_000 } as const
