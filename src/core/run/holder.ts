/**
 * Who holds a claim. A job of a forge is named so that others can ask whether it still works; a person's terminal is named by
 * its owner (`Ada <ada@example.org>#1f2e3d4c`), and nobody can ask about that.
 */
export interface JobName {
  /** Of the workflow run. */
  run: number
  /** Counts re-runs of it from 1. */
  attempt: number
  /** As the forge shows it. */
  job: string
}

export const formatHolder = ({ run, attempt, job }: JobName): string => `actions:${run}:${attempt}:${job}`

export function parseHolder(holder: string): JobName | undefined {
  const [, run, attempt, job = ''] = /^actions:([1-9]\d{0,14}):([1-9]\d{0,5}):(.{0,200})$/s.exec(holder) ?? []
  return run === undefined ? undefined : { run: Number(run), attempt: Number(attempt), job }
}
