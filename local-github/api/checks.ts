/** Check runs and suites. Only an App (or a job's token, which is the Actions App's) writes them. */
import type * as z from 'zod'
import { ACTIONS_APP } from '../auth/actor.ts'
import { reading, writing } from '../auth/may.ts'
import { headCommit, suiteFor } from '../events/check-suites.ts'
import { notFound, Refusal } from '../http/refusal.ts'
import { json, type Reply } from '../http/reply.ts'
import type { Api, Call } from '../http/api.ts'
import { renderCheckRun, renderSuite, renderSuiteOfRun, runsOfSuite } from '../render/check.ts'
import { renderMinimalRepository } from '../render/repository.ts'
import type { App, CheckRun, CheckSuite, Repository } from '../state/records.ts'
import { isoNow } from '../state/time.ts'
import { annotationFrom, CheckInput, problemWith } from '../checks/check-input.ts'

export function checkRoutes(api: Api): void {
  api.repo('POST', '/check-runs', writing('checks', 'admin'), create)
  api.repo('PATCH', '/check-runs/:id', writing('checks', 'admin'), update)
  api.repo('GET', '/check-runs/:id', reading('checks'), (call, repo) =>
    json(renderCheckRun(call.world, repo, checkOf(call, repo))),
  )
  api.repo('GET', '/check-runs/:id/annotations', reading('checks'), (call, repo) =>
    call.page(checkOf(call, repo).annotations, (annotation) => annotation),
  )
  api.repo('POST', '/check-runs/:id/rerequest', writing('checks'), (call, repo) => {
    const run = checkOf(call, repo)
    raiseCheck(call, repo, run, 'rerequested')
    return json({}, 201)
  })
  api.repo('GET', '/commits/:ref/check-runs', reading('checks'), listForRef)
  api.repo('GET', '/commits/:ref/check-suites', reading('checks'), async (call, repo) => {
    const sha = await commitNamed(call, repo)
    const suites = repo.suites.filter((suite) => suite.sha === sha && isWanted(call, suite.appId))
    return call.counted(suites, 'check_suites', (suite) => answered(call, repo, suite))
  })
  api.repo('GET', '/check-suites/:id', reading('checks'), (call, repo) =>
    json(answered(call, repo, suiteOf(call, repo))),
  )
  api.repo('GET', '/check-suites/:id/check-runs', reading('checks'), (call, repo) =>
    call.counted(runsOfSuite(repo, suiteOf(call, repo)), 'check_runs', (run) =>
      renderCheckRun(call.world, repo, run),
    ),
  )
  api.repo('POST', '/check-suites/:id/rerequest', writing('checks'), (call, repo) => {
    const suite = suiteOf(call, repo)
    call.hub.raise(repo, {
      event: 'check_suite',
      action: 'rerequested',
      actor: call.actor,
      onlyApp: suite.appId,
      workflows: false,
      payload: { check_suite: renderSuite(call.world, repo, suite) },
    })
    return json({}, 201)
  })
}

/** Answers name the repository of a suite, webhooks have it beside. */
const answered = (call: Call, repo: Repository, suite: CheckSuite): Record<string, unknown> => ({
  ...renderSuite(call.world, repo, suite),
  repository: renderMinimalRepository(call.world, repo),
})

function checkOf(call: Call, repo: Repository): CheckRun {
  const run = repo.checks.get(call.id('id'))
  if (!run) throw notFound()
  return run
}

function suiteOf(call: Call, repo: Repository) {
  const suite = repo.suites.find(({ id }) => id === call.id('id'))
  if (!suite) throw notFound()
  return suite
}

async function commitNamed(call: Call, repo: Repository): Promise<string> {
  const sha = await repo.git.resolveCommit(call.param('ref'))
  if (sha === undefined) throw new Refusal(422, `No commit found for SHA: ${call.param('ref')}`)
  return sha
}

const isWanted = (call: Call, appId: number): boolean => {
  const wanted = call.query('app_id')
  return wanted === undefined || Number(wanted) === appId
}

function writer(call: Call): App {
  if (call.actor.kind === 'installation' || call.actor.kind === 'job') return call.actor.app
  throw new Refusal(403, 'You must authenticate via a GitHub App.')
}

