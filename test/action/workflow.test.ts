import { describe, expect, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { readInputs } from '../../src/action/inputs.ts'
import { jobName } from '../../src/action/modes/start-jobs.ts'
import { type DispatchInputs, ENVIRONMENT } from '../../src/core/model/forge-names.ts'
import { packageRoot } from '../support/cli.ts'

interface Step {
  id?: string
  uses?: string
  run?: string
  with?: Record<string, string | number | boolean>
}
interface Job {
  name: string
  if?: string
  needs?: string | string[]
  permissions?: Record<string, string>
  environment?: string
  outputs?: Record<string, string>
  'timeout-minutes'?: number
  strategy?: { 'fail-fast': boolean }
  concurrency?: { group: string; 'cancel-in-progress': boolean }
  steps: Step[]
}
interface Workflow {
  on: Record<string, { types?: string[]; inputs?: Record<string, unknown> } | null>
  permissions: Record<string, string>
  jobs: Record<string, Job>
}

const read = async (path: string): Promise<unknown> => parse(await readFile(join(packageRoot, path), 'utf8'))
const workflow = (await read('.github/workflows/orchestrate.yml')) as Workflow
const action = (await read('action.yml')) as Record<'inputs' | 'outputs', Record<string, unknown>>
const jobs = Object.entries(workflow.jobs)
const using = (ours: string) =>
  jobs.flatMap(([job, { steps }]) => steps.filter(({ uses }) => uses === ours).map((step) => ({ job, step })))
const ours = using('OWNER/REPOSITORY@COMMIT')
const setup = (await read('setup/action.yml')) as typeof action & { runs: { steps: Step[] } }

describe('the workflow that is shipped', () => {
  test('gives the Action inputs that it has, and enough of them for its mode', () => {
    expect(ours.map(({ job }) => job)).toEqual(['gate', 'plan', 'phase', 'advance'])
    for (const { job, step } of ours) {
      const given = step.with ?? {}
      expect({ job, unknown: Object.keys(given).filter((name) => !(name in action.inputs)) }).toEqual({
        job,
        unknown: [],
      })
      const values: Record<string, string> = {
        run: 'pr1-x',
        app: 'false',
        'app-id': '',
        dispatched: '[]',
        uncaged: '',
      }
      const inputs = readInputs((name) => (name in given ? (values[name] ?? String(given[name])) : ''))
      expect({ job, inputs }).toMatchObject({ job, inputs: { ok: true } })
    }
  })

  test('takes outputs that the Action has', () => {
    const taken = JSON.stringify(workflow).match(/steps\.\w+\.outputs\.[\w-]+/g) ?? []
    expect(taken.length).toBeGreaterThan(0)
    const others = taken.filter((one) => one !== 'steps.setup.outputs.runtime')
    expect(others.length).toBeLessThan(taken.length)
    for (const one of others) expect(Object.keys(action.outputs)).toContain(one.split('.').at(-1))
    const needed = JSON.stringify(workflow).match(/needs\.\w+\.outputs\.[\w-]+/g) ?? []
    for (const one of needed) {
      const [, job = '', , output = ''] = one.split('.')
      expect(Object.keys(workflow.jobs[job]?.outputs ?? {})).toContain(output)
    }
  })

  test('makes runners ready by one action, at the versions that were measured', async () => {
    const made = using('OWNER/REPOSITORY/setup@COMMIT')
    expect(made.map(({ job }) => job)).toEqual(['phase', 'advance'])
    for (const { step } of made) {
      expect(Object.keys(setup.inputs)).toEqual(expect.arrayContaining(Object.keys(step.with ?? {})))
      expect(step.id).toBe('setup')
    }
    expect(Object.keys(setup.outputs)).toEqual(['runtime'])
    for (const { run } of setup.runs.steps) expect(run ?? 'bash "$HERE/').toMatch(/^bash "\$HERE\//)
    const text = async (path: string) => await readFile(join(packageRoot, path), 'utf8')
    const [agents, cage, installed, own] = await Promise.all(
      ['setup/agents.sh', 'setup/cage.sh', 'scripts/install-agent.mjs', 'package.json'].map(text),
    )
    const pinned = [...(agents ?? '').matchAll(/echo (@\S+)@([\d.]+) ;;/g)]
    expect(pinned).toHaveLength(4)
    for (const [, name, version] of pinned)
      expect(installed).toMatch(new RegExp(`'${name}',\\s+version: '${version}'`))
    const [, runtime] = /"@anthropic-ai\/sandbox-runtime": "([\d.]+)"/.exec(own ?? '') ?? []
    expect(cage?.match(/(?<=(?:cage-|sandbox-runtime@))[\d.]+/g)).toEqual([runtime, runtime])
    expect(JSON.stringify(setup)).toContain(`-${/claude-code@([\d.]+)/.exec(agents ?? '')?.[1]}`)
  })

  test('takes the inputs of a dispatch that App and Action send', () => {
    const inputs: DispatchInputs = {
      ...{ pull: '', run: '', head: '', 'plan-dir': '' },
      ...{ command: '', source: '', phases: '', app: '' },
    }
    expect(Object.keys(workflow.on['workflow_dispatch']?.inputs ?? {}).sort()).toEqual(
      Object.keys(inputs).sort(),
    )
  })

  test('is started by nothing that runs the files of a pull request', () => {
    expect(Object.keys(workflow.on).sort()).toEqual([
      'issue_comment',
      'merge_group',
      'pull_request_target',
      'schedule',
      'workflow_dispatch',
    ])
  })

  test('names the job of a phase as others look for it', () => {
    const { phase } = workflow.jobs
    expect(phase?.name).toBe(jobName('${{ matrix.id }}', '${{ inputs.pull }}'))
    expect(ours.find(({ job }) => job === 'phase')?.step.with?.['job']).toBe(phase?.name)
    expect(ours.find(({ job }) => job === 'advance')?.step.with?.['job']).toBe(workflow.jobs['advance']?.name)
  })

  test('gives each job no more than it needs, and keys to phases alone', () => {
    expect(workflow.permissions).toEqual({})
    for (const [name, job] of jobs) {
      expect({ name, permissions: job.permissions }).toHaveProperty('permissions.contents')
      expect(job['timeout-minutes']).toBeGreaterThan(0)
      const secrets = JSON.stringify(job).includes('secrets.')
      expect({ name, secrets, environment: job.environment }).toEqual({
        name,
        secrets: name === 'phase',
        environment: name === 'phase' ? ENVIRONMENT : undefined,
      })
    }
    expect(workflow.jobs['gate']?.permissions).toMatchObject({ contents: 'read' })
    expect(workflow.jobs['phase']?.strategy?.['fail-fast']).toBe(false)
    expect(workflow.jobs['phase']?.concurrency?.['cancel-in-progress']).toBe(false)
  })

  test('never lets text of others reach a shell, nor a token a checkout', () => {
    const steps = jobs.flatMap(([, job]) => job.steps)
    for (const { run } of steps) expect(run ?? '').not.toContain('${{')
    const checkouts = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@') === true)
    expect(checkouts.length).toBe(3)
    for (const checkout of checkouts) {
      expect(checkout.with).toEqual({ 'fetch-depth': 0, 'persist-credentials': false })
    }
    // The gate looks at pull requests of strangers: it checks out nothing.
    expect(workflow.jobs['gate']?.steps).toHaveLength(1)
  })
})
