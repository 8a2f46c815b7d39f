import { type PhaseId, refSegment } from './ids.ts'

/** The chain of a run: few events, written by compare-and-swap. */
export const runRef = (run: string): string => `refs/orchestrate/${run}/run`

/** The chain of one attempt of a phase, which only the holder of its claim writes. */
export const phaseRef = (run: string, phase: PhaseId, attempt: number): string =>
  `refs/orchestrate/${run}/phase/${refSegment(phase)}/${attempt}`
