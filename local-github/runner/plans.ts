/** What an event starts: a plan for each workflow of its commit that asks for it. */
import { workflowId } from '../actions/render-actions.ts'
import type { ActionsRun, WorkflowEvent } from '../types.ts'
import { resolveText, SUCCEEDING } from './expressions.ts'
import { asksFor } from './filters.ts'
import type { GitReader } from './git.ts'
import { dispatchInputs } from './inputs.ts'
import { Payload } from './payload.ts'
import type { JobResult } from './run-jobs.ts'
import type { RunPlan } from './run.ts'
import { sourceOf, type Source } from './source.ts'
import type { RunnerGitHub } from './start.ts'
import type { WorkflowFile } from './workflow-file.ts'
import type { WorkflowReader } from './workflow-reader.ts'

export interface PlanDeps {
  git: GitReader
  reader: WorkflowReader
  github: RunnerGitHub
  vars: (repository: string) => Readonly<Record<string, string>>
  log: (line: string) => void
}

/** Events that start workflows whoever caused them, a GITHUB_TOKEN too. */
const DISPATCHES = ['workflow_dispatch', 'repository_dispatch']

export async function plansFor(event: WorkflowEvent, deps: PlanDeps): Promise<RunPlan[]> {
  if (!event.startsWorkflows && !DISPATCHES.includes(event.event)) return []
  const payload = Payload.parse(event.payload)
  const source = await sourceOf(event.event, payload, event.repository, deps.git)
  if ('nothing' in source) {
    deps.log(`${event.repository}: ${event.event} starts nothing: ${source.nothing}`)
    return []
  }
  const plans: RunPlan[] = []
  for (const workflow of await deps.reader.of(deps.git, source.sha)) {
    try {
      if (!(await wanted(workflow, event, payload, source, deps.git))) continue
      plans.push(planOf(workflow, event, payload, source, deps, plans.length === 0 ? event.runId : undefined))
    } catch (error) {
      // One workflow's mistake is not another's.
      deps.log(`${workflow.path}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return plans
}

async function wanted(
  workflow: WorkflowFile,
  event: WorkflowEvent,
  payload: Payload,
  source: Source,
  git: GitReader,
): Promise<boolean> {
  if (event.event === 'workflow_dispatch' && !isNamed(workflow.path, payload.workflow)) return false
  // A file that could not be read at all fails where people look: at the push that brought it.
  if (workflow.errors.length > 0 && Object.keys(workflow.on).length === 0) return event.event === 'push'
  const pull = payload.pull_request
  const completed = payload.workflow_run
  return asksFor(workflow.on, {
    event: event.event,
    action: event.action ?? payload.action ?? undefined,
    ref: source.ref,
    baseBranch: pull?.base.ref ?? payload.merge_group?.base_ref?.replace(/^refs\/heads\//, ''),
    schedule: payload.schedule ?? undefined,
    completed:
      event.event === 'workflow_run' && completed
        ? { workflow: completed.name ?? '', branch: completed.head_branch ?? '' }
        : undefined,
    changedFiles: async () => {
      if (pull) return git.changed(pull.base.sha, pull.head.sha)
      if (payload.after && payload.before && !/^0+$/.test(payload.before))
        return git.changed(payload.before, payload.after)
      return undefined
    },
  })
}

/** A dispatch names its workflow by path or by file name; one that names none starts all that can be dispatched. */
function isNamed(path: string, name: unknown): boolean {
  if (typeof name !== 'string' || name === '') return true
  return path === name || path.endsWith(`/${name}`)
}

function planOf(
  workflow: WorkflowFile,
  event: WorkflowEvent,
  payload: Payload,
  source: Source,
  deps: PlanDeps,
  promisedId: number | undefined,
): RunPlan {
  const { actions } = deps.github
  const earlier = actions.runs(event.repository).filter((run) => run.workflow.path === workflow.path)
  const id = promisedId ?? actions.nextId()
  const inputs =
    event.event === 'workflow_dispatch'
      ? dispatchInputs(workflow.dispatchInputs, payload.inputs ?? {})
      : { typed: {}, texts: {} }
  const problems = 'errors' in inputs ? inputs.errors : []
  const given = 'errors' in inputs ? { typed: {}, texts: {} } : inputs
  const sent = event.event === 'workflow_dispatch' ? { ...event.payload, inputs: given.texts } : event.payload
  const contexts = {
    github: githubContext({ workflow, event, payload, sent, source, id, number: earlier.length + 1 }, deps),
    vars: deps.vars(event.repository),
    inputs: given.typed,
  }
  const broken = { ...workflow, errors: [...workflow.errors, ...problems] }
  const title = workflow.runName
    ? resolveText(workflow.runName, { contexts, status: SUCCEEDING })
    : (payload.pull_request?.title ?? payload.issue?.title ?? payload.head_commit?.message?.split('\n')[0])
  const now = new Date().toISOString()
  const run: ActionsRun = {
    id,
    repository: event.repository,
    workflow: { id: workflowId(workflow.path), name: workflow.name, path: workflow.path },
    event: event.event,
    displayTitle: title === undefined || title === '' ? workflow.name : title,
    headBranch: source.headBranch,
    headSha: source.headSha,
    actor: payload.sender?.login ?? 'ghost',
    status: 'queued',
    conclusion: null,
    attempt: 1,
    createdAt: now,
    updatedAt: now,
  }
  return { run, workflow: broken, contexts, payload: sent, fork: source.fork }
}

/** The same run once more, at the same commit; with `previous` only what did not succeed there. */
export function nextAttempt(plan: RunPlan, previous?: ReadonlyMap<string, JobResult>): RunPlan {
  const attempt = plan.run.attempt + 1
  const { github } = plan.contexts
  const { previous: _, ...rest } = plan
  return {
    ...rest,
    run: { ...plan.run, attempt, status: 'queued', conclusion: null },
    contexts: {
      ...plan.contexts,
      github: { ...(typeof github === 'object' ? github : {}), run_attempt: String(attempt) },
    },
    ...(previous ? { previous } : {}),
  }
}

interface ContextParts {
  workflow: WorkflowFile
  event: WorkflowEvent
  payload: Payload
  sent: Record<string, unknown>
  source: Source
  id: number
  number: number
}

/** https://docs.github.com/actions/reference/contexts-reference#github-context, without what only a job knows. */
function githubContext(parts: ContextParts, deps: PlanDeps): Record<string, unknown> {
  const { event, payload, source } = parts
  const [owner] = event.repository.split('/')
  const actor = payload.sender?.login ?? 'ghost'
  const pull = payload.pull_request
  return {
    event_name: event.event,
    event: parts.sent,
    repository: event.repository,
    repository_id: String(payload.repository?.id ?? ''),
    repository_owner: owner,
    repository_owner_id: String(payload.repository?.owner?.id ?? ''),
    repositoryUrl: `${deps.github.url.replace(/^https?/, 'git')}/${event.repository}.git`,
    sha: source.sha,
    ref: source.ref,
    ref_name: source.ref.replace(/^refs\/(heads|tags|pull)\//, ''),
    ref_type: source.ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    ref_protected: false,
    head_ref: pull?.head.ref ?? '',
    base_ref: pull?.base.ref ?? '',
    actor,
    actor_id: String(payload.sender?.id ?? ''),
    triggering_actor: actor,
    workflow: parts.workflow.name,
    workflow_ref: `${event.repository}/${parts.workflow.path}@${source.ref}`,
    workflow_sha: source.sha,
    run_id: String(parts.id),
    run_number: String(parts.number),
    run_attempt: '1',
    retention_days: '90',
    secret_source: source.fork ? 'None' : 'Actions',
    api_url: deps.github.url,
    server_url: deps.github.url,
    graphql_url: `${deps.github.url}/graphql`,
  }
}
