import { describe, expect, test } from '@jest/globals'
import { existsSync, readFileSync, watch } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startRunner } from '../../../local-github/runner/start.ts'
import { fileDir, useRunner } from './rig.ts'

const notes = fileDir()
const rig = useRunner({ maxJobs: 4, env: { NOTES: notes } })
const note = (name: string) => join(notes, name)
const read = (name: string) => (existsSync(note(name)) ? readFileSync(note(name), 'utf8') : undefined)

/** A step that notes its process, and then would stay for a minute. Bash starts nothing after the note, so that a signal ends it. */
const STAY = (name: string, more = '') => `
      - run: |
          ${more}
          mkfifo "$RUNNER_TEMP/never" && exec 3<> "$RUNNER_TEMP/never"
          echo $$ > "$NOTES/${name}"
          read -t 60 <&3`
const alive = (pid: string | undefined) =>
  pid !== undefined &&
  existsSync(`/proc/${Number(pid)}/stat`) &&
  !readFileSync(`/proc/${Number(pid)}/stat`, 'utf8').includes(') Z ')

/** Resolves when a process has written its note. */
async function noted(name: string): Promise<string> {
  const watcher = watch(notes)
  try {
    for (;;) {
      const text = read(name)
      if (text !== undefined && text.endsWith('\n')) return text.trim()
      await new Promise((resolve) => watcher.once('change', resolve))
    }
  } finally {
    watcher.close()
  }
}

const raise = (repository: string, workflow: string, inputs = {}) =>
  rig.github.raise({ event: 'workflow_dispatch', repository, payload: { ref: 'main', workflow, inputs } })

describe('a job', () => {
  test('that is cancelled ends its processes, and what says always() still runs', async () => {
    const repository = await rig.repository({
      'stay.yml': `
name: stay
on: workflow_dispatch
jobs:
  stay:
    runs-on: x
    steps:${STAY('cancelled')}
      - run: echo never
      - if: cancelled()
        run: echo "cancelled as \${{ job.status }}"
  waits:
    needs: stay
    runs-on: x
    steps: [{ run: echo never }]
  tail:
    needs: [stay, waits]
    if: always()
    runs-on: x
    steps: [{ run: 'echo "tail sees \${{ needs.stay.result }}"' }]
`,
    })
    raise(repository, 'stay.yml')
    const pid = await noted('cancelled')
    expect(rig.runner.jobs()).toMatchObject([{ name: 'stay' }])
    rig.github.actions.onCancel?.(rig.github.lastRun().id)
    await rig.runner.idle()
    expect(rig.github.lastRun().conclusion).toBe('cancelled')
    expect(rig.github.job('stay')?.conclusion).toBe('cancelled')
    expect(rig.github.job('stay')?.steps?.map((step) => step.conclusion)).toEqual([
      'cancelled',
      'skipped',
      'success',
    ])
    expect(rig.github.job('tail')?.log).toContain('tail sees cancelled')
    expect(alive(pid)).toBe(false)
  })

  test('whose machine is lost fails with all its processes, and later jobs hear of it', async () => {
    const repository = await rig.repository({
      'lost.yml': `
name: lost
on: workflow_dispatch
jobs:
  lost:
    runs-on: x
    steps:${STAY('lost', `setsid env -i bash -c 'echo $$ > "${notes}/escaped"; mkfifo "$0"; read -t 60 < "$0"' "$RUNNER_TEMP/escape" &`)}
      - if: always()
        run: echo never
  tail:
    needs: lost
    if: always()
    runs-on: x
    steps: [{ run: 'echo "tail sees \${{ needs.lost.result }}"' }]
`,
    })
    raise(repository, 'lost.yml')
    const pids = [await noted('lost'), await noted('escaped')]
    expect(pids.map(alive)).toEqual([true, true])
    const [job] = rig.runner.jobs()
    await rig.runner.killJob(job?.id ?? 0)
    expect(rig.github.job('lost')?.conclusion).toBe('failure')
    expect(rig.github.job('lost')?.log).not.toContain('never')
    expect(rig.github.job('lost')?.annotations?.at(-1)?.message).toMatch(/lost communication/)
    expect(pids.map(alive)).toEqual([false, false])
    await rig.runner.idle()
    expect(rig.github.job('tail')?.log).toContain('tail sees failure')
    expect(rig.github.tokens.every((token) => token.revoked)).toBe(true)
  })

  test('and its steps have time limits, and leave no process behind', async () => {
    const repository = await rig.repository({
      'slow.yml': `
name: slow
on: workflow_dispatch
jobs:
  step:
    runs-on: x
    steps:${STAY('slow-step')}
        timeout-minutes: 0.01
      - if: failure()
        run: echo "went on"
  job:
    runs-on: x
    timeout-minutes: 0.01
    steps:${STAY('slow-job')}
  background:
    runs-on: x
    steps:
      - run: |
          sleep 60 > /dev/null 2>&1 &
          echo $! > "$NOTES/background"
`,
    })
    raise(repository, 'slow.yml')
    await rig.runner.idle()
    expect(rig.github.job('step')?.conclusion).toBe('failure')
    expect(rig.github.job('step')?.log).toContain('went on')
    expect(rig.github.job('job')?.conclusion).toBe('cancelled')
    expect(rig.github.job('job')?.annotations?.map((one) => one.message)).toContain(
      'The job has exceeded the maximum execution time of 0.01 minutes.',
    )
    expect(rig.github.job('background')?.conclusion).toBe('success')
    expect(['slow-step', 'slow-job', 'background'].map((name) => alive(read(name)))).toEqual([
      false,
      false,
      false,
    ])
  })

  test('that fails takes the rest of its matrix with it', async () => {
    const repository = await rig.repository({
      'fast.yml': `
name: fast
on: workflow_dispatch
jobs:
  m:
    runs-on: x
    strategy: { matrix: { kind: [stays, fails] } }
    steps:
      - if: matrix.kind == 'fails'
        run: until [ -f "$NOTES/stays" ]; do read -t 0.05 < <(:) || true; done; exit 1${STAY('stays')}
`,
    })
    raise(repository, 'fast.yml')
    await rig.runner.idle()
    expect(rig.github.job('m (fails)')?.conclusion).toBe('failure')
    expect(rig.github.job('m (stays)')?.conclusion).toBe('cancelled')
    expect(rig.github.lastRun().conclusion).toBe('failure')
  })
})

