/** What has to hold for the bytes of any plan, however broken. */
import { decodeText } from '../../src/adapters/files/plan-limits.ts'
import { ingest } from '../../src/core/ingest/ingest.ts'
import type { Diagnostic, Place } from '../../src/core/model/diagnostic.ts'
import type { Plan } from '../../src/core/model/plan.ts'
import { pathFromRoot } from '../../src/core/model/plan-path.ts'
import { proposeRevision } from '../../src/core/pipeline/revise.ts'
import type { PlanSource } from '../../src/core/ports.ts'
import { renderDiagnostics, renderSilenced } from '../../src/core/report/diagnostics.ts'
import { toGithub, toJson, toSarif } from '../../src/core/report/formats.ts'
import { patchText } from '../../src/core/report/patch.ts'
import { type Review, reviewPlan, RULES } from '../../src/core/review/review.ts'
import { planIn } from '../formats/memory-plan.ts'

/** A plan as it lies in a repository: bytes by path from the root. */
export interface BytesOfPlan {
  files: Readonly<Record<string, Uint8Array>>
  /** Its directory, or its one file. */
  path: string
}

/** Everything that is wrong with reading, reviewing, and mending it, one text each; none where all holds. */
export async function planFaults({ files, path }: BytesOfPlan): Promise<string[]> {
  const decoded = new Map(Object.entries(files).map(([name, bytes]) => [name, decodeText(bytes)]))
  const texts = Object.fromEntries([...decoded].map(([name, { text }]) => [name, text]))
  const source = sourceOf(texts, path, (name) => decoded.get(name)?.invalidUtf8 === true)
  const { plan, diagnostics, failures, mode } = await ingest(source)
  const textOf = (file: string): string | undefined => texts[pathFromRoot(source.dir, file)]
  const faults: string[] = []
  if ((plan === undefined) !== (mode === 'invalid')) faults.push(`${mode}, and a plan is there or not`)
  if (plan === undefined && failures.length === 0) faults.push('no plan, and nothing says why')
  faults.push(
    ...placeFaults('reading', diagnostics, textOf),
    ...reportFaults({ diagnostics, silenced: [] }, source.dir, textOf),
  )
  if (plan === undefined) return faults
  faults.push(...planFaultsOf(plan, textOf))
  const review = reviewPlan(plan)
  faults.push(
    ...placeFaults('review', [...review.diagnostics, ...review.blocking], textOf),
    ...reportFaults(review, source.dir, textOf),
  )
  if (failures.length > 0) return faults
  faults.push(...(await mendFaults(source, plan, review, textOf)))
  return faults
}

type TextOf = (file: string) => string | undefined

function sourceOf(
  texts: Readonly<Record<string, string>>,
  path: string,
  isBroken: (name: string) => boolean = () => false,
): PlanSource {
  const source = planIn(texts, path)
  return {
    ...source,
    read: async (name) => {
      const read = await source.read(name)
      return read && { ...read, invalidUtf8: isBroken(pathFromRoot(source.dir, name)) }
    },
  }
}

const linesIn = (text: string): string[] => text.split(/\r\n|\r|\n/u)

function placeFaults(step: string, diagnostics: readonly Diagnostic[], textOf: TextOf): string[] {
  const lines = new Map<string, string[] | undefined>()
  const linesOf = (file: string): string[] | undefined => {
    if (!lines.has(file)) {
      const text = textOf(file)
      lines.set(file, text === undefined ? undefined : linesIn(text))
    }
    return lines.get(file)
  }
  const fault = ({ file, line, endLine = line }: Place): string | undefined => {
    const there = linesOf(file)
    if (there === undefined) return `${file} is no file`
    return Number.isInteger(line) && line >= 1 && line <= endLine && endLine <= there.length
      ? undefined
      : `lines ${line} to ${endLine} of ${there.length}`
  }
  return diagnostics.flatMap((one) => {
    const { rule, file, line, endLine = line, column, endColumn, related = [] } = one
    const wrong = [one, ...related].flatMap((place) => fault(place) ?? [])
    if (column !== undefined && wrong.length === 0) {
      const first = linesOf(file)?.[line - 1]?.length ?? 0
      const last = linesOf(file)?.[endLine - 1]?.length ?? 0
      if (column < 1 || column > first + 1) wrong.push(`column ${column} of ${first}`)
      if (endColumn !== undefined && (endColumn > last + 1 || (endLine === line && endColumn < column)))
        wrong.push(`columns ${column} to ${endColumn} of ${last}`)
    }
    return wrong.map((what) => `${step}: ${rule} at ${file}:${line}: ${what}`)
  })
}

