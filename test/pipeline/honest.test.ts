import { describe, expect, test } from '@jest/globals'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { resumeRun, runPlan } from '../../src/core/pipeline.ts'
import type { Ports } from '../../src/core/pipeline-types.ts'
import { openPlanSource } from '../../src/adapters/files/plan-source.ts'
import { answerWell, type FakeCall } from '../support/fake-agent.ts'
import { afterThisTest, runGit, tempDir } from '../support/git.ts'
import { taskPlan } from '../support/plans.ts'
import { runRig, type RunRig } from '../support/run-rig.ts'

const TWO = { 'task_plan.md': taskPlan([{ id: '1' }, { id: '2' }]) }

interface Dishonest {
  what: string
  /** What the agents of phase 1 do; others do well. Says nothing for calls that do well, too. */
  act: (call: FakeCall, rig: RunRig) => Promise<void> | undefined
  before?: (rig: RunRig) => void
  processes?: true
  message: string
  /** `SAVED` stands for the name of the commit that keeps the work. */
  hint: string
  /** A file of the saved commit, or, with `inPlace`, of the worktree. */
  kept?: { path: string; text: string; inPlace?: true }
}

const implementing = (work: (call: FakeCall) => Promise<void>) => (call: FakeCall) =>
  call.step === 'implement' ? work(call) : undefined
const reviewing = (work: (call: FakeCall) => Promise<void>) => (call: FakeCall) =>
  call.step === 'review-code' ? work(call) : undefined
const HALF = { path: 'half.txt', text: 'half' }
const half = (call: FakeCall) => call.write({ 'half.txt': 'half\n' })
const SAVED = 'What it had changed is saved as commit SAVED.'
const hook = (name: string, text: string) => (rig: RunRig) =>
  rig.repo.write(`.git/hooks/${name}`, `#!/bin/sh\n${text}\n`, true)

const CASES: Dishonest[] = [
  {
    what: 'an unreadable review',
    act: reviewing((call) => call.finish({ artifact: 'Looks good to me. No P0, no P1.' })),
    message:
      'The artifact of review-code (attempt 1) is not JSON: "Looks good to me. No" was not expected at line 1, column 1.',
    hint: 'Write one JSON object and nothing before or after it.',
  },
  {
    what: 'a missing artifact',
    act: implementing(async (call) => {
      await half(call)
      await call.finish({ artifact: false })
    }),
    message: 'The agent of implement (attempt 1) ended without an artifact.',
    hint: `It has to write its JSON to the file that ORCHESTRATE_ARTIFACT names, or answer by the schema. Retry the step, or look at its output for what stopped it. ${SAVED}`,
    kept: HALF,
  },
  {
    what: 'a stale nonce',
    act: implementing(async (call) => {
      await half(call)
      await call.finish({ artifact: { nonce: 'of-yesterday', summary: 'Done.' } })
    }),
    message:
      'The artifact of implement carries the nonce "of-yesterday", this call (attempt 1) has "NONCE": it was not written for this call.',
    hint: `Copy the nonce from the end of the prompt. A file of an earlier attempt does not count. ${SAVED}`,
    kept: HALF,
  },
  {
    what: 'a changed tree after a read-only step',
    act: reviewing(async (call) => {
      await half(call)
      await call.finish()
    }),
    message: 'A reviewer changed half.txt, but a review only reads.',
    hint: 'The change was set aside as commit SAVED. `orchestrate resume` has the tree reviewed as it was.',
    kept: HALF,
  },
  {
    what: 'an empty diff',
    act: implementing((call) => call.finish()),
    message: 'Task 1.1: Nothing was changed.',
    hint: 'Do it by hand, or make the task say what is to change.',
  },
  {
    what: 'a commit that the pre-commit hook refuses',
    before: hook('pre-commit', 'test ! -e half.txt || { echo "half.txt may not be committed" >&2; exit 1; }'),
    act: implementing(async (call) => {
      await half(call)
      await call.finish()
    }),
    message: 'Task 1.1: The pre-commit hook refused the commit:\nhalf.txt may not be committed',
    hint: 'The work stands in the worktree of the phase, uncommitted. Mend what the hook names there.',
    kept: { ...HALF, inPlace: true },
  },
  {
    what: 'a commit whose message a hook refuses',
    before: hook('commit-msg', '! grep -q "Part 1\\|part-1" "$1" || { echo "no ticket number"; exit 3; }'),
    act: implementing(async (call) => {
      await half(call)
      await call.finish()
    }),
    message: 'Task 1.1: The commit-msg hook refused the commit:\nno ticket number',
    hint: 'The work stands in the worktree of the phase, uncommitted. Mend what the hook names there.',
    kept: { ...HALF, inPlace: true },
  },
  {
    what: 'a change of a protected path',
    act: implementing(async (call) => {
      await call.write({ '.github/workflows/x.yml': 'on: push\n' })
      await call.finish()
    }),
    message: 'Task 1.1: The agent changed .github/workflows/x.yml, which no agent may change.',
    hint: `Take the change back and retry. What has to change there, a person does; protected_paths of .github/orchestrate.yml names more such paths. ${SAVED}`,
    kept: { path: '.github/workflows/x.yml', text: 'on: push' },
  },
  {
    what: 'a symbolic link out of the repository',
    act: implementing(async (call) => {
      symlinkSync('/etc/passwd', join(call.cwd, 'half.txt'))
      await call.finish()
    }),
    message:
      'Task 1.1: The agent made the link half.txt to /etc/passwd, which lies outside the files of the repository.',
    hint: `Take the link out: a link may only point to files of the repository, by a relative path. ${SAVED}`,
    kept: { path: 'half.txt', text: '/etc/passwd' },
  },
  {
    what: 'a repository inside the repository',
    act: implementing(async (call) => {
      const inner = join(call.cwd, 'lib')
      runGit(call.cwd, 'init', '--quiet', inner)
      writeFileSync(join(inner, 'a.txt'), 'a\n')
      runGit(inner, 'add', '.')
      runGit(inner, '-c', 'user.name=A', '-c', 'user.email=a@example.org', 'commit', '--quiet', '-m', 'x')
      await half(call)
      await call.finish()
    }),
    message: 'Task 1.1: The agent left a repository inside the repository at lib.',
    hint: `A project generator often runs "git init": remove the .git in there, so that its files can be committed. Submodules are changed by people. ${SAVED}`,
    kept: HALF,
  },
  {
    what: 'a finding that points at no line',
    act: reviewing((call) =>
      call.finish({
        artifact: {
          summary: 'Bad.',
          findings: [{ severity: 'P3', file: '1.1.txt', line: 99, title: 'A typo', detail: 'There.' }],
        },
      }),
    ),
    message: 'The review of the code points at 1.1.txt:99 ("A typo"), but the file has 1 line.',
    hint: 'Open the file and give the line that the finding is about.',
  },
  {
    what: 'an agent that is killed by the system',
    processes: true,
    act: implementing(async (call) => {
      await half(call)
      await call.crash()
    }),
    message: 'The agent of implement failed: the agent command "NODE" ended with exit code 137.\nKilled',
    hint: `Its output stands above; try again when the cause is gone. ${SAVED}`,
    kept: HALF,
  },
]