describe('runs of one concurrency group', () => {
  test('wait for each other, one running and one pending', async () => {
    const repository = await rig.repository({
      'group.yml': `
name: group
run-name: \${{ inputs.n }}
on: { workflow_dispatch: { inputs: { n: { type: string } } } }
concurrency: { group: "deploy-\${{ github.ref }}", cancel-in-progress: "\${{ inputs.n == '4' }}" }
jobs:
  job:
    name: job \${{ inputs.n }}
    runs-on: x
    steps:
      - if: inputs.n != '4'
        run: mkfifo "$NOTES/go-$N"; echo x > "$NOTES/at-$N"; read < "$NOTES/go-$N"
        env: { N: "\${{ inputs.n }}" }
`,
    })
    const conclusions = () =>
      Object.fromEntries(rig.github.actions.runs(repository).map((run) => [run.displayTitle, run.conclusion]))
    const go = async (n: number) => {
      await writeFile(note(`go-${n}`), '\n')
    }
    for (const n of ['1', '2', '3']) raise(repository, 'group.yml', { n })
    await noted('at-1')
    await rig.github.until(() => conclusions()['3'] !== undefined && conclusions()['2'] !== null)
    expect(conclusions()).toEqual({ '1': null, '2': 'cancelled', '3': null })
    expect(rig.github.job('job 3')).toBeUndefined()
    await go(1)
    await noted('at-3')
    expect(conclusions()['1']).toBe('success')
    raise(repository, 'group.yml', { n: '4' })
    await rig.runner.idle()
    expect(conclusions()).toEqual({ '1': 'success', '2': 'cancelled', '3': 'cancelled', '4': 'success' })
  })
})

describe('a runner', () => {
  test('that is closed ends every job and removes its directories', async () => {
    const repository = await rig.repository({
      'close.yml': `on: { repository_dispatch: }\njobs:\n  stay:\n    runs-on: x\n    steps:${STAY('closed', 'pwd > "$NOTES/closed-dir"')}\n`,
    })
    const second = await startRunner({ github: rig.github, actions: {}, env: { NOTES: notes } })
    await rig.runner.close()
    rig.github.raise({
      event: 'repository_dispatch',
      repository,
      payload: { action: 'x' },
      startsWorkflows: false,
    })
    const pid = await noted('closed')
    await second.close()
    expect(alive(pid)).toBe(false)
    expect(existsSync(read('closed-dir')?.trim() ?? '/')).toBe(false)
    expect(rig.github.lastRun().status).toBe('completed')
  })
})
