import { beforeAll, describe, expect, test } from '@jest/globals'
import type { CommitPlace } from './small-github.ts'
import { useRunner } from './rig.ts'

const KEYS: Record<string, Record<string, string>> = {
  '': { PLAIN: 'plain-secret-98765' },
  production: { KEY: 'deploy-key-123456' },
}
const rig = useRunner({ secrets: (_repository, environment) => KEYS[environment ?? ''] ?? {} })

const SECRETS =
  "echo \"[${{ secrets.PLAIN && 'plain' }}] [${{ secrets.KEY && 'key' }}] [${{ secrets.GITHUB_TOKEN && 'token' }}]\""
const workflow = (name: string, on: string, more = '') => `
name: ${name}
on: ${on}
permissions: { contents: write, checks: write }
jobs:
  ${name}:
    runs-on: x
    ${more}
    steps:
      - run: ${JSON.stringify(SECRETS)}
      - run: echo "$GITHUB_SHA $GITHUB_REF $GITHUB_HEAD_REF $GITHUB_BASE_REF"
`

let repository = ''
let base = ''
beforeAll(async () => {
  repository = await rig.repository({
    'pull.yml': workflow('head-old', 'pull_request'),
    'gate.yml': workflow(
      'gate',
      '{ pull_request_target: { types: [labeled] }, issue_comment: { types: [created] } }',
      'environment: production',
    ),
    'go.yml': `
name: go
on:
  workflow_dispatch:
    inputs:
      pull: { type: string, required: true }
      count: { type: number, default: 2 }
      app: { type: boolean }
      kind: { type: choice, options: [a, b], default: b }
  repository_dispatch: { types: [poke] }
run-name: go \${{ inputs.pull }}
jobs:
  go:
    runs-on: x
    steps:
      - run: echo "\${{ inputs.pull }} \${{ inputs.count == 2 && inputs.app == false }} \${{ inputs.kind }} \${{ github.event.inputs.app }}"
      - run: echo "\${{ github.event.client_payload.what }}"
`,
  })
  base = await rig.github.git(repository, 'rev-parse', 'main')
})

async function pull(
  number: number,
  event: string,
  action: string,
  at: CommitPlace & { fork?: boolean; name?: string; by?: string },
) {
  const branch = at.branch ?? `topic-${number}`
  const head = await rig.github.commit(
    repository,
    {
      [`${branch}.txt`]: branch,
      '.github/workflows/pull.yml': workflow(at.name ?? `head-${number}`, 'pull_request'),
    },
    { from: 'main', branch, ...at },
  )
  const side = (sha: string, ref: string, name: string) => ({ sha, ref, repo: { full_name: name } })
  const payload = {
    action,
    repository: { default_branch: 'main' },
    sender: { login: at.by ?? 'ann' },
    pull_request: {
      number,
      title: `Pull ${number}`,
      head: side(head, branch, at.fork ? 'mallory/project' : repository),
      base: side(base, 'main', repository),
    },
  }
  rig.github.raise({ event, action, repository, payload, startsWorkflows: at.by !== 'github-actions[bot]' })
  await rig.runner.idle()
  return head
}

