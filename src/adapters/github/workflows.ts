import * as z from 'zod/mini'

import type { Forge, JobFacts } from '../../core/forge.ts'
import { lazily } from '../../core/model/lazily.ts'
import { ok, type Result } from '../../core/model/result.ts'
import type { Calls } from './calls.ts'

/** May happen twice where an answer was lost; the jobs' claims see to it that one counts. */
export async function dispatch(
  calls: Calls,
  workflow: string,
  ref: string,
  inputs: Readonly<Record<string, string>>,
): Promise<Result<void>> {
  const answer = await calls.send({
    what: `starting ${workflow}`,
    needs: 'actions: write',
    route: 'POST /repos/{owner}/{repo}/actions/workflows/{workflow}/dispatches',
    params: { workflow, ref, inputs },
    schema: z.unknown,
  })
  return answer.ok ? ok(undefined) : answer
}

const jobSchema = lazily(() =>
  z.object({
    id: z.number(),
    name: z.string(),
    status: z.string(),
    conclusion: z.nullable(z.string()),
    html_url: z.nullable(z.string()),
  }),
)

/** More jobs than a run may have (256 a matrix) fit here. */
const MAX_PAGES = 10

type Jobs = Awaited<ReturnType<Forge['jobs']>>

/** A workflow run with the jobs of its newest attempt; `pullRun` is its title, which the workflow's `run-name` writes. */
export async function readJobs(calls: Calls, run: number): Promise<Jobs> {
  const what = `reading the jobs of workflow run ${run}`
  const needs = 'actions: read'
  const page = (number: number) =>
    calls.find({
      what,
      needs,
      route: 'GET /repos/{owner}/{repo}/actions/runs/{run}/jobs',
      params: { run, filter: 'latest', per_page: 100, page: number },
      schema: () => z.object({ total_count: z.number(), jobs: z.array(jobSchema()) }),
    })
  const [facts, first] = await Promise.all([
    calls.find({
      what,
      needs,
      route: 'GET /repos/{owner}/{repo}/actions/runs/{run}',
      params: { run },
      schema: () => z.object({ status: z.nullable(z.string()), display_title: z.string() }),
    }),
    page(1),
  ])
  if (!facts.ok) return facts
  if (!first.ok) return first
  if (facts.value === undefined || first.value === undefined) return ok(undefined)
  const jobs = [...first.value.data.jobs]
  for (let number = 2; number <= MAX_PAGES && jobs.length < first.value.data.total_count; number += 1) {
    const more = await page(number)
    if (!more.ok) return more
    if (more.value === undefined || more.value.data.jobs.length === 0) break
    jobs.push(...more.value.data.jobs)
  }
  return ok({
    status: statusOf(facts.value.data.status ?? ''),
    pullRun: facts.value.data.display_title,
    jobs: jobs.map((job) => ({
      id: job.id,
      name: job.name,
      status: statusOf(job.status),
      conclusion: job.conclusion ?? undefined,
      url: job.html_url ?? '',
    })),
  })
}

/** `waiting`, `pending`, `requested` wait as `queued` does. */
const statusOf = (word: string): JobFacts['status'] =>
  word === 'completed' || word === 'in_progress' ? word : 'queued'