/** The state of what is the user's own. */
const checkout = (rig: RunRig): string[] => [
  rig.repo.git('rev-parse', 'HEAD', 'main'),
  rig.repo.git('symbolic-ref', 'HEAD'),
  rig.repo.git('status', '--porcelain', '--ignored'),
  rig.repo.git('stash', 'list'),
]

describe('a phase stops as needs-input, with what happened and what to do, while others go on', () => {
  test.each(CASES)('$what', async ({ act, before, processes = false, message, hint, kept }) => {
    let dishonest = true
    const rig = await runRig({ plan: TWO, config: { parallel: true }, processes })
    rig.agent.auto(async (call) => {
      const done = dishonest && call.phase === '1' ? act(call, rig) : undefined
      await (done ?? answerWell(call))
    })
    before?.(rig)
    const untouched = checkout(rig)
    const ended = await rig.run()

    const [failure, ...more] = ended.failures
    expect(more).toEqual([])
    const path = worktree(rig, '1')
    const saved = refs(rig, 'saved').at(-1) ?? ''
    expect(failure).toEqual({
      reason: 'needs-input',
      phase: '1',
      message: `Phase 1 needs input. ${message}`
        .replace('NONCE', rig.agent.calls.findLast((call) => call.phase === '1')?.nonce ?? '')
        .replace('NODE', process.execPath),
      hint: [
        hint.replace('SAVED', saved.slice(0, 10)),
        `Worktree: ${path}`,
        'Then `orchestrate resume`; or `orchestrate fix 1 "what is wrong"`, `orchestrate retry 1`, `orchestrate skip 1`, `orchestrate abort`.',
      ].join('\n'),
    })

    expect(ended.exit).toBe(3)

    // Nothing is called done, and the other phase went on.
    expect(ended.view?.phases.map(({ id, state }) => [id, state])).toEqual([
      ['1', 'needs-input'],
      ['2', 'merged'],
    ])
    expect(rig.result('1')?.status).toBe('needs_user_input')
    const plan = rig.repo.git('show', `orchestrate/${ended.view?.run}/plan:plan/task_plan.md`)
    expect(plan.split('## Phase 2')[0]).toMatch(/\*\*Status:\*\* (?!completed)/)
    // Nothing is lost: it stands in the worktree, or in a commit that a ref keeps.
    if (kept?.inPlace === true) expect(readFileSync(join(path, kept.path), 'utf8').trim()).toBe(kept.text)
    else if (kept) expect(rig.repo.git('show', `${saved}:${kept.path}`)).toBe(kept.text)
    expect(checkout(rig)).toEqual(untouched)
    await rig.verify()

    // And it goes on when its cause is gone.
    dishonest = false
    if (before)
      for (const name of ['pre-commit', 'commit-msg'])
        rmSync(join(rig.repo.path, '.git/hooks', name), { force: true })
    expect((await rig.resume()).failures).toEqual([])
    expect((await rig.view()).state).toBe('landed')
    await rig.verify()
  })
})

