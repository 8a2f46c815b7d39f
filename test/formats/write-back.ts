import { formatOf } from '../../src/core/ingest/formats/index.ts'
import { isOptional } from '../../src/core/model/optional-tasks.ts'
import type { Plan, Status } from '../../src/core/model/plan.ts'
import { pathFromRoot } from '../../src/core/model/plan-path.ts'
import { bareOf } from './marks.ts'
import { type Files, readIn } from './memory-plan.ts'

/** The files with what the plan's format writes for a phase. */
export function written(files: Files, plan: Plan, index: number, status: Status): Files {
  const phase = plan.phases[index]
  if (phase === undefined) throw new Error(`no phase ${index}`)
  const own = new Map(
    plan.files.map(({ path }) => [path, files[pathFromRoot(plan.dir, path)] ?? ''] as const),
  )
  const changed = formatOf(plan.mode).write(own, { phase, index: plan.index, status })
  const texts = [...changed].map(([path, text]) => [pathFromRoot(plan.dir, path), text] as const)
  return { ...files, ...Object.fromEntries(texts) }
}

/**
 * What is wrong with writing back, one text per fault: each phase by itself and all of them one after the other have to read back
 * as completed, leave the others and every byte that is no mark as they were, and keep the digest.
 */
export async function writeBackFaults(
  files: Files,
  path: string,
  bare: (text: string) => string,
): Promise<string[]> {
  const { plan } = await readIn(files, path)
  if (plan === undefined) return ['not read']
  const faults: string[] = []
  const mayAdd = formatOf(plan.mode)
    .creates?.(plan.files.map((file) => file.path))
    .map((name) => pathFromRoot(plan.dir, name))
  const expectSame = (now: Files, what: string): void => {
    for (const [name, text] of Object.entries(now))
      if (!(files[name] === undefined && mayAdd?.includes(name)) && bare(text) !== bare(files[name] ?? ''))
        faults.push(`${what}: ${name} changed besides marks`)
  }
  let all = files
  for (const [index, phase] of plan.phases.entries()) {
    const now = written(files, plan, index, 'completed')
    all = written(all, plan, index, 'completed')
    expectSame(now, `phase ${phase.id}`)
    const after = (await readIn(now, path)).plan
    if (after?.digest !== plan.digest) faults.push(`phase ${phase.id}: another digest`)
    if (after?.phases[index]?.status !== 'completed')
      faults.push(`phase ${phase.id}: reads back as ${after?.phases[index]?.status ?? 'nothing'}`)
    const others = (read: Plan | undefined): string =>
      JSON.stringify(
        read?.phases.map((p, at) => [
          p.id,
          p.title,
          p.tasks.map(({ title }) => title),
          at === index ? '' : p.status,
        ]),
      )
    if (others(after) !== others(plan)) faults.push(`phase ${phase.id}: something else changed`)
  }
  expectSame(all, 'all phases')
  const done = (await readIn(all, path)).plan
  const open = done?.phases.filter(({ status }) => status !== 'completed').map(({ id }) => id) ?? []
  if (open.length > 0) faults.push(`open after all: ${open.join()}`)
  return faults
}

/**
 * What is wrong with a plan after its run, one text per fault: what had to be done reads back as done, what was left to its approver
 * as it was, under the same digest; its files differ by marks alone, and only those that its format adds are new.
 */
export async function faultsOfEnd(plan: Plan, before: Files, after: Files, path: string): Promise<string[]> {
  const now = (await readIn(after, path)).plan
  const bare = bareOf(plan.mode)
  const inRoot = (name: string): string => pathFromRoot(plan.dir, name)
  const mayAdd = formatOf(plan.mode)
    .creates?.(plan.files.map((file) => file.path))
    .map(inRoot)
  const wanted = plan.phases.map((one) => `${one.id} ${isOptional(one) ? one.status : 'completed'}`)
  const is = now?.phases.map(({ id, status }) => `${id} ${status}`) ?? []
  return [
    ...wanted.filter((one, at) => is[at] !== one).map((one) => `${one} expected: ${is.join()}`),
    ...(now?.digest === plan.digest ? [] : ['another digest']),
    ...Object.entries(before).flatMap(([name, text]) =>
      bare(after[name] ?? '') === bare(text) ? [] : [`${name} changed besides marks`],
    ),
    ...(mayAdd ?? []).filter((name) => after[name] === undefined).map((name) => `${name} is not there`),
    ...(now?.files ?? [])
      .map((file) => inRoot(file.path))
      .filter((name) => before[name] === undefined && mayAdd?.includes(name) !== true)
      .map((name) => `${name} is new`),
  ]
}
