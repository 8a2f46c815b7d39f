import { describe, expect, it } from '@jest/globals'
import { wantedBy, type Wanted } from '../../src/app/events.ts'

const OURS = 7
const base = {
  repository: {
    name: 'shop',
    full_name: 'acme/shop',
    default_branch: 'main',
    owner: { login: 'acme' },
  },
  installation: { id: 1 },
  sender: { login: 'bob', id: 2, type: 'User' },
}
const wanted = (event: string, payload: object): Wanted[] => {
  const read = wantedBy(event, { ...base, ...payload }, OURS)
  if (!read.ok) throw new Error(read.problem)
  return read.wanted
}
const sweepOf = (repositories: { owner: string; repo: string }[]): Wanted[] => [
  { kind: 'sweep', installation: 1, repositories },
]

describe('what a delivery asks for', () => {
  it('looks at an installation that comes, comes back or may do more', () => {
    const repositories = [{ full_name: 'acme/shop' }]
    expect(wanted('installation', { action: 'created', repositories })).toEqual(
      sweepOf([{ owner: 'acme', repo: 'shop' }]),
    )
    for (const action of ['unsuspend', 'new_permissions_accepted'])
      expect(wanted('installation', { action, repositories })).toEqual(sweepOf([]))
    for (const action of ['deleted', 'suspend']) expect(wanted('installation', { action })).toEqual([])
  })

  it('looks at every gate where the rules or the workflow change on the default branch', () => {
    const push = (ref: string, modified: string[]): Wanted[] =>
      wanted('push', { ref: `refs/heads/${ref}`, commits: [{ added: [], modified, removed: [] }] })
    for (const path of ['.github/orchestrate.yml', '.github/workflows/orchestrate.yml'])
      expect(push('main', ['src/a.ts', path])).toEqual(sweepOf([{ owner: 'acme', repo: 'shop' }]))
    expect(push('main', ['src/a.ts'])).toEqual([])
    expect(push('feature', ['.github/orchestrate.yml'])).toEqual([])
    expect(wanted('push', { ref: 'refs/heads/main' })).toEqual([])
  })

  it('takes the ends of jobs and runs to their pull request, and nothing of what other Apps check', () => {
    const job = {
      action: 'completed',
      workflow_job: { name: 'phase pr12-plan-1a2b3c4 1', conclusion: 'failure' },
    }
    expect(wanted('workflow_job', job)).toMatchObject([{ kind: 'attend', pull: 12 }])
    expect(
      wanted('workflow_job', { ...job, workflow_job: { name: 'build', conclusion: 'success' } }),
    ).toEqual([])
    const check = (app: number) => ({
      action: 'rerequested',
      check_run: { id: 3, pull_requests: [{ number: 12 }], app: { id: app } },
    })
    expect(wanted('check_run', check(OURS))).toMatchObject([{ kind: 'attend', pull: 12, again: true }])
    expect(wanted('check_run', check(OURS + 1))).toEqual([])
  })

  it('names what does not fit, and asks for nothing of what it does not know', () => {
    expect(wantedBy('push', { ...base, ref: 5 }, OURS)).toMatchObject({
      ok: false,
      problem: expect.stringContaining('ref'),
    })
    expect(wanted('star', {})).toEqual([])
  })
})
