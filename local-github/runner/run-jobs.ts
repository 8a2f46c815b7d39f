/** The jobs of a run: who waits for whom, what a matrix makes of one, how a result is made of many. */
import { holds, resolve, resolveText, SUCCEEDING } from './expressions.ts'
import { runInstance, type Instance, type InstanceResult, type JobHost } from './instance.ts'
import { combinationLabel, expandMatrix, type Combination } from './matrix.ts'
import type { RunPlan } from './run.ts'
import type { JobFile } from './workflow-file.ts'

export type { JobHost } from './instance.ts'

export interface JobResult {
  result: 'success' | 'failure' | 'cancelled' | 'skipped'
  outputs: Record<string, string>
}

/** GitHub's own bound for all outputs of a run, counted in UTF-16. */
const RUN_OUTPUT_BYTES = 50 * 1024 * 1024

/** How every job ended, by id. */
export async function runJobs(
  plan: RunPlan,
  host: JobHost,
  cancel: AbortSignal,
): Promise<Map<string, JobResult>> {
  const files = new Map(plan.workflow.jobs.map((job) => [job.id, job]))
  const started = new Map<string, Promise<JobResult>>()
  let outputBytes = 0

  function result(id: string): Promise<JobResult> {
    const known = started.get(id)
    if (known) return known
    const job = files.get(id)
    const none: JobResult = { result: 'skipped', outputs: {} }
    const promise = Promise.resolve(kept(id) ?? (job ? perform(job) : none))
    started.set(id, promise)
    return promise
  }

  /** Of a run that is done again for what failed: a success stays, as long as nothing before it is done again. */
  function kept(id: string): JobResult | undefined {
    const job = files.get(id)
    const before = job ? [id, ...ancestors(job)].map((one) => plan.previous?.get(one)) : [undefined]
    return before.every((one) => one?.result === 'success') ? before[0] : undefined
  }

  /** All that stand before a job, not only those that it names: a skipped one holds back whatever follows from it. */
  function ancestors(job: JobFile, found = new Set<string>()): Set<string> {
    for (const need of job.needs) {
      if (found.has(need)) continue
      found.add(need)
      const file = files.get(need)
      if (file) ancestors(file, found)
    }
    return found
  }

  async function perform(job: JobFile): Promise<JobResult> {
    const before = await Promise.all([...ancestors(job)].map(result))
    const needs = Object.fromEntries(
      await Promise.all(job.needs.map(async (need) => [need, await result(need)] as const)),
    )
    const contexts = { ...plan.contexts, needs }
    const wants = (cancelled: boolean) => begins(job, contexts, before, cancelled)
    let end: JobResult
    try {
      if (!wants(cancel.aborted)) {
        const conclusion = cancel.aborted ? 'cancelled' : 'skipped'
        host.putEnded(plan.run, nameOf(job, contexts), conclusion)
        return { result: conclusion, outputs: {} }
      }
      if (job.uses !== undefined) throw new Error(`This runner calls no reusable workflow: ${job.uses}`)
      end = await performMatrix(plan, host, job, contexts, cancel, wants)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      host.putEnded(plan.run, nameOf(job, contexts), 'failure', message)
      return { result: 'failure', outputs: {} }
    }
    outputBytes += Object.values(end.outputs).join('').length * 2
    return outputBytes > RUN_OUTPUT_BYTES ? { result: 'failure', outputs: {} } : end
  }

  return new Map(await Promise.all([...files.keys()].map(async (id) => [id, await result(id)] as const)))
}

/** Whether a job begins, by its `if` and by how all the jobs before it ended. */
export function begins(
  job: JobFile,
  contexts: Readonly<Record<string, unknown>>,
  before: readonly JobResult[],
  cancelled: boolean,
): boolean {
  const status = {
    success: !cancelled && before.every((one) => one.result === 'success'),
    failure: !cancelled && before.some((one) => one.result === 'failure'),
    cancelled,
  }
  return holds(job.if, { contexts, status })
}

interface Strategy {
  matrix: Combination[]
  failFast: boolean
  maxParallel: number
}

function readStrategy(job: JobFile, contexts: Readonly<Record<string, unknown>>): Strategy {
  const written = resolve(job.strategy, { contexts, status: SUCCEEDING })
  const fields: Record<string, unknown> =
    typeof written === 'object' && written !== null ? { ...written } : {}
  const matrix = expandMatrix(fields['matrix'])
  const atOnce = fields['max-parallel']
  return {
    matrix,
    failFast: fields['fail-fast'] !== false,
    maxParallel: typeof atOnce === 'number' && atOnce > 0 ? atOnce : matrix.length,
  }
}

async function performMatrix(
  plan: RunPlan,
  host: JobHost,
  job: JobFile,
  contexts: Readonly<Record<string, unknown>>,
  cancel: AbortSignal,
  wants: (cancelled: boolean) => boolean,
): Promise<JobResult> {
  const strategy = readStrategy(job, contexts)
  const failed = new AbortController()
  const instances = strategy.matrix.map((matrix, index): Instance => {
    const own = {
      ...contexts,
      matrix,
      strategy: {
        'fail-fast': strategy.failFast,
        'job-index': index,
        'job-total': strategy.matrix.length,
        'max-parallel': strategy.maxParallel,
      },
    }
    return { job, contexts: own, name: nameOf(job, own), id: host.nextId() }
  })
  for (const instance of instances) host.putQueued(plan.run, instance)

  const results: InstanceResult[] = []
  const queue = [...instances]
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const end = await runInstance(plan, host, next, { cancel, failed: failed.signal, wants })
      results.push(end)
      if (end.result === 'failure' && !end.forgiven && strategy.failFast) failed.abort()
    }
  }
  await Promise.all(Array.from({ length: Math.min(strategy.maxParallel, instances.length) }, worker))

  // Of several that set the same output, the last one to end is heard; an empty value says nothing.
  const outputs = Object.assign({}, ...results.map((end) => end.outputs))
  const all = results.map((end) => (end.forgiven && end.result === 'failure' ? 'success' : end.result))
  const result = all.includes('failure') ? 'failure' : all.includes('cancelled') ? 'cancelled' : 'success'
  return { result, outputs }
}

/** The name that people see: as written, or the id with the combination. */
function nameOf(job: JobFile, contexts: Readonly<Record<string, unknown>>): string {
  const matrix = contexts['matrix']
  const written = job.name ? resolveText(job.name, { contexts, status: SUCCEEDING }) : ''
  if (written !== '') return written
  const label = typeof matrix === 'object' && matrix !== null ? combinationLabel({ ...matrix }) : ''
  return label === '' ? job.id : `${job.id} (${label})`
}
