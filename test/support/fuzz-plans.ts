import { planFilesOf, PLANS } from '../core/ingest/fixtures.ts'
import { FORMAT_PLANS, formatPlan, RUN_PLANS, runPlan } from '../formats/fixtures.ts'
import type { Files } from '../formats/memory-plan.ts'

export const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text))
export const each = (files: Files): Record<string, Uint8Array> =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [name, bytesOf(text)]))

/** Real plans of every format. */
export const REAL: readonly { files: Files; path: string }[] = [
  ...RUN_PLANS.map((name) => runPlan(name)),
  ...FORMAT_PLANS.map((name) => formatPlan(name)),
  ...PLANS.map((name) => ({
    files: Object.fromEntries(
      Object.entries(planFilesOf(name)).map(([file, text]) => [`plan/${file}`, text]),
    ),
    path: 'plan',
  })),
]
