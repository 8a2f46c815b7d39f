import type { Annotation } from '../core/report/annotations.ts'
import type { Failure } from '../core/model/failure.ts'

/** What a mode tells GitHub, as data; `index.ts` publishes it. */
export interface Outcome {
  annotations: Annotation[]
  /** Markdown for the job's summary; undefined where there is nothing to sum up. */
  summary: string | undefined
  outputs: Record<string, string>
  /** Texts that the workflow may keep as an artifact, by name. */
  files?: Record<string, string>
  failed: boolean
}

/** Bad input: nothing was read, nothing is put out. */
export const refused = (failures: readonly Failure[]): Outcome => ({
  annotations: failures.map(({ message, hint }) => ({
    level: 'error',
    title: 'Orchestrate',
    message: `${message}\n${hint}`,
  })),
  summary: undefined,
  outputs: {},
  failed: true,
})