/** What a terminal would act on, or nobody would see. */
const UNSEEN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u202a-\u202e\u2066-\u2069]/u

function reportFaults(
  { diagnostics, silenced }: Pick<Review, 'diagnostics' | 'silenced'>,
  dir: string,
  textOf: TextOf,
): string[] {
  const style = { color: false, width: 80 }
  const text = renderDiagnostics(diagnostics, textOf, style) + renderSilenced(silenced, style)
  const annotations = toGithub(diagnostics, { dir })
  const json = JSON.parse(toJson(diagnostics, silenced)) as { diagnostics: unknown[] }
  const sarif = JSON.parse(toSarif(diagnostics, { dir, version: '1.0.0', rules: RULES, silenced })) as {
    runs: { results: unknown[] }[]
  }
  const counts = [
    annotations.split('\n').length - 1,
    json.diagnostics.length,
    (sarif.runs[0]?.results.length ?? 0) - silenced.length,
  ]
  return [
    ...(UNSEEN.test(text) ? [`the report holds ${JSON.stringify(UNSEEN.exec(text)?.[0])}`] : []),
    ...(counts.some((n) => n !== diagnostics.length)
      ? [`${diagnostics.length} findings, reported as ${counts.join()}`]
      : []),
  ]
}

function planFaultsOf(plan: Plan, textOf: TextOf): string[] {
  const faults: string[] = []
  const once = (what: string, ids: readonly string[]): void => {
    const twice = ids.filter((id, at) => ids.indexOf(id) !== at)
    if (twice.length > 0) faults.push(`${what} ${twice.join()} twice`)
  }
  const tasks = plan.phases.flatMap((phase) => phase.tasks)
  once(
    'phase',
    plan.phases.map(({ id }) => id),
  )
  once(
    'task',
    tasks.map(({ id }) => id),
  )
  const known = new Set(plan.phases.map(({ id }) => id))
  for (const { id, dependsOn, after } of plan.phases)
    for (const other of [...dependsOn, ...after])
      if (!known.has(other)) faults.push(`phase ${id} waits for ${other}, which is none`)
  const places = [...plan.phases, ...tasks].map(({ id, place }): Diagnostic => ({
    ...{ rule: `place of ${id}`, severity: 'info', message: '', hint: '' },
    ...place,
  }))
  return [...faults, ...placeFaults('plan', places, textOf)]
}

async function mendFaults(source: PlanSource, plan: Plan, before: Review, textOf: TextOf): Promise<string[]> {
  const proposed = await proposeRevision(source, plan)
  if (!proposed.ok || proposed.value.changes.length === 0) return []
  const { files } = proposed.value
  patchText([...files].map(([path, after]) => ({ path, before: textOf(path) ?? '', after })))
  const again = await ingest({
    ...source,
    read: async (path) => {
      const text = files.get(path)
      return text === undefined ? await source.read(path) : { text, invalidUtf8: false }
    },
  })
  if (again.plan === undefined) return ['what is proposed is no plan']
  const errors = (review: Review): number =>
    review.diagnostics.filter(({ severity }) => severity === 'error').length
  const [was, is] = [errors(before), errors(reviewPlan(again.plan))]
  return is > was ? [`what is proposed has ${is} errors instead of ${was}`] : []
}
