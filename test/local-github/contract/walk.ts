/** A walk through every route that the product uses, and what raises the webhooks that it takes. */
import type { LocalGitHub } from '../../../local-github/types.ts'
import { jwt, pick, pushBranch, REPO, type Stage } from '../support.ts'

type Ask = (token: string | undefined, method: string, where: string, body?: unknown) => Promise<unknown>

export async function walk(it: Stage): Promise<void> {
  const ask: Ask = async (token, method, where, body) => (await it.api(token, method, where, body)).body
  const { alice, bob, carol } = it.tokens
  const [bot, repo] = [it.installation, `/repos/${REPO}`]
  it.github.faults.dropDelivery = () => false
  const head = await pushBranch(it, 'feature', { 'src/a.ts': 'export const a = 2\n', 'docs/b.md': '# B\n' })
  await ask(bot, 'GET', repo)
  await ask(alice, 'GET', '/user')
  await ask(alice, 'GET', '/users/bob')
  await ask(alice, 'GET', '/rate_limit')
  // Apps and tokens.
  await ask(jwt(it.app), 'GET', '/app')
  await ask(jwt(it.app), 'GET', '/app/installations')
  const installation = await ask(jwt(it.app), 'GET', `${repo}/installation`)
  const id = String(pick(installation, 'id'))
  await ask(jwt(it.app), 'GET', `/app/installations/${id}`)
  await ask(jwt(it.app), 'POST', `/app/installations/${id}/access_tokens`, {
    permissions: { checks: 'write' },
  })
  await ask(jwt(it.app), 'POST', `/app/installations/${id}/access_tokens`, { repositories: ['app'] })
  await ask(bot, 'GET', '/installation/repositories')
  await ask('ghp_unknown', 'GET', '/user')
  // Git data.
  await ask(bot, 'GET', `${repo}/git/ref/heads/main`)
  await ask(bot, 'GET', `${repo}/git/matching-refs/heads/fea`)
  await ask(bot, 'POST', `${repo}/git/refs`, { ref: 'refs/heads/made', sha: head })
  await ask(bot, 'POST', `${repo}/git/refs`, { ref: 'refs/heads/made', sha: head })
  const blob = await ask(bot, 'POST', `${repo}/git/blobs`, { content: 'x', encoding: 'utf-8' })
  await ask(bot, 'GET', `${repo}/git/blobs/${String(pick(blob, 'sha'))}`)
  const tree = await ask(bot, 'POST', `${repo}/git/trees`, {
    base_tree: head,
    tree: [{ path: 'c/d.txt', mode: '100644', type: 'blob', sha: pick(blob, 'sha') }],
  })
  await ask(bot, 'GET', `${repo}/git/trees/feature?recursive=1`)
  const commit = await ask(bot, 'POST', `${repo}/git/commits`, {
    message: 'm',
    tree: pick(tree, 'sha'),
    parents: [head],
  })
  await ask(bot, 'GET', `${repo}/git/commits/${head}`)
  await ask(bot, 'PATCH', `${repo}/git/refs/heads/made`, { sha: pick(commit, 'sha') })
  await ask(bot, 'PATCH', `${repo}/git/refs/heads/made`, { sha: head })
  await ask(bot, 'PATCH', `${repo}/git/refs/heads/made`, { sha: head, force: true })
  await ask(bot, 'DELETE', `${repo}/git/refs/heads/made`)
  await ask(bot, 'PUT', `${repo}/contents/e.md`, { message: 'm', content: 'eA==', branch: 'feature' })
  await ask(bot, 'GET', `${repo}/contents/e.md?ref=feature`)
  await ask(bot, 'GET', `${repo}/contents/src?ref=feature`)
  await ask(bot, 'GET', `${repo}/compare/main...feature`)
  await ask(bot, 'GET', `${repo}/commits?sha=feature`)
  await ask(bot, 'GET', `${repo}/commits/feature`)
  await ask(bot, 'GET', `${repo}/branches`)
  await ask(bot, 'GET', `${repo}/branches/feature`)
  it.github.protectBranch(REPO, 'guarded', { requiredChecks: [{ context: 'CI' }], requiredApprovals: 1 })
  await ask(alice, 'GET', `${repo}/branches/guarded/protection`)
  await ask(alice, 'GET', `${repo}/branches/main/protection`)
  await ask(alice, 'GET', `${repo}/rules/branches/guarded`)
  // Pull requests.
  const opened = await ask(bob, 'POST', `${repo}/pulls`, {
    title: 'T',
    head: 'feature',
    base: 'main',
    body: 'b',
  })
  const sha = pick(opened, 'head.sha')
  await ask(bob, 'POST', `${repo}/pulls`, { title: 'T', head: 'feature', base: 'main' })
  await ask(bot, 'GET', `${repo}/pulls`)
  await ask(bot, 'GET', `${repo}/pulls/1`)
  await ask(bot, 'GET', `${repo}/pulls/9`)
  await ask(bot, 'GET', `${repo}/pulls/1/files`)
  await ask(bot, 'GET', `${repo}/pulls/1/commits`)
  await ask(bob, 'PATCH', `${repo}/pulls/1`, { title: 'Other' })
  await ask(bob, 'PATCH', `${repo}/pulls/1`, { state: 'closed' })
  await ask(bob, 'PATCH', `${repo}/pulls/1`, { state: 'open' })
  await ask(bot, 'GET', `${repo}/commits/${String(sha)}/pulls`)
  await ask(bob, 'POST', `${repo}/issues/1/labels`, { labels: ['orchestrate'] })
  await ask(bot, 'GET', `${repo}/issues/1/labels`)
  await ask(bot, 'GET', `${repo}/labels`)
  await ask(bot, 'GET', `${repo}/issues/1`)
  await ask(bot, 'GET', `${repo}/issues`)
  await ask(bob, 'DELETE', `${repo}/issues/1/labels/orchestrate`)
  await ask(bob, 'DELETE', `${repo}/labels/orchestrate`)
  const comment = await ask(bot, 'POST', `${repo}/issues/1/comments`, { body: 'c' })
  const commentId = String(pick(comment, 'id'))
  await ask(bot, 'PATCH', `${repo}/issues/comments/${commentId}`, { body: 'd' })
  await ask(bot, 'GET', `${repo}/issues/comments/${commentId}`)
  await ask(bot, 'GET', `${repo}/issues/1/comments`)
  await ask(bot, 'GET', `${repo}/issues/comments`)
  await ask(bot, 'POST', `${repo}/issues/comments/${commentId}/reactions`, { content: 'eyes' })
  await ask(bot, 'POST', `${repo}/issues/comments/${commentId}/reactions`, { content: 'eyes' })
  await ask(bot, 'GET', `${repo}/issues/comments/${commentId}/reactions`)
  await ask(bot, 'DELETE', `${repo}/issues/comments/${commentId}`)
  const review = await ask(alice, 'POST', `${repo}/pulls/1/reviews`, { event: 'APPROVE', body: 'fine' })
  const comments = [{ path: 'e.md', line: 1, side: 'RIGHT', body: 'Why?' }]
  const remarks = await ask(alice, 'POST', `${repo}/pulls/1/reviews`, {
    ...{ event: 'COMMENT', body: 'fine', comments },
  })
  await ask(bot, 'GET', `${repo}/pulls/1/reviews/${String(pick(remarks, 'id'))}/comments`)
  await ask(bot, 'GET', `${repo}/pulls/1/comments`)
  await ask(alice, 'POST', `${repo}/pulls/1/reviews`, {
    ...{ event: 'COMMENT', body: 'fine', comments: [{ ...comments[0], line: 9 }] },
  })
  await ask(bot, 'GET', `${repo}/pulls/1/reviews`)
  await ask(bot, 'GET', `${repo}/pulls/1/reviews/${String(pick(review, 'id'))}`)
  await ask(alice, 'PUT', `${repo}/pulls/1/reviews/${String(pick(review, 'id'))}/dismissals`, {
    message: 'm',
  })
  await ask(bot, 'GET', `${repo}/collaborators/alice/permission`)
  await ask(alice, 'GET', `${repo}/collaborators`)
  // Checks and statuses.
  const annotation = { path: 'a', start_line: 1, end_line: 1, annotation_level: 'notice', message: 'm' }
  const check = await ask(bot, 'POST', `${repo}/check-runs`, {
    name: 'Orchestrate',
    head_sha: sha,
    status: 'in_progress',
    external_id: 'e',
    output: { title: 't', summary: 's', annotations: [annotation] },
    actions: [{ label: 'Go', description: 'Go on', identifier: 'go' }],
  })
  const checkId = Number(pick(check, 'id'))
  await ask(bot, 'PATCH', `${repo}/check-runs/${checkId}`, { conclusion: 'success' })
  await ask(bot, 'GET', `${repo}/check-runs/${checkId}`)
  await ask(bot, 'GET', `${repo}/check-runs/${checkId}/annotations`)
  await ask(bot, 'GET', `${repo}/commits/${String(sha)}/check-runs`)
  await ask(bot, 'GET', `${repo}/commits/${String(sha)}/check-suites`)
  const suite = String(pick(check, 'check_suite.id'))
  await ask(bot, 'GET', `${repo}/check-suites/${suite}`)
  await ask(bot, 'GET', `${repo}/check-suites/${suite}/check-runs`)
  await ask(bot, 'POST', `${repo}/check-suites/${suite}/rerequest`)
  await ask(bot, 'POST', `${repo}/check-runs/${checkId}/rerequest`)
  await ask(bot, 'POST', `${repo}/check-runs`, { name: 'x', head_sha: '0'.repeat(40) })
  await it.github.pressButton(REPO, checkId, 'go', 'alice')
  await ask(bob, 'POST', `${repo}/statuses/${String(sha)}`, { state: 'success', context: 'c' })
  await ask(bot, 'GET', `${repo}/commits/${String(sha)}/statuses`)
  await ask(bot, 'GET', `${repo}/commits/${String(sha)}/status`)
  // Forks, merging, workflows.
  await ask(carol, 'POST', `${repo}/forks`, {})
  await ask(bot, 'GET', `${repo}/forks`)
  await ask(alice, 'PUT', `${repo}/pulls/1/merge`, { sha: '0'.repeat(40) })
  await ask(carol, 'PUT', `${repo}/pulls/1/merge`, {})
  await ask(alice, 'PUT', `${repo}/pulls/1/merge`, {})
  await ask(alice, 'PUT', `${repo}/pulls/1/merge`, {})
  await ask(bot, 'GET', `${repo}/pulls/1/merge`)
  await ask(alice, 'PUT', `${repo}/contents/.github/workflows/w.yml`, {
    message: 'm',
    content: Buffer.from('on: workflow_dispatch\n').toString('base64'),
  })
  await ask(bot, 'GET', `${repo}/actions/workflows`)
  await ask(bot, 'GET', `${repo}/actions/workflows/w.yml`)
  await ask(bot, 'POST', `${repo}/actions/workflows/w.yml/dispatches`, { ref: 'main' })
  await ask(bot, 'POST', `${repo}/actions/workflows/w.yml/dispatches`, {
    ref: 'main',
    return_run_details: true,
  })
  await ask(bot, 'POST', `${repo}/dispatches`, { event_type: 'x', client_payload: { a: 1 } })
  putRun(it.github, String(sha))
  await ask(bot, 'GET', `${repo}/actions/runs`)
  await ask(bot, 'GET', `${repo}/actions/runs/77`)
  await ask(bot, 'GET', `${repo}/actions/runs/77/jobs`)
  await ask(bot, 'GET', `${repo}/actions/jobs/78`)
  await ask(bot, 'POST', `${repo}/actions/runs/77/rerun-failed-jobs`)
  await it.github.idle()
}

function putRun({ actions }: LocalGitHub, headSha: string): void {
  const at = new Date().toISOString()
  const run = {
    id: 77,
    repository: REPO,
    workflow: { id: 5, name: 'W', path: '.github/workflows/w.yml' },
    event: 'push',
    displayTitle: 't',
    headBranch: 'main',
    headSha,
    actor: 'alice',
    conclusion: null,
    attempt: 1,
    createdAt: at,
    updatedAt: at,
  }
  const job = { id: 78, runId: 77, name: 'j', startedAt: at, log: '', conclusion: null, completedAt: null }
  actions.putRun({ ...run, status: 'queued' })
  actions.putJob({ ...job, id: 79, name: 'k', status: 'completed', conclusion: 'skipped', completedAt: at })
  actions.putJob({ ...job, status: 'queued' })
  actions.putRun({ ...run, status: 'in_progress' })
  actions.putJob({ ...job, status: 'in_progress' })
  actions.putJob({
    ...{ ...job, status: 'completed', conclusion: 'success', completedAt: at },
    steps: [{ number: 1, name: 's', conclusion: 'success' }],
  })
  actions.putRun({ ...run, status: 'completed', conclusion: 'success' })
}