describe('an event', () => {
  test('pull_request runs the file of the head, on the merge where there is one', async () => {
    const head = await pull(1, 'pull_request', 'opened', {})
    expect(rig.github.lastRun()).toMatchObject({
      headSha: head,
      headBranch: 'topic-1',
      displayTitle: 'Pull 1',
      conclusion: 'success',
    })
    expect(rig.github.job('head-1')?.log).toContain('[plain] [] [token]')
    expect(rig.github.job('head-1')?.log).toContain(`${head} refs/pull/1/merge topic-1 main`)

    const tree = await rig.github.git(repository, 'rev-parse', `${head}^{tree}`)
    const who = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com']
    const merge = await rig.github.git(
      repository,
      ...who,
      'commit-tree',
      tree,
      '-p',
      base,
      '-p',
      head,
      '-m',
      'merge',
    )
    await rig.github.git(repository, 'update-ref', 'refs/pull/1/merge', merge)
    const again = { branch: 'topic-1', from: 'topic-1', name: 'head-1' }
    const payload = {
      action: 'reopened',
      pull_request: {
        number: 1,
        head: { sha: head, ref: 'topic-1', repo: { full_name: repository } },
        base: { sha: base, ref: 'main' },
      },
    }
    rig.github.raise({ event: 'pull_request', action: 'reopened', repository, payload })
    await rig.runner.idle()
    expect(rig.github.job(again.name)?.log).toContain(merge)
    expect(rig.github.lastRun().headSha).toBe(head)
  })

  test('pull_request of a fork gets no secret, and a token that only reads', async () => {
    await pull(2, 'pull_request', 'synchronize', { fork: true })
    expect(rig.github.job('head-2')?.log).toContain('[] [] [token]')
    expect(rig.github.tokens.at(-1)?.permissions).toEqual({
      contents: 'read',
      checks: 'read',
      metadata: 'read',
    })
  })

  test('pull_request_target and a comment run the file of the default branch, with its secrets', async () => {
    const head = await pull(3, 'pull_request_target', 'labeled', { fork: true })
    expect(rig.github.lastRun()).toMatchObject({ workflow: { name: 'gate' }, headSha: head })
    expect(rig.github.job('gate')?.log).toContain('[plain] [key] [token]')
    expect(rig.github.job('gate')?.log).toContain(`${base} refs/heads/main topic-3 main`)
    expect(rig.github.tokens.at(-1)?.permissions).toEqual({
      contents: 'write',
      checks: 'write',
      metadata: 'read',
    })

    rig.github.raise({
      event: 'issue_comment',
      action: 'created',
      repository,
      payload: { issue: { title: 'Pull 3' } },
    })
    await rig.runner.idle()
    expect(rig.github.lastRun()).toMatchObject({ event: 'issue_comment', headSha: base, headBranch: 'main' })
  })

  test('that a GITHUB_TOKEN caused starts nothing, but for a dispatch', async () => {
    const runs = () => rig.github.actions.runs(repository).length
    const before = runs()
    await pull(4, 'pull_request', 'opened', { by: 'github-actions[bot]' })
    await pull(5, 'pull_request', 'opened', { message: 'Quiet [skip ci]' })
    rig.github.raise({
      event: 'check_run',
      action: 'completed',
      repository,
      payload: { check_run: { app: { slug: 'github-actions' } } },
    })
    await rig.runner.idle()
    expect(runs()).toBe(before)

    const payload = { action: 'poke', client_payload: { what: 'poked $(id)' } }
    rig.github.raise({
      event: 'repository_dispatch',
      action: 'poke',
      repository,
      payload,
      startsWorkflows: false,
    })
    await rig.runner.idle()
    expect(rig.github.lastRun()).toMatchObject({ event: 'repository_dispatch', conclusion: 'success' })
    expect(runs()).toBe(before + 1)
  })

  test('workflow_dispatch has inputs by type and default, and refuses others', async () => {
    const promised = rig.github.actions.nextId()
    const payload = { ref: 'main', workflow: 'go.yml', inputs: { pull: '12' }, sender: { login: 'ann' } }
    rig.github.raise({
      event: 'workflow_dispatch',
      repository,
      payload,
      runId: promised,
      startsWorkflows: false,
    })
    await rig.runner.idle()
    expect(rig.github.lastRun()).toMatchObject({
      id: promised,
      displayTitle: 'go 12',
      headSha: base,
      conclusion: 'success',
    })
    expect(rig.github.job('go')?.log).toContain('12 true b false')

    await rig.dispatch(repository, '.github/workflows/go.yml', { kind: 'c', other: 'x' })
    expect(rig.github.lastRun().conclusion).toBe('startup_failure')
    expect(rig.said.slice(-3)).toEqual([
      "Required input 'pull' not provided",
      "Provided value 'c' for input 'kind' not in the list of allowed values",
      'Unexpected inputs provided: ["other"]',
    ])
  })

  test('a token of a job pushes only where its permissions say so', async () => {
    const other = await rig.repository({
      'push.yml': `
on: push
jobs:
  may:
    runs-on: x
    permissions: { contents: write }
    steps:
      - uses: actions/checkout@v5
        with: { fetch-depth: 0 }
      - run: git push origin HEAD:refs/heads/made
  may-not:
    runs-on: x
    permissions: { contents: read }
    steps:
      - uses: actions/checkout@v5
      - run: git push origin HEAD:refs/heads/refused
  without:
    runs-on: x
    permissions: { contents: write }
    steps:
      - uses: actions/checkout@v5
        with: { persist-credentials: false, path: deep/inside }
      - run: test -f deep/inside/README.md && ! grep -ri authorization deep/inside/.git/config
      - run: git -C deep/inside push origin HEAD:refs/heads/refused
`,
    })
    await rig.push(other)
    const { id } = rig.github.lastRun()
    expect(Object.fromEntries(rig.github.actions.jobs(id).map((one) => [one.name, one.conclusion]))).toEqual({
      may: 'success',
      'may-not': 'failure',
      without: 'failure',
    })
    const refs = await rig.github.git(other, 'for-each-ref', '--format=%(refname)')
    expect(refs.split('\n').sort()).toEqual(['refs/heads/made', 'refs/heads/main'])
    expect(rig.github.job('without')?.steps?.map((step) => step.conclusion)).toEqual([
      ...['success', 'success', 'failure', 'success'],
    ])
  })
})
