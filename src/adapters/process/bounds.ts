import { totalmem } from 'node:os'
import { constrainedMemory } from 'node:process'
import type { Config } from '../../core/model/config.ts'

/** The part of a configuration's limits that is meant; others may stand beside it. */
export type BoundLimits = {
  [K in 'diskMb' | 'files' | 'processes' | 'memoryMb' | 'freeMb']?: Config['limits'][K] | undefined
}

/** What one process, with everything that it starts, may use of the machine while it runs. */
export interface Bounds {
  /** Bytes that it may add below the directories that it may write to. One file may hold as many. */
  diskBytes: number
  /** Files and directories that it may add there. */
  files: number
  /** Processes at one time. */
  processes: number
  memoryBytes: number
  /** Bytes that have to stay free on these disks: with less nothing is started, and what runs is ended. */
  freeBytes: number
}

const MB = 1_000_000

/** What a configuration leaves out: enough for large builds, and less than what the disk of a job holds. */
export function boundsOf(limits: BoundLimits = {}): Bounds {
  return {
    diskBytes: (limits.diskMb ?? 10_000) * MB,
    files: limits.files ?? 500_000,
    processes: limits.processes ?? 2_000,
    memoryBytes: limits.memoryMb === undefined ? Math.floor(machineMemory() * 0.75) : limits.memoryMb * MB,
    freeBytes: (limits.freeMb ?? 500) * MB,
  }
}

/** Of the control group that we are in, where that is less than the machine's. Node says 0, or more than there is, where it has none. */
function machineMemory(): number {
  const constrained = constrainedMemory?.() ?? 0
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
}

/** Bytes as people read them. */
export const inMb = (bytes: number): string => `${Math.round(bytes / MB).toLocaleString('en')} MB`
