/** Workflow runs and jobs, as GitHub writes them. */
import { ACTIONS_APP } from '../auth/actor.ts'
import { nodeId, renderAccount } from '../render/account.ts'
import { pullsOfCommit } from '../render/check.ts'
import { renderMinimalRepository } from '../render/repository.ts'
import { accountOfLogin } from '../state/find.ts'
import type { HeadCommit, Repository, World } from '../state/records.ts'
import type { ActionsJob, ActionsRun } from '../types.ts'

/** A number that stays the same for a path. */
export function workflowId(path: string): number {
  let id = 7
  for (const byte of Buffer.from(path)) id = (id * 31 + byte) % 2_147_483_647
  return id
}

/** The runner tells no more of the commit than its SHA and what the run is called after. */
export const headOfRun = (run: ActionsRun): HeadCommit => ({
  id: run.headSha,
  tree_id: run.headSha,
  message: run.displayTitle,
  timestamp: run.createdAt,
  author: { name: run.actor, email: `${run.actor}@users.noreply.github.com` },
  committer: { name: 'GitHub', email: 'noreply@github.com' },
})

export function renderRun(world: World, repo: Repository, run: ActionsRun): Record<string, unknown> {
  const url = `${world.url}/repos/${repo.fullName}/actions/runs/${run.id}`
  const account = accountOfLogin(world, run.actor)
  const actor = account ? renderAccount(world, account) : null
  return {
    id: run.id,
    name: run.workflow.name,
    node_id: nodeId('WorkflowRun', run.id),
    head_branch: run.headBranch,
    head_sha: run.headSha,
    path: run.workflow.path,
    display_title: run.displayTitle,
    run_number: run.id,
    event: run.event,
    status: run.status,
    conclusion: run.conclusion,
    workflow_id: run.workflow.id,
    check_suite_id: run.id,
    check_suite_node_id: nodeId('CheckSuite', run.id),
    url,
    html_url: `${world.url}/${repo.fullName}/actions/runs/${run.id}`,
    // A dispatched run belongs to no pull request, whatever commit it names.
    pull_requests: run.event.endsWith('_dispatch') ? [] : pullsOfCommit(world, repo, run.headSha),
    created_at: run.createdAt,
    updated_at: run.updatedAt,
    actor,
    triggering_actor: actor,
    run_attempt: run.attempt,
    referenced_workflows: [],
    run_started_at: run.createdAt,
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${world.url}/repos/${repo.fullName}/check-suites/${run.id}`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: null,
    workflow_url: `${world.url}/repos/${repo.fullName}/actions/workflows/${run.workflow.id}`,
    head_commit: headOfRun(run),
    repository: renderMinimalRepository(world, repo),
    head_repository: renderMinimalRepository(world, repo),
  }
}

export function renderJob(
  world: World,
  repo: Repository,
  run: ActionsRun,
  job: ActionsJob,
): Record<string, unknown> {
  const api = `${world.url}/repos/${repo.fullName}`
  return {
    id: job.id,
    run_id: run.id,
    workflow_name: run.workflow.name,
    head_branch: run.headBranch,
    run_url: `${api}/actions/runs/${run.id}`,
    run_attempt: run.attempt,
    node_id: nodeId('CheckRun', job.id),
    head_sha: run.headSha,
    url: `${api}/actions/jobs/${job.id}`,
    html_url: `${world.url}/${repo.fullName}/actions/runs/${run.id}/job/${job.id}`,
    status: job.status,
    conclusion: job.conclusion,
    created_at: job.startedAt,
    started_at: job.startedAt,
    completed_at: job.completedAt,
    name: job.name,
    // When each began and ended is not kept.
    steps: (job.steps ?? []).map(({ number, name, conclusion }) => ({
      ...{ name, number, conclusion, status: 'completed' },
      ...{ started_at: job.startedAt, completed_at: job.completedAt },
    })),
    check_run_url: `${api}/check-runs/${job.id}`,
    labels: ['ubuntu-latest'],
    runner_id: 1,
    runner_name: 'local',
    runner_group_id: ACTIONS_APP.id,
    runner_group_name: 'Default',
  }
}
