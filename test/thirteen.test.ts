import { describe, expect, test } from '@jest/globals'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createCommandAgent } from '../src/adapters/agents/command.ts'
import type { PhaseResult } from '../src/core/model/phase-result.ts'
import { answerWell, type FakeCall, FakeAgentRig } from './support/fake-agent.ts'
import { afterThisTest, tempDir, type TempRepo, tempRepo, testEnv } from './support/git.ts'
import { specPlan, taskPlan, workflow } from './support/plans.ts'
import { orchestrate } from './support/cli.ts'
import { runRig, type RunRig } from './support/run-rig.ts'

const ONE = { 'task_plan.md': taskPlan([{ id: '1' }]) }
const TWO_SPECS = specPlan([
  { name: 'alpha', phase: 1, sprint: 1 },
  { name: 'beta', phase: 1, sprint: 1 },
])

const review = (...findings: object[]) => ({ summary: 'Read it.', findings, criteria: [] })
const finding = (severity: string, file: string, title = 'Something is wrong') => ({
  severity,
  file,
  line: 1,
  title,
  detail: 'It does not do what it says.',
})

/** The thirteen ways in which the pipeline that users know already failed them. */
describe('what went wrong before', () => {
  test('1: a failing pre-commit hook loses nothing and completes nothing', async () => {
    const rig = await runRig({
      plan: ONE,
      answer: async (call) => {
        if (call.step === 'implement') await call.write({ 'part-1.txt': 'FORBIDDEN\n' })
        await call.finish()
      },
    })
    refuseForbidden(rig.repo)
    const ended = await rig.run()
    expect(ended.exit).toBe(3)
    const path = worktree(rig, '1')
    expect(ended.failures).toEqual([
      {
        reason: 'needs-input',
        message:
          'Phase 1 needs input. Task 1.1: The pre-commit hook refused the commit:\nnothing FORBIDDEN may be committed: part-1.txt',
        hint: `The work stands in the worktree of the phase, uncommitted. Mend what the hook names there.\nWorktree: ${path}\nThen \`orchestrate resume\`; or \`orchestrate fix 1 "what is wrong"\`, \`orchestrate retry 1\`, \`orchestrate skip 1\`, \`orchestrate abort\`.`,
        phase: '1',
      },
    ])
    expect(ended.view?.phases[0]?.state).toBe('needs-input')
    expect(readFileSync(join(path, 'part-1.txt'), 'utf8')).toBe('FORBIDDEN\n')
    expect(commitsOf(rig)).toEqual([])
    expect(rig.repo.git('log', '-1', '--format=%s', 'main')).toBe('Write the plan')

    // Nothing was mended: the hook refuses the work of a person as well, and it still stands there.
    const again = await rig.resume()
    expect(again.exit).toBe(3)
    expect(again.failures[0]?.message).toContain('The pre-commit hook refused the commit')
    expect(readFileSync(join(path, 'part-1.txt'), 'utf8')).toBe('FORBIDDEN\n')

    rig.repo.git('-C', path, 'status', '--porcelain')
    writeIn(path, 'part-1.txt', 'fine\n')
    const mended = await rig.resume()
    expect(mended.failures).toEqual([])
    expect(rig.repo.git('show', 'main:part-1.txt')).toBe('fine')
    // What a person finished is not done again, but it is reviewed.
    expect(rig.calls().sort()).toEqual(['implement 1.1', 'review-code', 'review-perf', 'review-test'])
    expect(rig.result('1')?.commits.map((commit) => commit.subject)).toEqual(['changes by hand'])
    await rig.verify()
  })

  test('1: work of units that ran side by side is laid into the worktree when the hook refuses it', async () => {
    const rig = await runRig({
      plan: TWO_SPECS,
      answer: async (call) => {
        if (call.step === 'implement') await call.write({ [`${call.unit}.txt`]: 'FORBIDDEN\n' })
        await call.finish()
      },
    })
    refuseForbidden(rig.repo)
    const ended = await rig.run()
    expect(ended.exit).toBe(3)
    for (const spec of ['alpha', 'beta'])
      expect(ended.failures[0]?.message).toContain(`Spec ${spec}: The pre-commit hook refused the commit`)
    const path = worktree(rig, '1')
    for (const spec of ['alpha', 'beta']) {
      expect(readFileSync(join(path, `${spec}.txt`), 'utf8')).toBe('FORBIDDEN\n')
      writeIn(path, `${spec}.txt`, 'fine\n')
    }
    expect((await rig.resume()).failures).toEqual([])
    expect(rig.calls().filter((call) => call.startsWith('implement'))).toHaveLength(2)
    expect(rig.repo.git('show', 'main:beta.txt')).toBe('fine')
    expect(rig.repo.git('worktree', 'list').split('\n')).toHaveLength(1)
    await rig.verify()
  })

  test('2: a review that is missing, odd, prose or of an earlier call is never zero findings', async () => {
    let earlier = ''
    const odd: Record<string, (call: FakeCall) => Promise<void>> = {
      'ended without an artifact': (call) => call.finish({ artifact: false }),
      'ended without writing anything': (call) => call.finish({ artifact: '' }),
      'is not JSON: "- **P0**: 1" was not expected': (call) =>
        call.finish({ artifact: '- **P0**: 1\n- **P1**: 0\n' }),
      'is not JSON: "I found no problems': (call) =>
        call.finish({ artifact: 'I found no problems, well done!' }),
      'does not fit its schema at findings[0].severity': (call) =>
        call.finish({ artifact: review(finding('critical', 'part-1.txt')) }),
      'does not fit its schema at findings:': (call) =>
        call.finish({ artifact: { summary: 'See below', issues: [finding('P0', 'part-1.txt')] } }),
      'does not fit its schema at nonce': (call) =>
        call.finish({ artifact: JSON.stringify({ summary: 'Fine', findings: [] }) }),
      'it was not written for this call': (call) => call.finish({ artifact: earlier }),
      'exit code 3': (call) => call.finish({ exit: 3 }),
    }
    let how: (call: FakeCall) => Promise<void> = (call) => call.finish()
    const rig = await runRig({
      plan: ONE,
      answer: async (call) => {
        if (call.step !== 'review-code') return await answerWell(call)
        if (earlier === '') earlier = JSON.stringify({ nonce: call.nonce, ...review() })
        await how(call)
      },
    })
    let begun = false
    for (const [said, act] of Object.entries(odd)) {
      how = act
      const ended = begun ? await rig.resume() : await rig.run()
      begun = true
      expect({ said, exit: ended.exit }).toEqual({ said, exit: 3 })
      expect(ended.failures[0]?.message).toContain(said)
      expect(rig.result('1')).toMatchObject({ status: 'needs_user_input', verdict: 'not-reviewed' })
      expect(rig.result('1')?.reviews.code).toBeUndefined()
    }
    expect(rig.repo.git('log', '-1', '--format=%s', 'main')).toBe('Write the plan')
    how = answerWell
    expect((await rig.resume()).exit).toBe(0)
    // The other two reviews were good and stand; nothing was implemented twice.
    expect(rig.calls().filter((call) => call !== 'review-code')).toHaveLength(3)
    await rig.verify()
  })

  test('3: a P0 that is still open is not merged, and merged only when a verify says that it is gone', async () => {
    let open = true
    const rig = await runRig({
      plan: ONE,
      answer: async (call) => {
        if (call.step === 'implement') await call.write({ 'part-1.txt': 'one\n' })
        if (call.step === 'review-code')
          return await call.finish({ artifact: review(finding('P0', 'part-1.txt')) })
        if (call.step === 'verify')
          return await call.finish({ artifact: { ...review(), reopened: open ? ['C1'] : [] } })
        if (call.step.startsWith('fix')) await call.append('part-1.txt', 'more\n')
        await call.finish()
      },
    })
    const ended = await rig.run()
    expect(ended.exit).toBe(3)
    expect(ended.failures[0]?.message).toBe(
      'Phase 1 needs input. 1 P0/P1 finding is still open:\nC1 P0 part-1.txt:1 Something is wrong',
    )
    expect(rig.result('1')).toMatchObject({ status: 'needs_user_input', verdict: 'p0_p1_found' })
    expect(rig.repo.git('log', '-1', '--format=%s', 'main')).toBe('Write the plan')

    const before = rig.calls().length
    open = false
    writeIn(worktree(rig, '1'), 'part-1.txt', 'mended by hand\n')
    expect((await rig.resume()).failures).toEqual([])
    expect(rig.calls().slice(before)).toEqual(['fix-p0p1', 'verify'])
    expect(rig.result('1')?.verdict).toBe('clean')
    await rig.verify()
  })

  test('3: a fixer that puts a P0 off does not close it', async () => {
    const rig = await runRig({
      plan: ONE,
      answer: async (call) => {
        if (call.step === 'implement') await call.write({ 'part-1.txt': 'one\n' })
        if (call.step === 'review-test')
          return await call.finish({ artifact: review(finding('P0', 'part-1.txt')) })
        if (call.step === 'fix-p0p1') {
          const dispositions = [{ finding: 'T1', disposition: 'deferred', note: 'later' }]
          return await call.finish({ artifact: { summary: 'Later.', dispositions } })
        }
        await call.finish()
      },
    })
    const ended = await rig.run()
    expect(ended.exit).toBe(3)
    expect(ended.failures[0]?.message).toContain('T1 P0 part-1.txt:1')
  })

  test('4: every P1 reaches a fixer, however it is titled and whoever found it', async () => {
    const titles = ['### [P1] #1', 'P1', '- **P1**: none', '<!-- P1 -->']
    const rig = await runRig({
      plan: ONE,
      answer: async (call) => {
        if (call.step === 'implement') await call.write({ 'part-1.txt': 'one\n' })
        if (call.step.startsWith('review-'))
          return await call.finish({ artifact: review(...titles.map((t) => finding('P1', 'part-1.txt', t))) })
        if (call.step.startsWith('fix')) await call.append('part-1.txt', 'more\n')
        await call.finish()
      },
    })
    expect((await rig.run()).failures).toEqual([])
    // Twelve are more than one fixer should have: two share them.
    const fixers = rig.agent.calls.filter((call) => call.step === 'fix-p0p1')
    const asked = fixers.flatMap((call) => call.asked.findings)
    expect(asked.map(({ id }) => id).sort()).toEqual(
      ['T', 'C', 'F'].flatMap((kind) => titles.map((_, i) => `${kind}${i + 1}`)).sort(),
    )
    expect(rig.result('1')?.fixesApplied).toHaveLength(12)
  })

  test('4: the report of a fixer is gated like every other', async () => {
    const dispositions = (...given: object[]) => ({ summary: 'Did it.', dispositions: given })
    const said = (id: string, disposition: string, note = 'done') => ({ finding: id, disposition, note })
    const odd: Record<string, (call: FakeCall) => Promise<void>> = {
      'ended without an artifact': (call) => call.finish({ artifact: false }),
      'The fixer says nothing about C2': (call) =>
        call.finish({ artifact: dispositions(said('C1', 'refuted')) }),
      'C1 fixed, but this pass did not change part-1.txt': (call) =>
        call.finish({ artifact: dispositions(said('C1', 'fixed'), said('C2', 'refuted')) }),
      'calls C1 refuted without a word why': (call) =>
        call.finish({ artifact: dispositions(said('C1', 'refuted', ''), said('C2', 'refuted')) }),
      'speaks of C9': (call) =>
        call.finish({
          artifact: dispositions(said('C1', 'refuted'), said('C2', 'refuted'), said('C9', 'fixed')),
        }),
    }
    let how: (call: FakeCall) => Promise<void> = (call) => call.finish()
    const rig = await runRig({
      plan: ONE,
      answer: async (call) => {
        if (call.step === 'implement') await call.write({ 'part-1.txt': 'one\n' })
        if (call.step === 'review-code')
          return await call.finish({
            artifact: review(finding('P1', 'part-1.txt'), finding('P1', 'part-1.txt')),
          })
        if (call.step === 'fix-p0p1') return await how(call)
        await call.finish()
      },
    })
    let begun = false
    for (const [what, act] of Object.entries(odd)) {
      how = act
      const ended = begun ? await rig.resume() : await rig.run()
      begun = true
      expect({ what, exit: ended.exit }).toEqual({ what, exit: 3 })
      expect(ended.failures[0]?.message).toContain(what)
    }
    how = async (call) => {
      await call.append('part-1.txt', 'two\n')
      await call.finish()
    }
    expect((await rig.resume()).failures).toEqual([])
    await rig.verify()
  })

  test('5: no build and no test command is said loudly at the gate, while it runs, and in the result', async () => {
    const rig = await runRig({ plan: ONE })
    await rig.run()
    const shown = rig.events.find((event) => event.type === 'execution-plan')?.text
    expect(shown).toContain('NO BUILD COMMAND FOUND: nothing will be built. Give one with --build-cmd.')
    expect(shown).toContain('NO TEST COMMAND FOUND: nothing will be tested. Give one with --test-cmd.')
    expect(checks(rig)).toEqual(['build no-command', 'test no-command'])
    expect(rig.result('1')).toMatchObject({
      build: { status: 'no-command' },
      tests: { status: 'no-command' },
    })
    expect(rig.repo.git('log', '-1', '--format=%b', 'main')).toContain(
      'Build: no-command. Tests: no-command.',
    )
  })

  test('5: what is built and tested is what we ran, after every fix again, whatever an agent says', async () => {
    const rig = await runRig({
      plan: {
        ...ONE,
        'workflow.md': workflow({
          build: '! grep -q BROKEN part-1.txt',
          test: 'printf "# tests 3\\n# pass 3\\n# fail 0\\n# skipped 0\\n"; ! grep -q WRONG part-1.txt',
        }),
      },
      answer: async (call) => {
        const boast = { artifact: { ...call.goodArtifact(), summary: 'Build passed, all 99 tests pass.' } }
        if (call.step === 'implement') await call.write({ 'part-1.txt': 'one\n' })
        if (call.step === 'review-perf')
          return await call.finish({ artifact: review(finding('P2', 'part-1.txt')) })
        // The fix of a finding breaks the build, the fix of the build breaks the tests.
        if (call.step === 'fix-p2') await call.write({ 'part-1.txt': 'BROKEN\n' })
        if (call.step === 'fix-build') await call.write({ 'part-1.txt': 'WRONG\n' })
        if (call.step === 'fix-test') await call.write({ 'part-1.txt': 'right\n' })
        await call.finish(boast)
      },
    })
    expect((await rig.run()).failures).toEqual([])
    expect(checks(rig)).toEqual([
      'build green',
      'test green',
      'build red',
      'build green',
      'test red',
      'build green',
      'test green',
    ])
    expect(rig.result('1')).toMatchObject({
      build: { status: 'pass' },
      tests: { status: 'pass', counts: { passed: 3, failed: 0, skipped: 0 } },
    })
    await rig.verify()
  })

  test('6: finished specs of the manifest are not run again, and Depends On is honoured', async () => {
    const plan = specPlan([
      { name: 'alpha', phase: 1, sprint: 1 },
      { name: 'beta', phase: 2, sprint: 1, dependsOn: ['alpha'] },
      { name: 'gamma', phase: 2, sprint: 1 },
      { name: 'delta', phase: 3, sprint: 1, dependsOn: ['alpha'] },
      { name: 'epsilon', phase: 4, sprint: 1, dependsOn: ['beta', 'delta'] },
    ])
    // "completed" also stands where only Depends On is meant.
    const manifest = (plan['manifest.md'] ?? '')
      .replace('| alpha | draft |', '| alpha | completed |')
      .replace('| gamma | draft |', '| gamma | done |')
    const rig = await runRig({ plan: { ...plan, 'manifest.md': manifest } })
    expect((await rig.run()).failures).toEqual([])
    const implemented = rig.calls().filter((call) => call.startsWith('implement'))
    expect([...implemented].sort()).toEqual(['implement beta', 'implement delta', 'implement epsilon'])
    expect(implemented.at(-1)).toBe('implement epsilon')
    const order = rig.events.flatMap((event) =>
      event.type === 'phase-started' || event.type === 'phase-merged' ? [`${event.type} ${event.phase}`] : [],
    )
    expect(order.slice(0, 2).sort()).toEqual(['phase-started 2', 'phase-started 3'])
    expect(order.slice(-2)).toEqual(['phase-started 4', 'phase-merged 4'])

    // Recorded as done, each once: a second run finds nothing to do.
    const table = rig.repo.git('show', 'main:plan/manifest.md')
    for (const spec of ['alpha', 'beta', 'delta', 'epsilon'])
      expect(table).toMatch(new RegExp(`\\| ${spec} \\| completed \\|`))
    const again = await rig.run()
    expect(again.exit).toBe(2)
    expect(again.failures[0]).toMatchObject({ reason: 'nothing-to-do' })
    const log = rig.repo.git('show', 'main:.claude/progress-log.md')
    for (const id of ['2', '3', '4']) expect(log.match(new RegExp(`[Pp]hase ${id}\\b`, 'g'))).toHaveLength(1)
    await rig.verify()
  })

  test('7: task_plan.md with ids like 1.5 and 3a, and specs with blanks in their names, run on valid branches', async () => {
    const tasks = await runRig({
      plan: {
        'task_plan.md': taskPlan([{ id: '0' }, { id: '1.5', after: ['0'] }, { id: '3a', after: ['1.5'] }]),
      },
    })
    const ended = await tasks.run()
    expect(ended.failures).toEqual([])
    expect(ended.view?.phases.map(({ id, state }) => [id, state])).toEqual([
      ['0', 'merged'],
      ['1.5', 'merged'],
      ['3a', 'merged'],
    ])
    const specs = await runRig({
      plan: specPlan([
        { name: 'user login: step~1', phase: 1, sprint: 1 },
        { name: 'été..lock', phase: 2, sprint: 1, dependsOn: ['user login: step~1'] },
      ]),
    })
    expect((await specs.run()).failures).toEqual([])
    for (const rig of [tasks, specs]) {
      const branches = rig.repo
        .git('branch', '--list', 'orchestrate/*', '--format=%(refname:short)')
        .split('\n')
      expect(branches.length).toBeGreaterThan(2)
      for (const branch of branches) rig.repo.git('check-ref-format', '--branch', branch)
      await rig.verify()
    }
  })

  test('8: specs that share a file never run at the same time, and the later one sees the earlier', async () => {
    const running = new Set<string>()
    let most = 0
    const rig = await runRig({
      plan: specPlan([
        { name: 'alpha', phase: 1, sprint: 1, files: ['src/shared.txt', 'src/alpha.txt'] },
        { name: 'beta', phase: 1, sprint: 1, files: ['src/shared.txt'] },
        { name: 'gamma', phase: 1, sprint: 1, files: ['src/gamma.txt'] },
      ]),
      answer: async (call) => {
        const shares = call.unit === 'alpha' || call.unit === 'beta'
        if (call.step === 'implement') {
          if (shares) running.add(call.unit)
          most = Math.max(most, running.size)
          mkdirSync(join(call.cwd, 'src'), { recursive: true })
          await call.append(shares ? 'src/shared.txt' : 'src/gamma.txt', `${call.unit}\n`)
          running.delete(call.unit)
        }
        await call.finish()
      },
    })
    expect((await rig.run()).failures).toEqual([])
    expect(most).toBe(1)
    expect(rig.repo.git('show', 'main:src/shared.txt')).toBe('alpha\nbeta')
    await rig.verify()
  })

  test('8: a reviewer that edits source is noticed: its edits are set aside and the phase stops', async () => {
    let naughty = true
    const rig = await runRig({
      plan: ONE,
      answer: async (call) => {
        if (call.step === 'implement') await call.write({ 'part-1.txt': 'one\n' })
        if (call.step === 'review-perf' && naughty)
          await call.write({ 'part-1.txt': 'rewritten\n', 'new.txt': 'x\n' })
        await call.finish()
      },
    })
    const ended = await rig.run()
    expect(ended.exit).toBe(3)
    const [saved] = rig.repo
      .git('for-each-ref', '--format=%(objectname:short=10)', 'refs/orchestrate/*/saved/*')
      .split('\n')
    expect(ended.failures[0]?.message).toContain(
      'A reviewer changed new.txt, part-1.txt, but a review only reads.',
    )
    expect(ended.failures[0]?.hint).toContain(
      `The change was set aside as commit ${saved}. \`orchestrate resume\` has the tree reviewed as it was.`,
    )
    expect(rig.repo.git('show', `${saved}:part-1.txt`)).toBe('rewritten')
    naughty = false
    expect((await rig.resume()).failures).toEqual([])
    expect(rig.repo.git('show', 'main:part-1.txt')).toBe('one')
    expect(rig.repo.git('ls-tree', '--name-only', 'main')).not.toContain('new.txt')
    await rig.verify()
  })

  test('9: after a kill -9 no orphan writes on, and going on does nothing twice', async () => {
    const agent = await FakeAgentRig.create()
    afterThisTest(() => agent.close())
    const repo = tempRepo()
    const plan = { 'task_plan.md': taskPlan([{ id: '1' }, { id: '2', after: ['1'] }]) }
    repo.commit(
      Object.fromEntries(Object.entries(plan).map(([path, text]) => [`plan/${path}`, text])),
      'Plan',
    )
    const first = orchestrate(repo.path, [
      ...['run', 'plan', '--yes', '--json', '--sandbox', 'off'],
      ...['--agent', 'command', '--agent-command', agent.command],
    ])
    // One phase is merged; in the second an agent has written half its work when we are killed.
    for (const step of ['implement', 'review-test', 'review-code', 'review-perf'])
      await answerWell(await agent.next({ phase: '1', step }))
    const orphan = await agent.next({ phase: '2', step: 'implement' })
    await orphan.write({ 'half.txt': 'half\n' })
    process.kill(parentOf(orphan.pid), 'SIGKILL')
    expect((await first).code).toBeNull()
    await orphan.write({ 'half.txt': 'still here\n' })

    agent.auto(answerWell)
    const resumed = await orchestrate(repo.path, ['resume', '--json'])
    expect({ code: resumed.code, stderr: resumed.stderr }).toEqual({ code: 0, stderr: '' })
    await orphan.gone
    expect(resumed.stdout).toContain('that an earlier start of this run left behind.')
    expect(repo.git('ls-tree', '-r', '--name-only', 'main').split('\n')).not.toContain('half.txt')
    const calls = agent.calls.map((call) => `${call.phase} ${call.step}`)
    expect(calls.filter((call) => call.startsWith('1 '))).toHaveLength(4)
    expect(calls.filter((call) => call === '2 implement')).toHaveLength(2)
    const subjects = repo.git('log', '--topo-order', '--format=%s', '--no-merges', 'main').split('\n')
    expect(subjects.filter((subject) => subject.startsWith('orchestrate('))).toHaveLength(2)
    const { run } = JSON.parse((await orchestrate(repo.path, ['status', '--json'])).stdout) as { run: string }
    expect((await orchestrate(repo.path, ['verify', run])).code).toBe(0)
  })

  test('10: a dirty checkout is found before any agent is called', async () => {
    const rig = await runRig({ plan: ONE })
    rig.repo.write('README.md', 'changed\n')
    const ended = await rig.run()
    expect(ended.exit).toBe(2)
    expect(ended.failures).toEqual([
      {
        reason: 'dirty-checkout',
        message: 'The checkout has changes that are not committed: README.md.',
        hint: 'A run starts from the last commit and would not see them. Commit or stash them.',
      },
    ])
    expect(rig.calls()).toEqual([])
    expect(rig.repo.git('for-each-ref', '--format=%(refname)')).toBe('refs/heads/main')
  })

  test("10: a conflict never touches the user's checkout", async () => {
    const rig = await runRig({
      plan: { 'task_plan.md': taskPlan([{ id: '1' }, { id: '2' }]) },
      config: { parallel: true },
      answer: async (call) => {
        if (call.step === 'implement') await call.write({ 'same.txt': `from phase ${call.phase}\n` })
        await call.finish()
      },
    })
    // Somebody works there meanwhile.
    const head = rig.repo.git('rev-parse', 'HEAD')
    const ended = await rig.run()
    expect(ended.exit).toBe(3)
    expect(ended.failures[0]?.message).toMatch(
      /^Phase [12] needs input\. Phase [12] conflicts with what was merged meanwhile, in same\.txt\.$/,
    )
    expect(rig.repo.git('rev-parse', 'HEAD')).toBe(head)
    expect(rig.repo.git('status', '--porcelain')).toBe('')
    for (const left of ['MERGE_HEAD', 'CHERRY_PICK_HEAD', 'AUTO_MERGE', 'index.lock'])
      expect(existsSync(join(rig.repo.path, '.git', left))).toBe(false)
    await rig.verify()
  })

  test('11: a prompt of a megabyte reaches the agent whole', async () => {
    const rig = await FakeAgentRig.create()
    afterThisTest(() => rig.close())
    const dir = tempDir()
    const agent = createCommandAgent(rig.command, { env: testEnv(), tmpDir: dir, cwd: dir })
    const user = Array.from({ length: 20_000 }, (_, i) => `Row ${i}: ${'é'.repeat(25)} ${i}.`).join('\n')
    const limits = { wallMs: 30_000, extraMs: 0, idleMs: 30_000 }
    const ended = agent.run(
      {
        ...{ run: 'run', phase: '1', attempt: 1, step: 'implement', unit: '1.1', cwd: dir, limits },
        ...{ prompt: { system: 'Do it.', user }, access: 'edit', schema: {}, nonce: 'n' },
      },
      new AbortController().signal,
      () => {},
    )
    const call = await rig.next()
    expect(Buffer.byteLength(call.prompt)).toBeGreaterThan(1_000_000)
    expect(call.prompt === `Do it.\n\n${user}`).toBe(true)
    await call.finish()
    expect(await ended).toMatchObject({ kind: 'completed' })
  })

  test('11: a spec of a megabyte is no reason to fail: what a prompt takes of it is bounded, and it says so', async () => {
    const lines = Array.from({ length: 7_000 }, (_, i) => `Row ${i}: ${'x'.repeat(55)} ${i}.`)
    const plan = specPlan([{ name: 'alpha', phase: 1, sprint: 1 }])
    const path = 'specs/alpha-spec.md'
    const rig = await runRig({
      plan: { ...plan, [path]: `${plan[path] ?? ''}\n## Technical Approach\n${lines.join('\n')}\n` },
    })
    expect((await rig.run()).failures).toEqual([])
    const prompt = rig.agent.calls.find((call) => call.step === 'implement')?.prompt ?? ''
    expect(prompt).toContain(lines[0])
    expect(Buffer.byteLength(prompt)).toBeLessThan(128 * 1024)
    expect(prompt).toMatch(/Cut: these are the first \d+ of \d+ bytes\./)
  })

  test('11: a timeout ends the whole process tree, also what left its process group', async () => {
    const dir = tempDir('tree-')
    const sleeper = (name: string) => `sh -c 'echo $$ >"${dir}/${name}"; exec sleep 300'`
    const command = `(setsid ${sleeper('left')} &) ; ${sleeper('child')} & ${sleeper('other')} & wait`
    const rig = await runRig({
      plan: ONE,
      config: {
        agentCommand: command,
        limits: { wallMs: 1_500, extraMs: 0, idleMs: 60_000, checkMs: 60_000 },
      },
    })
    const ended = await rig.run()
    expect(ended.exit).toBe(3)
    expect(ended.failures[0]?.message).toContain('The agent of implement failed')
    expect(ended.failures[0]?.hint).toContain('The step took longer than its limit')
    for (const name of ['left', 'child', 'other']) {
      const pid = Number(readFileSync(join(dir, name), 'utf8'))
      expect(pid).toBeGreaterThan(1)
      expect({ name, alive: isAlive(pid) }).toEqual({ name, alive: false })
    }
  })

  test('12: an agent and a build see an allow-list of the environment, no token', async () => {
    const agent = await FakeAgentRig.create()
    afterThisTest(() => agent.close())
    agent.auto(answerWell)
    const repo = tempRepo()
    const seen = join(tempDir(), 'build-env')
    const plan = { ...ONE, 'workflow.md': workflow({ build: `env >'${seen}'` }) }
    repo.commit(
      Object.fromEntries(Object.entries(plan).map(([path, text]) => [`plan/${path}`, text])),
      'Plan',
    )
    const secrets = {
      GITHUB_TOKEN: 'ghp_secret1',
      ANTHROPIC_API_KEY: 'sk-secret2',
      AWS_SECRET_ACCESS_KEY: 'secret3',
      NPM_TOKEN: 'secret4',
      HTTPS_PROXY: 'http://user:secret5@proxy.example',
      NODE_OPTIONS: '--no-warnings',
      GIT_DIR: '/secret6',
      MY_OWN: 'secret7',
    }
    const ran = await orchestrate(
      repo.path,
      [
        ...['run', 'plan', '--yes', '--json', '--sandbox', 'off'],
        ...['--agent', 'command', '--agent-command', agent.command],
      ],
      { env: { ...secrets, GIT_DIR: join(repo.path, '.git'), LANG: 'C.UTF-8' } },
    )
    expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: '' })
    const [call] = agent.calls
    const own = Object.keys(call?.env ?? {}).filter((name) => !name.startsWith('ORCHESTRATE_'))
    for (const names of [
      own,
      readFileSync(seen, 'utf8')
        .split('\n')
        .map((line) => line.split('=')[0] ?? ''),
    ]) {
      expect(names).toEqual(expect.arrayContaining(['PATH', 'HOME', 'LANG']))
      for (const secret of Object.keys(secrets)) expect(names).not.toContain(secret)
    }
    expect(`${JSON.stringify(call?.env)}${readFileSync(seen, 'utf8')}`).not.toMatch(/secret\d/)
  })

  test('12: what a reviewer writes is noticed, also where it takes it back to another text or stages it', async () => {
    const acts: ((call: FakeCall) => Promise<void>)[] = [
      (call) => call.write({ 'part-1.txt': 'one\n\n' }),
      (call) => call.write({ 'part-1.txt': null }),
      (call) => call.write({ 'deep/er/file.txt': '' }),
    ]
    let act = 0
    const rig = await runRig({
      plan: ONE,
      answer: async (call) => {
        if (call.step === 'implement') await call.write({ 'part-1.txt': 'one\n' })
        if (call.step === 'review-test') await acts[act]?.(call)
        await call.finish()
      },
    })
    expect((await rig.run()).failures[0]?.message).toContain('but a review only reads')
    for (act = 1; act < acts.length; act++)
      expect((await rig.resume()).failures[0]?.message).toContain('but a review only reads')
    expect((await rig.resume()).exit).toBe(0)
    expect(rig.repo.git('show', 'main:part-1.txt')).toBe('one')
  })

  test('13: the budget holds over calls that run side by side, and a larger one goes on', async () => {
    const rig = await runRig({
      plan: ONE,
      config: { maxCostUsd: 1 },
      answer: async (call) => {
        const artifact =
          call.step === 'review-code' ? review(finding('P1', 'part-1.txt')) : call.goodArtifact()
        if (call.step === 'implement') await call.write({ 'part-1.txt': 'one\n' })
        if (call.step.startsWith('fix')) await call.append('part-1.txt', 'two\n')
        await call.finish({ artifact: { ...artifact, usage: { costUsd: 0.3 } } })
      },
    })
    const ended = await rig.run()
    expect(ended.exit).toBe(3)
    // One call and three reviews beside each other cost 1.2: nothing is called after them.
    expect(rig.calls()).toHaveLength(4)
    expect(ended.failures[0]?.message).toBe('Phase 1 needs input. The budget of the run is spent before fix.')
    expect(ended.view?.usage.costUsd).toBeCloseTo(1.2)
    expect((await rig.resume({ maxCostUsd: 5 })).failures).toEqual([])
    expect(rig.calls().slice(4)).toEqual(['fix-p0p1', 'verify'])
  })

  test('13: a call that ran into its timeout costs what it told before', async () => {
    // A shell, since it has told long before any machine's second and a half is over.
    const artifact = '{"nonce":"%s","summary":"So far.","usage":{"costUsd":0.7,"outputTokens":1234}}'
    const rig = await runRig({
      plan: ONE,
      config: {
        agentCommand: `printf '${artifact}' "$ORCHESTRATE_NONCE" >"$ORCHESTRATE_ARTIFACT"; exec sleep 300`,
        limits: { wallMs: 1_500, extraMs: 0, idleMs: 60_000, checkMs: 60_000 },
      },
    })
    const ended = await rig.run()
    expect(ended.exit).toBe(3)
    expect(ended.view?.usage).toMatchObject({ costUsd: 0.7, outputTokens: 1234 })
    expect((rig.result('1') as PhaseResult).usage.costUsd).toBe(0.7)
  })
})

