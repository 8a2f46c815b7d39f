/** Workflow runs and jobs, and what starts them by request. */
import * as z from 'zod'
import { reading, writing } from '../auth/may.ts'
import { renderJob, renderRun, workflowId } from '../actions/render-actions.ts'
import type { Api, Call } from '../http/api.ts'
import { notFound, Refusal } from '../http/refusal.ts'
import { empty, json, type Reply } from '../http/reply.ts'
import type { Repository } from '../state/records.ts'
import type { ActionsRun } from '../types.ts'

const Dispatch = z.object({
  ref: z.string(),
  inputs: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  return_run_details: z.boolean().default(false),
})
const MAX_INPUTS = 25
const MAX_INPUT_CHARACTERS = 65_535
const RepositoryDispatch = z.object({
  event_type: z.string().min(1).max(100),
  client_payload: z.record(z.string(), z.unknown()).default({}),
})
const MAX_PAYLOAD_KEYS = 10

export function actionsRoutes(api: Api): void {
  const read = reading('actions')
  api.repo('POST', '/actions/workflows/:workflow/dispatches', writing('actions'), dispatch)
  api.repo('POST', '/dispatches', writing('contents'), repositoryDispatch)
  api.repo('GET', '/actions/workflows', read, async (call, repo) =>
    call.counted(await workflowFiles(repo), 'workflows', (path) => renderWorkflow(call, repo, path)),
  )
  api.repo('GET', '/actions/workflows/:workflow', read, async (call, repo) =>
    json(renderWorkflow(call, repo, await workflowPath(call, repo))),
  )
  api.repo('GET', '/actions/runs', read, (call, repo) => runs(call, repo, () => true))
  api.repo('GET', '/actions/workflows/:workflow/runs', read, async (call, repo) => {
    const path = await workflowPath(call, repo)
    return runs(call, repo, (run) => run.workflow.path === path)
  })
  api.repo('GET', '/actions/runs/:id', read, (call, repo) =>
    json(renderRun(call.world, repo, runOf(call, repo))),
  )
  api.repo('GET', '/actions/runs/:id/jobs', read, (call, repo) => {
    const run = runOf(call, repo)
    return call.counted(call.world.actions.jobs(run.id), 'jobs', (job) =>
      renderJob(call.world, repo, run, job),
    )
  })
  api.repo('GET', '/actions/jobs/:id', read, (call, repo) => {
    const { run, job } = jobOf(call, repo)
    return json(renderJob(call.world, repo, run, job))
  })
  api.repo('GET', '/actions/jobs/:id/logs', read, (call, repo) => ({
    status: 200,
    body: Buffer.from(jobOf(call, repo).job.log),
    headers: { 'content-type': 'text/plain; charset=utf-8' },
  }))
  for (const path of ['cancel', 'force-cancel'])
    api.repo('POST', `/actions/runs/:id/${path}`, writing('actions'), (call, repo) => {
      const run = runOf(call, repo)
      if (run.status === 'completed')
        throw new Refusal(409, 'Cannot cancel a workflow run that is completed.')
      call.world.actions.onCancel?.(run.id)
      return json({}, 202)
    })
  for (const path of ['rerun', 'rerun-failed-jobs'] as const)
    api.repo('POST', `/actions/runs/:id/${path}`, writing('actions'), (call, repo) => {
      const run = runOf(call, repo)
      if (run.status !== 'completed') throw new Refusal(403, 'This workflow is already running')
      call.world.actions.onRerun?.(run.id, path === 'rerun-failed-jobs')
      return json({}, 201)
    })
}

async function workflowFiles(repo: Repository): Promise<string[]> {
  const tree = await repo.git.tree(`refs/heads/${repo.defaultBranch}:.github/workflows`)
  return (tree?.entries ?? [])
    .filter(({ name }) => /\.ya?ml$/.test(name))
    .map(({ name }) => `.github/workflows/${name}`)
}

/** By file name or id, as long as it stands on the default branch. */
async function workflowPath(call: Call, repo: Repository): Promise<string> {
  const wanted = call.param('workflow')
  const found = (await workflowFiles(repo)).find(
    (path) => path === `.github/workflows/${wanted}` || String(workflowId(path)) === wanted,
  )
  if (found === undefined) throw notFound()
  return found
}

