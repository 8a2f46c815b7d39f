import type { World } from './records.ts'

/** GitHub's times have no fractions of a second. */
export const isoNow = (world: World): string =>
  world
    .now()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
