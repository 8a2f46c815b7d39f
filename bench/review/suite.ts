import { ingest } from '../../src/core/ingest/ingest.ts'
import type { Diagnostic } from '../../src/core/model/diagnostic.ts'
import type { Plan } from '../../src/core/model/plan.ts'
import { REVIEW_RULES } from '../../src/core/model/rules.ts'
import type { PlanSource } from '../../src/core/ports.ts'
import { reviewPlan } from '../../src/core/review/review.ts'
import type { Files, Mutation } from './edit.ts'
import { PHASE_MUTATIONS } from './in-phases.ts'
import { SPEC_MUTATIONS } from './in-specs.ts'
import { TEXT_MUTATIONS } from './in-text.ts'

export const MUTATIONS: readonly Mutation[] = [...PHASE_MUTATIONS, ...SPEC_MUTATIONS, ...TEXT_MUTATIONS]

export interface GoodPlan {
  name: string
  files: Files
}

export interface RuleResult {
  rule: string
  planted: number
  found: number
  /** Where the planted defect was not found, and where other rules spoke as well. */
  missed: string[]
  beside: string[]
}

export interface SuiteResult {
  rules: RuleResult[]
  plans: number
  /** Findings on the plans as they are. */
  errors: string[]
  warnings: number
  notes: number
}

/**
 * Puts every kind of defect into every plan, at each place that fits, one at a time, and looks which rules have more findings
 * than before. `most`: at most so many of one kind in one plan, spread over its places.
 */
export async function runSuite(plans: readonly GoodPlan[], most = Infinity): Promise<SuiteResult> {
  const result: SuiteResult = {
    rules: REVIEW_RULES.map((rule) => ({ rule, planted: 0, found: 0, missed: [], beside: [] })),
    plans: 0,
    errors: [],
    warnings: 0,
    notes: 0,
  }
  const byRule = new Map(result.rules.map((entry) => [entry.rule, entry]))
  for (const { name, files } of plans) {
    const plan = await read(files)
    if (plan === undefined) continue
    result.plans++
    const before = reviewPlan(plan).diagnostics
    for (const { severity, rule, file, line } of before) {
      if (severity === 'error') result.errors.push(`${name}: ${rule} at ${file}:${line}`)
      else if (severity === 'warning') result.warnings++
      else result.notes++
    }
    for (const { rule, plant } of MUTATIONS) {
      const entry = byRule.get(rule)
      if (entry === undefined) throw new Error(`there is no rule ${rule}`)
      for (const { files: changed, what } of spread(plant(plan, files), most)) {
        const mutant = await read(changed)
        const more = mutant === undefined ? [] : grown(before, reviewPlan(mutant).diagnostics)
        entry.planted++
        if (more.includes(rule)) entry.found++
        else entry.missed.push(`${name}: ${what}`)
        const others = more.filter((one) => one !== rule)
        if (others.length > 0) entry.beside.push(`${name}: ${what}: ${others.join(', ')}`)
      }
    }
  }
  return result
}

/** So many of them, evenly spread. */
const spread = <T>(items: readonly T[], most: number): T[] =>
  items.length <= most
    ? [...items]
    : Array.from({ length: most }, (_, n) => items[Math.floor((n * items.length) / most)]).flatMap(
        (one) => one ?? [],
      )

/** Rules with more findings than before, or findings about more places. */
function grown(before: readonly Diagnostic[], after: readonly Diagnostic[]): string[] {
  const weigh = (all: readonly Diagnostic[]) => {
    const counts = new Map<string, number>()
    for (const { rule, related = [], message } of all)
      counts.set(
        rule,
        (counts.get(rule) ?? 0) +
          1 +
          related.length +
          (/^\d+ invisible/.test(message) ? Number.parseInt(message, 10) : 0),
      )
    return counts
  }
  const [old, now] = [weigh(before), weigh(after)]
  return [...now].filter(([rule, count]) => count > (old.get(rule) ?? 0)).map(([rule]) => rule)
}

async function read(files: Files): Promise<Plan | undefined> {
  const names = Object.keys(files).sort()
  const source: PlanSource = {
    shown: 'plan',
    dir: 'plan',
    read: (path) => {
      const text = Object.hasOwn(files, path) ? files[path] : undefined
      return Promise.resolve(text === undefined ? undefined : { text, invalidUtf8: false })
    },
    list: () => Promise.resolve(names),
    documents: () => Promise.resolve([]),
  }
  return (await ingest(source)).plan
}