function write(call: Call, run: CheckRun, input: z.infer<typeof CheckInput>): void {
  const now = isoNow(call.world)
  const { output } = input
  if (input.name !== undefined) run.name = input.name
  if (input.external_id !== undefined) run.externalId = input.external_id
  if (input.details_url !== undefined) run.detailsUrl = input.details_url
  if (input.started_at !== undefined) run.startedAt = input.started_at
  if (input.actions) run.actions = input.actions
  if (output) {
    run.title = output.title ?? run.title
    run.summary = output.summary
    run.text = output.text ?? run.text
    // A request adds to the annotations that are there.
    run.annotations.push(...(output.annotations ?? []).map((one) => annotationFrom(call.world, run.sha, one)))
  }
  // A conclusion completes a check, whatever status is said beside it.
  const status = input.conclusion === undefined ? input.status : 'completed'
  if (status === undefined) return
  run.status = status
  if (status === 'completed') {
    run.conclusion = input.conclusion ?? run.conclusion
    run.completedAt = input.completed_at ?? now
  } else {
    // A completed check that is set to run again has no conclusion any more.
    run.conclusion = null
    run.completedAt = null
    if (status === 'in_progress') run.startedAt ??= now
  }
}

async function create(call: Call, repo: Repository): Promise<Reply> {
  const app = writer(call)
  const input = call.body(CheckInput)
  if (input.name === undefined || input.name === '')
    throw new Refusal(422, 'Invalid request.\n\n"name" wasn\'t supplied.')
  const problem = problemWith(input)
  if (problem !== undefined) throw new Refusal(422, problem)
  const commit = input.head_sha === undefined ? undefined : await repo.git.info(`${input.head_sha}^{commit}`)
  if (!commit || commit.sha !== input.head_sha)
    throw new Refusal(422, `No commit found for SHA: ${input.head_sha ?? ''}`)
  const run: CheckRun = {
    id: call.world.nextId(),
    suite: suiteFor(call.world, repo, app.id, {
      head: await headCommit(repo, commit.sha),
      branch: branchOf(repo, commit.sha),
    }),
    name: input.name,
    sha: commit.sha,
    status: 'queued',
    conclusion: null,
    externalId: '',
    detailsUrl: null,
    startedAt: isoNow(call.world),
    completedAt: null,
    title: null,
    summary: null,
    text: null,
    annotations: [],
    actions: [],
  }
  write(call, run, input)
  repo.checks.set(run.id, run)
  raiseCheck(call, repo, run, 'created')
  if (run.status === 'completed') raiseCheck(call, repo, run, 'completed')
  return json(renderCheckRun(call.world, repo, run), 201)
}

function branchOf(repo: Repository, sha: string): string | null {
  for (const { pull } of repo.issues.values())
    if (pull?.head.sha === sha && pull.head.repository === repo) return pull.head.ref
  return null
}

function update(call: Call, repo: Repository): Reply {
  const app = writer(call)
  const run = checkOf(call, repo)
  if (run.suite.appId !== app.id)
    throw new Refusal(
      403,
      `Invalid app_id \`${run.suite.appId}\` - check run can only be modified by the GitHub App that created it.`,
    )
  const input = call.body(CheckInput)
  const problem = problemWith(input)
  if (problem !== undefined) throw new Refusal(422, problem)
  const before = run.status
  write(call, run, input)
  run.suite.updatedAt = isoNow(call.world)
  if (run.status === 'completed' && before !== 'completed') raiseCheck(call, repo, run, 'completed')
  return json(renderCheckRun(call.world, repo, run))
}

async function listForRef(call: Call, repo: Repository): Promise<Reply> {
  const sha = await commitNamed(call, repo)
  const [name, status] = [call.query('check_name'), call.query('status')]
  const found = [...repo.checks.values()].filter(
    (run) =>
      run.sha === sha &&
      isWanted(call, run.suite.appId) &&
      (name === undefined || run.name === name) &&
      (status === undefined || run.status === status),
  )
  // `latest`: of checks with one name in one suite, the newest.
  const latest = found.filter(
    (run) =>
      !found.some((other) => other.suite === run.suite && other.name === run.name && other.id > run.id),
  )
  const shown = call.query('filter') === 'all' ? found : latest
  return call.counted(shown.reverse(), 'check_runs', (run) => renderCheckRun(call.world, repo, run))
}

/** `created` and `completed` reach every App that may see checks; the rest only the App that owns the check. */
export function raiseCheck(
  call: Pick<Call, 'world' | 'hub' | 'actor'>,
  repo: Repository,
  run: CheckRun,
  action: string,
  more: Record<string, unknown> = {},
): void {
  const own = action === 'rerequested' || action === 'requested_action'
  call.hub.raise(repo, {
    event: 'check_run',
    action,
    actor: call.actor,
    ...(own ? { onlyApp: run.suite.appId } : {}),
    // Checks that workflows themselves made start none, and those that their jobs are.
    workflows: call.actor.kind !== 'job' && run.suite.appId !== ACTIONS_APP.id,
    payload: {
      check_run: {
        ...renderCheckRun(call.world, repo, run),
        check_suite: renderSuiteOfRun(call.world, repo, run.suite),
      },
      ...more,
    },
  })
}
