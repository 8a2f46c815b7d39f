import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { sha } from '../../../src/core/model/ids.ts'
import { atRepo, open, tempRepo, testEnv, type TempRepo } from '../../support/git.ts'

async function withHook(name: string, script: string, set: (repo: TempRepo) => void = () => {}) {
  const repo = tempRepo()
  repo.write(`.git/hooks/${name}`, `#!/bin/sh\n${script}`, true)
  set(repo)
  const env = { ...testEnv(), GITHUB_TOKEN: 'secret', ANTHROPIC_API_KEY: 'secret' }
  const opened = await open(repo, { env })
  const workspace = await opened.workspaces.open('r', 'w', sha(repo.git('rev-parse', 'HEAD')))
  return { repo, opened, workspace, agent: atRepo(workspace.path) }
}

describe("the project's hooks", () => {
  it('are fine where there is none', async () => {
    const { opened, workspace } = await withHook('post-merge', '')
    expect(await opened.runHook('pre-commit', workspace)).toEqual({ ok: true, ran: false })
    expect(await opened.runHook('commit-msg', workspace, 'm')).toEqual({ ok: true, ran: false })
  })

  it('refuse with what they print', async () => {
    const { opened, workspace } = await withHook('pre-commit', 'echo out; echo "no ümlauts" >&2; exit 3')
    expect(await opened.runHook('pre-commit', workspace)).toEqual({ ok: false, output: 'out\nno ümlauts' })
  })

  it('say their code where they print nothing', async () => {
    const { opened, workspace } = await withHook('pre-commit', 'exit 7')
    expect(await opened.runHook('pre-commit', workspace)).toEqual({
      ok: false,
      output: 'The hook ended with code 7.',
    })
  })

  it('see the workspace as their directory and its changes staged, and may change files', async () => {
    const { opened, workspace, agent, repo } = await withHook(
      'pre-commit',
      'pwd > seen.txt; git diff --cached --name-only >> seen.txt; echo formatted > new.txt; git add new.txt',
    )
    agent.write('new.txt', 'raw')
    const before = await workspace.snapshot()
    expect(await opened.runHook('pre-commit', workspace)).toEqual({ ok: true, ran: true })
    expect(readFileSync(join(workspace.path, 'seen.txt'), 'utf8')).toBe(`${workspace.path}\nnew.txt\n`)
    const after = await workspace.snapshot()
    expect(after).not.toBe(before)
    expect(repo.git('show', `${after}:new.txt`)).toBe('formatted')
  })

  it('get no token of ours', async () => {
    const { opened, workspace } = await withHook('pre-commit', 'env; exit 1')
    const result = await opened.runHook('pre-commit', workspace)
    expect(result.ok === false && result.output).toMatch(/^PATH=/m)
    expect(result.ok === false && result.output).not.toContain('secret')
  })

  it('carry the name of their run, so that one that outlives its run is ended', async () => {
    const { opened, workspace } = await withHook('pre-commit', 'echo "run $ORCHESTRATE_RUN"; exit 1')
    expect(await opened.runHook('pre-commit', workspace)).toEqual({ ok: false, output: 'run r' })
  })

  it('may change the message', async () => {
    const { opened, workspace } = await withHook('commit-msg', 'echo "Ticket: 1" >> "$1"')
    expect(await opened.runHook('commit-msg', workspace, 'Subject\n\nbody\n')).toEqual({
      ok: true,
      ran: true,
      message: 'Subject\n\nbody\nTicket: 1',
    })
  })

  it('are found where core.hooksPath says, from the workspace where that is relative', async () => {
    const { opened, workspace, agent } = await withHook('post-merge', '', (repo) => {
      repo.write('.my hooks/pre-commit', '#!/bin/sh\necho mine; exit 1\n', true)
      repo.commit({})
      repo.git('config', 'core.hooksPath', '.my hooks')
    })
    expect(await opened.runHook('pre-commit', workspace)).toEqual({ ok: false, output: 'mine' })
    agent.write('.my hooks/pre-commit', '#!/bin/sh\nexit 0\n', true)
    expect(await opened.runHook('pre-commit', workspace)).toEqual({ ok: true, ran: true })
  })
})