function refuseForbidden(repo: TempRepo): void {
  repo.write(
    '.git/hooks/pre-commit',
    `#!/bin/sh
found=$(git diff --cached --name-only | while read -r file; do grep -l FORBIDDEN "$file" 2>/dev/null; done)
[ -z "$found" ] || { echo "nothing FORBIDDEN may be committed: $found" >&2; exit 1; }
`,
    true,
  )
}

/** Subjects of the commits on the phases' branches that are not on main. */
function commitsOf(rig: RunRig): string[] {
  const out = rig.repo.git('log', '--format=%s', '--branches=orchestrate/*', '--not', 'main')
  return out === '' ? [] : out.split('\n')
}

const checks = (rig: RunRig): string[] =>
  rig.events.flatMap((event) => (event.type === 'check-finished' ? [`${event.check} ${event.outcome}`] : []))

function worktree(rig: RunRig, phase: string): string {
  const started = rig.events.flatMap((event) =>
    event.type === 'phase-started' && event.phase === phase ? [event.path] : [],
  )
  return started.at(-1) ?? ''
}

function writeIn(dir: string, path: string, text: string): void {
  const file = join(dir, path)
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, text)
}

function parentOf(pid: number): number {
  let at = pid
  // The agent's shell stands between.
  for (;;) {
    const stat = readFileSync(`/proc/${at}/stat`, 'latin1')
    at = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    if (readFileSync(`/proc/${at}/cmdline`, 'latin1').includes('orchestrate.js')) return at
  }
}

function isAlive(pid: number): boolean {
  try {
    return !/^\S+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}