describe('a full disk', () => {
  // Only root may mount; where nobody can, the test below says the same with a ledger that finds no space.
  const mounted = mountable()
  const whereMountable = mounted ? test : test.skip

  whereMountable('stops the run with what to do, and it goes on when there is space again', async () => {
    const disk = mountTmpfs('6m')
    const rig = await runRig({ plan: TWO, path: join(disk, 'repository') })
    let full = true
    rig.agent.auto(async (call) => {
      if (full && call.step === 'implement' && call.phase === '2') {
        // The agent's own work fits; what git has to write of it does not.
        await call.write({ 'work.txt': 'work\n' })
        fill(join(disk, 'filler'))
        return await call.finish()
      }
      await answerWell(call)
    })
    const head = rig.repo.git('rev-parse', 'main')
    const ended = await rig.run()
    expect(ended).toMatchObject({
      exit: 3,
      failures: [
        {
          reason: 'disk-full',
          message: 'The disk is full: phase 2 stopped.',
          hint: 'Free some space, then `orchestrate resume`. Nothing is lost up to the last recorded step.',
        },
      ],
    })
    expect(rig.repo.git('rev-parse', 'main')).toBe(head)

    rmSync(join(disk, 'filler'))
    full = false
    expect((await rig.view()).phases.map(({ state }) => state)).toEqual(['merged', 'running'])
    const resumed = await rig.resume()
    expect(resumed.failures).toEqual([])
    expect(rig.calls().filter((call) => call === 'implement 1.1')).toHaveLength(1)
    // The work of the step that was cut off was kept: saved, since the step ran again; or committed, where the directory of the
    // phase before went while the disk was full and left room for that.
    const places = [...refs(rig, 'saved'), 'main']
    const kept = places.filter((place) => rig.repo.git('ls-tree', '--name-only', place, 'work.txt') !== '')
    expect(kept.map((place) => rig.repo.git('show', `${place}:work.txt`))).toEqual(['work'])
    expect(rig.repo.git('status', '--porcelain')).toBe('')
    rig.repo.git('fsck', '--strict')
    await rig.verify()
  })

  test('that the ledger meets stops the run, and nothing is recorded by halves', async () => {
    const rig = await runRig({ plan: TWO })
    const ports = await rig.ports()
    let room = 9
    const small: Ports = {
      ...ports,
      ledger: {
        read: (ref) => ports.ledger.read(ref),
        file: (commit, path) => ports.ledger.file(commit, path),
        runs: () => ports.ledger.runs(),
        append: async (input) => {
          room--
          if (room < 0) throw new Error('ENOSPC: no space left on device, write')
          return await ports.ledger.append(input)
        },
      },
    }
    const opened = await openPlanSource({ path: 'plan', cwd: rig.repo.path, root: rig.repo.path })
    if (!opened.ok) throw new Error('no plan')
    const { config } = rig
    const actor = 'Ada Example'
    const request = { source: opened.value, config, actor, yes: true, dryRun: false }
    const ended = await runPlan(request, small)
    expect(ended.exit).toBe(3)
    expect(ended.failures.map(({ reason }) => reason)).toEqual(['disk-full'])
    room = Number.MAX_SAFE_INTEGER
    const source = async () => opened
    expect((await resumeRun(undefined, { source, config, actor, yes: true }, small)).failures).toEqual([])
    await rig.verify()
  })
})

const refs = (rig: RunRig, folder: string): string[] =>
  rig.repo
    .git('for-each-ref', '--sort=creatordate', '--format=%(objectname)', `refs/orchestrate/*/${folder}/*`)
    .split('\n')
    .filter((line) => line !== '')

function worktree(rig: RunRig, phase: string): string {
  const started = rig.events.flatMap((event) =>
    event.type === 'phase-started' && event.phase === phase ? [event.path] : [],
  )
  return started.at(-1) ?? ''
}

function mountable(): boolean {
  if (process.getuid?.() !== 0 || process.platform !== 'linux') return false
  const dir = execFileSync('mktemp', ['-d'], { encoding: 'utf8' }).trim()
  const done = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', dir]).status === 0
  if (done) spawnSync('umount', [dir])
  rmSync(dir, { recursive: true, force: true })
  return done
}

function mountTmpfs(size: string): string {
  const dir = tempDir('disk-')
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', dir])
  afterThisTest(() => {
    execFileSync('umount', ['--lazy', dir])
  })
  return dir
}

/** Takes all space there is. */
function fill(file: string): void {
  const piece = Buffer.alloc(4096)
  try {
    for (;;) writeFileSync(file, piece, { flag: 'a' })
  } catch {
    if (!existsSync(file)) throw new Error('nothing could be written at all')
  }
}
