/** Apps, check suites, check runs and statuses, as GitHub writes them. */
import type {
  App,
  CheckRun,
  CheckSuite,
  CommitStatus,
  Installation,
  Repository,
  World,
} from '../state/records.ts'
import { nodeId, renderAccount } from './account.ts'

/** What `*` stands for. */
const EVENTS = [
  'check_run',
  'check_suite',
  'create',
  'delete',
  'issue_comment',
  'issues',
  'label',
  'merge_group',
  'pull_request',
  'pull_request_review',
  'push',
  'repository_dispatch',
  'status',
  'workflow_job',
  'workflow_run',
]
const eventsOf = (app: App): string[] => (app.events.includes('*') ? EVENTS : app.events)

export function renderApp(world: World, app: App): Record<string, unknown> {
  return {
    id: app.id,
    slug: app.slug,
    node_id: nodeId('App', app.id),
    owner: renderAccount(world, app.owner),
    name: app.name,
    description: '',
    external_url: world.url,
    html_url: `${world.url}/apps/${app.slug}`,
    created_at: app.createdAt,
    updated_at: app.createdAt,
    permissions: app.permissions,
    events: eventsOf(app),
  }
}

export function renderInstallation(world: World, installation: Installation): Record<string, unknown> {
  const { app } = installation
  return {
    id: installation.id,
    account: renderAccount(world, installation.account),
    repository_selection: 'selected',
    access_tokens_url: `${world.url}/app/installations/${installation.id}/access_tokens`,
    repositories_url: `${world.url}/installation/repositories`,
    html_url: `${world.url}/settings/installations/${installation.id}`,
    app_id: app.id,
    app_slug: app.slug,
    target_id: installation.account.id,
    target_type: installation.account.type,
    permissions: app.permissions,
    events: eventsOf(app),
    created_at: installation.createdAt,
    updated_at: installation.createdAt,
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: null,
    suspended_at: null,
  }
}

/** Open pull requests whose head is the commit, in the short form that checks carry; those from forks are left out, as GitHub does. */
export function pullsOfCommit(world: World, repo: Repository, sha: string): Record<string, unknown>[] {
  const short = { id: repo.id, url: `${world.url}/repos/${repo.fullName}`, name: repo.name }
  return [...repo.issues.values()].flatMap((issue) => {
    const { pull } = issue
    if (!pull || issue.state !== 'open' || pull.head.sha !== sha || pull.head.repository !== repo) return []
    return [
      {
        url: `${world.url}/repos/${repo.fullName}/pulls/${issue.number}`,
        id: issue.id,
        number: issue.number,
        head: { ref: pull.head.ref, sha: pull.head.sha, repo: short },
        base: { ref: pull.base.ref, sha: pull.base.sha, repo: short },
      },
    ]
  })
}

function appOf(world: World, suite: CheckSuite): App {
  const app = world.apps.get(suite.appId)
  if (!app) throw new Error(`check suite ${suite.id} belongs to no App`)
  return app
}

export const runsOfSuite = (repo: Repository, suite: CheckSuite): CheckRun[] =>
  [...repo.checks.values()].filter((run) => run.suite === suite)

export function suiteState(
  repo: Repository,
  suite: CheckSuite,
): { status: string; conclusion: string | null } {
  const runs = runsOfSuite(repo, suite)
  if (runs.length === 0) return { status: 'queued', conclusion: null }
  if (runs.some((run) => run.status !== 'completed')) return { status: 'in_progress', conclusion: null }
  const worst = ['failure', 'timed_out', 'action_required', 'cancelled', 'success', 'neutral', 'skipped']
  return {
    status: 'completed',
    conclusion: worst.find((one) => runs.some((run) => run.conclusion === one)) ?? 'neutral',
  }
}

/** As a check run carries it in webhooks. */
export function renderSuiteOfRun(world: World, repo: Repository, suite: CheckSuite): Record<string, unknown> {
  const url = `${world.url}/repos/${repo.fullName}/check-suites/${suite.id}`
  return {
    id: suite.id,
    node_id: nodeId('CheckSuite', suite.id),
    head_branch: suite.branch,
    head_sha: suite.sha,
    ...suiteState(repo, suite),
    url,
    before: suite.before,
    after: suite.sha,
    pull_requests: pullsOfCommit(world, repo, suite.sha),
    app: renderApp(world, appOf(world, suite)),
    created_at: suite.createdAt,
    updated_at: suite.updatedAt,
  }
}

export function renderSuite(world: World, repo: Repository, suite: CheckSuite): Record<string, unknown> {
  const rendered = renderSuiteOfRun(world, repo, suite)
  return {
    ...rendered,
    head_commit: suite.commit,
    latest_check_runs_count: runsOfSuite(repo, suite).length,
    check_runs_url: `${String(rendered['url'])}/check-runs`,
  }
}

export function renderCheckRun(world: World, repo: Repository, run: CheckRun): Record<string, unknown> {
  const url = `${world.url}/repos/${repo.fullName}/check-runs/${run.id}`
  const html = `${world.url}/${repo.fullName}/runs/${run.id}`
  return {
    id: run.id,
    name: run.name,
    node_id: nodeId('CheckRun', run.id),
    head_sha: run.sha,
    external_id: run.externalId,
    url,
    html_url: html,
    details_url: run.detailsUrl ?? html,
    status: run.status,
    conclusion: run.conclusion,
    started_at: run.startedAt,
    completed_at: run.completedAt,
    output: {
      title: run.title,
      summary: run.summary,
      text: run.text,
      annotations_count: run.annotations.length,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: run.suite.id },
    app: renderApp(world, appOf(world, run.suite)),
    pull_requests: pullsOfCommit(world, repo, run.sha),
  }
}

export function renderStatus(world: World, repo: Repository, status: CommitStatus): Record<string, unknown> {
  return {
    url: `${world.url}/repos/${repo.fullName}/statuses/${status.sha}`,
    avatar_url: `${world.url}/avatars/u/${status.creator.id}`,
    id: status.id,
    node_id: nodeId('Status', status.id),
    state: status.state,
    description: status.description,
    target_url: status.targetUrl,
    context: status.context,
    created_at: status.createdAt,
    updated_at: status.createdAt,
    creator: renderAccount(world, status.creator),
  }
}
