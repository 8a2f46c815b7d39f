import { describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { verifyRun } from '../../src/core/pipeline.ts'
import type { Failure } from '../../src/core/model/failure.ts'
import { exitCode } from '../../src/core/model/failure.ts'
import { answerWell } from '../support/fake-agent.ts'
import { runGit, testEnv } from '../support/git.ts'
import { taskPlan, workflow } from '../support/plans.ts'
import { runRig, type RunRig } from '../support/run-rig.ts'

const CHAIN = {
  'task_plan.md': taskPlan([{ id: '1' }, { id: '2', after: ['1'] }]),
  'workflow.md': workflow(),
}
const finding = (severity: string) => ({
  severity,
  file: '1.1.txt',
  line: 1,
  title: 'Something is wrong',
  detail: 'It does not do what it says.',
})

/** Two phases that were merged, the first after a P0 that was fixed and verified. */
async function finished(): Promise<RunRig> {
  const rig = await runRig({
    plan: CHAIN,
    config: { land: 'none' },
    answer: async (call) => {
      if (call.phase === '1' && call.step === 'review-code')
        return await call.finish({ artifact: { summary: 'Bad.', findings: [finding('P0')] } })
      if (call.step === 'fix-p0p1') await call.append('1.1.txt', 'fixed\n')
      if (call.step === 'fix-p0p1') return await call.finish()
      await answerWell(call)
    },
  })
  expect((await rig.run()).failures).toEqual([])
  expect(await rig.verify()).toMatchObject({ phases: 2 })
  return rig
}

/** One entry of a chain, as somebody who writes refs by hand could make it. */
interface Entry {
  subject: string
  // What a forger may write is anything.
  event: Record<string, unknown>
  /** Edits of the entry's files: undefined removes one. */
  files?: Record<string, string | undefined>
  /** The whole message instead. */
  message?: string
}

/** Writes a chain anew after `edit`; every entry keeps its files but for what the edit says. */
function forge(rig: RunRig, ref: string, edit: (entries: Entry[]) => Entry[]): void {
  const { git, path } = rig.repo
  const commits = git('rev-list', '--first-parent', '--reverse', ref).split('\n')
  const trees = new Map<Entry, string>()
  const entries = commits.map((commit): Entry => {
    const message = git('log', '-1', '--format=%B', commit).trim().split('\n')
    const entry = {
      subject: message[0] ?? '',
      event: JSON.parse(message.at(-1) ?? '') as Record<string, unknown>,
    }
    trees.set(entry, git('rev-parse', `${commit}^{tree}`))
    return entry
  })
  let parent: string | undefined
  let tree = ''
  for (const entry of edit(entries)) {
    tree = withFiles(path, trees.get(entry) ?? tree, entry.files ?? {})
    const message = entry.message ?? `${entry.subject}\n\n${JSON.stringify(entry.event)}`
    parent = git('commit-tree', tree, ...(parent === undefined ? [] : ['-p', parent]), '-m', message)
  }
  git('update-ref', ref, parent ?? '')
}

function withFiles(path: string, tree: string, files: Record<string, string | undefined>): string {
  const at = (...args: string[]) => runGit(path, '-c', 'core.quotePath=false', ...args)
  let now = tree
  for (const [file, text] of Object.entries(files)) {
    const [folder = '', name = ''] = file.split('/')
    const entries = at('ls-tree', `${now}:${folder}`)
      .split('\n')
      .filter((line) => !line.endsWith(`\t${name}`))
    if (text !== undefined) entries.push(`100644 blob ${hashed(path, text)}\t${name}`)
    const inner = madeTree(path, entries)
    const outer = at('ls-tree', now)
      .split('\n')
      .filter((line) => !line.endsWith(`\t${folder}`))
    now = madeTree(path, [...outer, `040000 tree ${inner}\t${folder}`])
  }
  return now
}

const madeTree = (path: string, entries: string[]): string =>
  piped(path, ['mktree'], `${entries.filter((line) => line !== '').join('\n')}\n`)
const hashed = (path: string, text: string): string => piped(path, ['hash-object', '-w', '--stdin'], text)

function piped(path: string, args: string[], input: string): string {
  return execFileSync('git', args, { cwd: path, input, encoding: 'utf8', env: { ...testEnv() } }).trim()
}

async function verified(rig: RunRig): Promise<Failure[]> {
  const result = await verifyRun(undefined, await rig.ports())
  return result.ok ? [] : result.error
}

/** What verify says, without the names of commits, which differ each time. */
async function gapOf(rig: RunRig): Promise<string> {
  const [first, ...more] = await verified(rig)
  expect(more).toEqual([])
  expect(first && exitCode([first])).toBe(1)
  return (first?.message ?? 'no gap').replace(/\b[0-9a-f]{10,40}\b/g, 'COMMIT')
}

const phaseChain = async (rig: RunRig, phase: string): Promise<string> =>
  `refs/orchestrate/${(await rig.view()).run}/phase/${phase}/1`
const runChain = async (rig: RunRig): Promise<string> => `refs/orchestrate/${(await rig.view()).run}/run`
const isStep = (entry: Entry, type: string, step: string): boolean =>
  entry.event['type'] === type && entry.event['step'] === step

describe('verify finds', () => {
  test('a step that was taken out of a chain', async () => {
    const rig = await finished()
    const ref = await phaseChain(rig, '1')
    const before = rig.repo.git('rev-parse', ref)
    for (const [step, said] of [
      ['review-perf', 'phase 1: fix-p0p1 started, but the protocol asks for review there.'],
      ['implement', "phase 1: build was run on a tree that is not the branch's."],
      ['verify', 'phase 1: it was merged, but the protocol asks for verify there.'],
    ]) {
      forge(rig, ref, (entries) =>
        entries.filter(
          (entry) => !isStep(entry, 'step-passed', step ?? '') && !isStep(entry, 'step-started', step ?? ''),
        ),
      )
      expect(await gapOf(rig)).toBe(`Ledger entry COMMIT: ${said}`)
      rig.repo.git('update-ref', ref, before)
    }
    // A result without a beginning, and a check that nobody ran.
    forge(rig, ref, (entries) => entries.filter((entry) => !isStep(entry, 'step-started', 'review-test')))
    expect(await gapOf(rig)).toBe('Ledger entry COMMIT: phase 1: review-test ended without having started.')
    rig.repo.git('update-ref', ref, before)
    forge(rig, ref, (entries) => {
      const last = entries.findLastIndex((entry) => entry.event['check'] === 'test')
      return entries.filter((_, i) => i !== last)
    })
    expect(await gapOf(rig)).toBe(
      'Ledger entry COMMIT: phase 1: verify started, but the protocol asks for check there.',
    )
  })

  test('an artifact that was changed, removed, or told otherwise than it stands', async () => {
    const rig = await finished()
    const ref = await phaseChain(rig, '1')
    const before = rig.repo.git('rev-parse', ref)
    const change = (over: (entry: Entry) => Entry) =>
      forge(rig, ref, (entries) => {
        const at = entries.findIndex((entry) => isStep(entry, 'step-passed', 'review-code'))
        const found = entries[at]
        // In place, since the rest of an entry hangs on the object.
        if (found) Object.assign(found, over(found))
        return entries
      })
    change((entry) => ({ ...entry, files: { 'artifacts/review-code.1.json': '{"findings":[]}' } }))
    expect(await gapOf(rig)).toBe(
      'Ledger entry COMMIT: phase 1: the artifact of review-code is not the one that was recorded.',
    )
    rig.repo.git('update-ref', ref, before)
    change((entry) => ({ ...entry, files: { 'artifacts/review-code.1.json': undefined } }))
    expect(await gapOf(rig)).toBe('Ledger entry COMMIT: phase 1: the artifact of review-code is missing.')
    rig.repo.git('update-ref', ref, before)
    change(({ subject, event }) => ({ subject, event: { ...event, artifactHash: undefined } }))
    expect(await gapOf(rig)).toBe(
      'Ledger entry COMMIT: phase 1: the artifact of review-code is not the one that was recorded.',
    )
    rig.repo.git('update-ref', ref, before)
    change(({ subject, event }) => ({ subject, event: { ...event, findings: [] } }))
    expect(await gapOf(rig)).toBe(
      'Ledger entry COMMIT: phase 1: the findings that are recorded for review-code are not those of its artifact.',
    )
  })

  test('a merge without a review, and one that brings more than its phase made', async () => {
    const rig = await finished()
    const ref = await phaseChain(rig, '2')
    const before = rig.repo.git('rev-parse', ref)
    forge(rig, ref, (entries) =>
      entries.filter((entry) => !String(entry.event['step'] ?? '').startsWith('review-')),
    )
    expect(await gapOf(rig)).toBe(
      'Ledger entry COMMIT: phase 2: it was merged, but the protocol asks for review there.',
    )
    // Nor does it help to leave the end out.
    forge(rig, ref, (entries) => entries.filter((entry) => entry.event['type'] !== 'attempt-merged'))
    expect(await gapOf(rig)).toBe(
      'Ledger entry COMMIT: phase 2 was merged, but its record says that review comes next.',
    )
    rig.repo.git('update-ref', ref, before)

    const { planTip } = await rig.view()
    const blob = hashed(rig.repo.path, 'not reviewed\n')
    const tree = madeTree(rig.repo.path, [
      ...rig.repo.git('ls-tree', planTip).split('\n'),
      `100644 blob ${blob}\tsmuggled.txt`,
    ])
    const forged = rig.repo.git(
      ...['commit-tree', tree, '-p', `${planTip}^1`, '-p', `${planTip}^2`, '-m', 'Merge phase 2'],
    )
    forge(rig, await runChain(rig), (entries) =>
      entries.map((entry) => {
        if (entry.event['merge'] === planTip) entry.event['merge'] = forged
        return entry
      }),
    )
    expect(await gapOf(rig)).toBe(
      'Ledger entry COMMIT: the merge of phase 2 changes smuggled.txt, which no step of it did.',
    )
  })

  test('a phase that was claimed before its dependency, or before the approval', async () => {
    const rig = await finished()
    const ref = await runChain(rig)
    const before = rig.repo.git('rev-parse', ref)
    const base = rig.repo.git('rev-parse', 'main')
    forge(rig, ref, (entries) => {
      const [claim] = entries.filter((e) => e.event['type'] === 'phase-claimed' && e.event['phase'] === '2')
      const rest = entries.filter((entry) => entry !== claim)
      if (claim) claim.event['base'] = base
      const first = rest.findIndex((entry) => entry.event['type'] === 'phase-claimed')
      return claim ? [...rest.slice(0, first + 1), claim, ...rest.slice(first + 1)] : rest
    })
    expect(await gapOf(rig)).toBe('Ledger entry COMMIT: phase 2 was claimed although it waits for phase 1.')
    rig.repo.git('update-ref', ref, before)
    forge(rig, ref, (entries) => entries.filter((entry) => entry.event['type'] !== 'run-approved'))
    expect(await gapOf(rig)).toBe('Ledger entry COMMIT: phase 1 was claimed before the run was approved.')
  })

  test('a garbled entry, and one of a newer schema', async () => {
    const rig = await finished()
    const { run } = await rig.view()
    const ref = await phaseChain(rig, '2')
    const before = rig.repo.git('rev-parse', ref)
    forge(rig, ref, (entries) =>
      entries.map((entry, i) => (i === 2 ? Object.assign(entry, { message: 'half an ent' }) : entry)),
    )
    expect(await gapOf(rig)).toBe(
      `Commit COMMIT of ${ref} is no entry of a ledger: its message does not end in one line of JSON.`,
    )
    rig.repo.git('update-ref', ref, before)
    forge(rig, ref, (entries) => {
      const [, , third] = entries
      if (third) third.event['schema'] = 2
      return entries
    })
    expect(await gapOf(rig)).toBe('Ledger entry COMMIT has schema 2, and this version knows 1.')
    rig.repo.git('update-ref', ref, before)

    // The run's own chain: nobody may take it for no run at all.
    forge(rig, `refs/orchestrate/${run}/run`, (entries) => {
      const [first] = entries
      if (first) first.event['schema'] = 2
      return entries
    })
    expect(await gapOf(rig)).toBe('Ledger entry COMMIT has schema 2, and this version knows 1.')
    expect((await rig.resume()).failures[0]).toMatchObject({ reason: 'ledger-newer' })
  })
})

test('a run of another major version is read and never written', async () => {
  const rig = await runRig({ plan: CHAIN, answer: (call) => call.exit(1) })
  expect((await rig.run()).exit).toBe(3)
  const { run } = await rig.view()
  forge(rig, `refs/orchestrate/${run}/run`, (entries) =>
    entries.map((entry) => {
      entry.event['engine'] = '7.2.0'
      return entry
    }),
  )
  const refs = () => rig.repo.git('for-each-ref', '--format=%(refname) %(objectname)')
  const before = refs()
  const calls = rig.agent.calls.length
  expect((await rig.view()).phases.map(({ state }) => state)).toEqual(['needs-input', 'pending'])
  expect(await verified(rig)).toEqual([])
  const wanted = {
    exit: 1,
    failures: [
      {
        reason: 'ledger-newer',
        message: `Run ${run} was begun by Orchestrate 7.2.0, and this is 0.1.0: it can be read, and nothing is written.`,
        hint: 'Go on with a version 7 of Orchestrate, or start a new run.',
      },
    ],
  }
  expect(await rig.resume()).toMatchObject(wanted)
  expect(await rig.decide({ kind: 'retry', phase: '1' })).toMatchObject(wanted)
  expect(await rig.decide({ kind: 'abort' })).toMatchObject(wanted)
  expect(await rig.run({ resume: true })).toMatchObject(wanted)
  expect(await rig.phase('1')).toMatchObject({ exit: 2, failures: [{ reason: 'unfinished-run' }] })
  expect(refs()).toBe(before)
  expect(rig.agent.calls).toHaveLength(calls)
})
