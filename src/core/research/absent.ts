import type { Installed } from './installed.ts'
import type { Pinned } from './pinned.ts'

/** Not there in the version that is pinned; or nobody knows which version it should be. */
export const absent = ({ name, version, lockfile }: Pinned): Installed => ({
  ok: false,
  why:
    version === ''
      ? `${lockfile} declares ${name} without an exact version, and no lockfile has one`
      : `${lockfile} pins ${name} ${version}, but it is not installed`,
})
