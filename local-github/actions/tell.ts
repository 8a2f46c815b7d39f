/** What the runner puts is told to Apps and to workflows that wait for others. */
import type { Actor } from '../auth/actor.ts'
import { ACTIONS_APP } from '../auth/actor.ts'
import { raiseCheck } from '../api/checks.ts'
import { suiteFor } from '../events/check-suites.ts'
import type { Services } from '../http/api.ts'
import { accountOfLogin, mustFindRepository } from '../state/find.ts'
import type { CheckRun, Repository } from '../state/records.ts'
import type { ActionsJob, ActionsRun } from '../types.ts'
import { headOfRun, renderJob, renderRun } from './render-actions.ts'
import type { ActionsChanges } from './store.ts'

export function tellOfActions(services: Services): ActionsChanges {
  const { world, hub } = services
  const actorOf = (run: ActionsRun): Actor => {
    const account = accountOfLogin(world, run.actor) ?? accountOfLogin(world, 'github-actions[bot]')
    if (!account) throw new Error('the bot of Actions is missing')
    return { kind: 'user', account }
  }
  return {
    run(run, action) {
      const repo = mustFindRepository(world, run.repository)
      const payload = { workflow_run: renderRun(world, repo, run), workflow: workflowOf(services, repo, run) }
      hub.raise(repo, { event: 'workflow_run', action, actor: actorOf(run), payload })
    },
    job(run, job, action) {
      const repo = mustFindRepository(world, run.repository)
      hub.raise(repo, {
        event: 'workflow_job',
        action,
        actor: actorOf(run),
        workflows: false,
        payload: { workflow_job: renderJob(world, repo, run, job) },
      })
    },
    check(run, job) {
      const repo = mustFindRepository(world, run.repository)
      const before = repo.checks.get(job.id)
      const check = checkOfJob(services, repo, run, job)
      repo.checks.set(job.id, check)
      const tell = (action: string): void =>
        raiseCheck({ world, hub, actor: actorOf(run) }, repo, check, action)
      if (!before) tell('created')
      if (check.status === 'completed' && before?.status !== 'completed') tell('completed')
    },
  }
}

function workflowOf({ world }: Services, repo: Repository, run: ActionsRun): Record<string, unknown> {
  const api = `${world.url}/repos/${repo.fullName}/actions/workflows/${run.workflow.id}`
  return {
    id: run.workflow.id,
    node_id: `W_${run.workflow.id}`,
    name: run.workflow.name,
    path: run.workflow.path,
    state: 'active',
    created_at: run.createdAt,
    updated_at: run.createdAt,
    url: api,
    html_url: `${world.url}/${repo.fullName}/blob/${repo.defaultBranch}/${run.workflow.path}`,
    badge_url: `${world.url}/${repo.fullName}/workflows/${run.workflow.name}/badge.svg`,
  }
}

/** Each job is a check of the Actions App on its run's commit: the default branch's for a dispatch, so on no pull request. */
function checkOfJob({ world }: Services, repo: Repository, run: ActionsRun, job: ActionsJob): CheckRun {
  const there = repo.checks.get(job.id)
  return {
    id: job.id,
    suite:
      there?.suite ?? suiteFor(world, repo, ACTIONS_APP.id, { head: headOfRun(run), branch: run.headBranch }),
    name: job.name,
    sha: run.headSha,
    status: job.status,
    conclusion: job.conclusion,
    externalId: '',
    detailsUrl: `${world.url}/${repo.fullName}/actions/runs/${run.id}/job/${job.id}`,
    startedAt: job.startedAt,
    completedAt: job.completedAt,
    title: null,
    summary: job.summary ?? null,
    text: null,
    annotations: (job.annotations ?? []).map((one) => ({
      path: one.path,
      start_line: one.startLine,
      end_line: one.endLine,
      start_column: null,
      end_column: null,
      annotation_level: one.level,
      title: one.title,
      message: one.message,
      raw_details: null,
      blob_href: `${world.url}/${repo.fullName}/blob/${run.headSha}/${one.path}`,
    })),
    actions: [],
  }
}