function renderWorkflow(call: Call, repo: Repository, path: string): unknown {
  const id = workflowId(path)
  const name = path.split('/').at(-1) ?? path
  return {
    id,
    node_id: `W_${id}`,
    name,
    path,
    state: 'active',
    created_at: repo.createdAt,
    updated_at: repo.createdAt,
    url: `${call.world.url}/repos/${repo.fullName}/actions/workflows/${id}`,
    html_url: `${call.world.url}/${repo.fullName}/blob/${repo.defaultBranch}/${path}`,
    badge_url: `${call.world.url}/${repo.fullName}/workflows/${name}/badge.svg`,
  }
}

/** The run's id is given out here, so that the answer can name a run that the runner has yet to start. */
async function dispatch(call: Call, repo: Repository): Promise<Reply> {
  const path = await workflowPath(call, repo)
  const input = call.body(Dispatch)
  const values = Object.entries(input.inputs)
  if (values.length > MAX_INPUTS)
    throw new Refusal(
      422,
      `you may only define up to ${MAX_INPUTS} \`inputs\` for a \`workflow_dispatch\` event`,
    )
  if (JSON.stringify(input.inputs).length > MAX_INPUT_CHARACTERS)
    throw new Refusal(422, 'inputs are too large.')
  const branch = input.ref.replace(/^refs\/(heads|tags)\//, '')
  const sha = await repo.git.resolveCommit(branch)
  if (sha === undefined) throw new Refusal(422, `No ref found for: ${input.ref}`)
  const file = await repo.git.read(`${sha}:${path}`)
  if (!file || !/^\s*(?:"?on"?:|-)?.*\bworkflow_dispatch\b/m.test(file.content.toString()))
    throw new Refusal(422, "Workflow does not have 'workflow_dispatch' trigger")
  const id = call.world.actions.nextId()
  call.hub.raise(repo, {
    event: 'workflow_dispatch',
    actor: call.actor,
    payload: {
      inputs: Object.fromEntries(values.map(([name, value]) => [name, String(value)])),
      ref: input.ref.startsWith('refs/') ? input.ref : `refs/heads/${branch}`,
      workflow: path,
    },
    runId: id,
  })
  if (!input.return_run_details) return empty()
  return json({
    workflow_run_id: id,
    run_url: `${call.world.url}/repos/${repo.fullName}/actions/runs/${id}`,
    html_url: `${call.world.url}/${repo.fullName}/actions/runs/${id}`,
  })
}

function repositoryDispatch(call: Call, repo: Repository): Reply {
  const input = call.body(RepositoryDispatch)
  if (Object.keys(input.client_payload).length > MAX_PAYLOAD_KEYS)
    throw new Refusal(
      422,
      `No more than ${MAX_PAYLOAD_KEYS} properties are allowed; ${Object.keys(input.client_payload).length} were supplied.`,
    )
  call.hub.raise(repo, {
    event: 'repository_dispatch',
    action: input.event_type,
    actor: call.actor,
    payload: { branch: repo.defaultBranch, client_payload: input.client_payload },
  })
  return empty()
}

function runs(call: Call, repo: Repository, wanted: (run: ActionsRun) => boolean): Reply {
  const filters: [string, (run: ActionsRun) => string | null][] = [
    ['branch', (run) => run.headBranch],
    ['event', (run) => run.event],
    ['head_sha', (run) => run.headSha],
    ['actor', (run) => run.actor],
  ]
  const status = call.query('status')
  const found = call.world.actions
    .runs(repo.fullName)
    .filter(
      (run) =>
        wanted(run) &&
        filters.every(([name, of]) => call.query(name) === undefined || call.query(name) === of(run)) &&
        (status === undefined || run.status === status || run.conclusion === status),
    )
  return call.counted(
    found.sort((a, b) => b.id - a.id),
    'workflow_runs',
    (run) => renderRun(call.world, repo, run),
  )
}

function runOf(call: Call, repo: Repository): ActionsRun {
  const run = call.world.actions.run(call.id('id'))
  if (run?.repository !== repo.fullName) throw notFound()
  return run
}

function jobOf(call: Call, repo: Repository) {
  for (const run of call.world.actions.runs(repo.fullName)) {
    const job = call.world.actions.jobs(run.id).find(({ id }) => id === call.id('id'))
    if (job) return { run, job }
  }
  throw notFound()
}
