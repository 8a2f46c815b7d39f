/** A small GitHub with a runner, shared by the tests of a file; every test gets a repository of its own. */
import { afterAll, beforeAll } from '@jest/globals'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { standIns } from '../../../local-github/runner/stand-ins.ts'
import { startRunner, type Runner, type RunnerOptions } from '../../../local-github/runner/start.ts'
import { smallGitHub, type SmallGitHub } from './small-github.ts'

export interface Rig {
  github: SmallGitHub
  runner: Runner
  /** What the runner logged. */
  said: string[]
  /** A repository with these workflows (by file name) and other files on `main`. */
  repository(workflows: Record<string, string>, files?: Record<string, string>): Promise<string>
  /** Pushes the head of `main` as an event. */
  push(repository: string, more?: Record<string, unknown>): Promise<void>
  /** Dispatches a workflow on `main`, and waits until all is done. */
  dispatch(repository: string, workflow: string, inputs?: Record<string, string>): Promise<void>
}

let count = 0

/** A directory for all tests of a file. */
export function fileDir(): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'runner test-')))
  afterAll(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

export function useRunner(
  options: Omit<RunnerOptions, 'github' | 'actions'> & Partial<RunnerOptions> = {},
): Rig {
  const rig = { said: [] as string[] } as Rig
  beforeAll(async () => {
    const github = await smallGitHub()
    rig.github = github
    rig.runner = await startRunner({
      ...options,
      github,
      actions: { ...standIns(), ...options.actions },
      log: (line) => rig.said.push(line),
    })
    rig.repository = async (workflows, files = {}) => {
      count += 1
      const name = `ann/project-${count}`
      const paths = Object.entries(workflows).map(([file, text]) => [`.github/workflows/${file}`, text])
      await github.commit(name, { 'README.md': '# Project\n', ...files, ...Object.fromEntries(paths) })
      return name
    }
    rig.push = async (repository, more = {}) => {
      const after = await github.git(repository, 'rev-parse', 'main')
      const payload = { ref: 'refs/heads/main', after, sender: { login: 'ann' }, ...more }
      github.raise({ event: 'push', repository, payload })
      await rig.runner.idle()
    }
    rig.dispatch = async (repository, workflow, inputs = {}) => {
      const payload = { ref: 'main', workflow, inputs, sender: { login: 'ann' } }
      github.raise({ event: 'workflow_dispatch', repository, payload })
      await rig.runner.idle()
    }
  })
  afterAll(async () => {
    await rig.runner.close()
    await rig.github.close()
  })
  return rig
}
