/** A real ledger in the bare repository of a pull request, written as jobs write it. */
import { openRepository } from '../../src/adapters/git/repository.ts'
import { type Sha, phaseId, sha } from '../../src/core/model/ids.ts'
import type { PhaseResult } from '../../src/core/model/phase-result.ts'
import { ingest } from '../../src/core/ingest/ingest.ts'
import { plannedPhases } from '../../src/core/gate/planned.ts'
import { PhaseBook } from '../../src/core/execute/phase-book.ts'
import { RunBook } from '../../src/core/run/book.ts'
import { snapshotPlanSource } from '../../src/adapters/github/snapshot-plan.ts'
import { testEnv } from '../support/git.ts'
import { PLAN, type Repo, setClock } from './support.ts'

export interface Ledger {
  run: string
  claim(phase: string, holder?: string): Promise<void>
  /** A merge commit of its own, on the plan branch; gives it. */
  merge(phase: string): Promise<Sha>
  stop(phase: string, message: string): Promise<void>
  /** Steps of a phase that passed, as its job records and publishes them. */
  steps(phase: string, ...names: ('implement' | 'review-code')[]): Promise<void>
  abort(): Promise<void>
  checked(build: 'green' | 'red'): Promise<void>
  /** Everybody's clock goes on by so much. */
  later(ms: number): void
}

export async function openLedger(repo: Repo, pull: number, land: 'end' | 'each' | 'none'): Promise<Ledger> {
  const head = sha(await repo.head(pull))
  const base = sha(await repo.git('rev-parse', 'main'))
  const run = `pr${pull}-plan-${head.slice(0, 7)}`
  let ahead = 0
  const clock = { now: () => Date.now() + ahead }
  setClock(clock.now)
  const opened = await openRepository({ cwd: repo.gitDir, env: testEnv(), clock })
  if (!opened.ok) throw new Error(opened.error.map(({ message }) => message).join('\n'))
  const { ledger } = opened.value
  const files = new Map(
    Object.entries(PLAN).map(([path, text]) => [path, { text, invalidUtf8: false, bytes: text.length }]),
  )
  const { plan } = await ingest(snapshotPlanSource({ files, skipped: [] }, 'plan'))
  if (plan === undefined) throw new Error('no plan')
  const scope = plan.phases.map(({ id }) => id)
  const random = { hex: (bytes: number) => 'ab'.repeat(bytes) }
  const book = new RunBook(run, { ledger, clock, random })
  const must = <T extends { ok: boolean }>(result: T): T => {
    if (!result.ok) throw new Error(JSON.stringify(result))
    return result
  }
  must(
    await book.create({
      ...{
        type: 'run-created',
        run,
        planDir: 'plan',
        index: plan.index,
        title: plan.title,
        branch: 'the-plan',
      },
      ...{ base: head, digest: plan.digest, phases: plannedPhases(plan, scope, { run, parallel: false }) },
      policy: { maxParallelPhases: 3, maxPhaseRetries: 2, betweenPhases: 'auto', onFailure: 'ask', land },
      config: {},
      pull,
    }),
  )
  must(
    await book.tell({
      ...{ type: 'approve', by: 'alice', head, digest: plan.digest, scope, source: 'comment:1' },
      base: { ref: 'main', sha: base },
      limits: '/approve',
    }),
  )
  const planBranch = `refs/heads/orchestrate/${run}/plan`
  await repo.git('update-ref', planBranch, head)
  const holderOf = (phase: string): string => {
    const state = book.state.phases.get(phaseId(phase))
    return state?.state === 'running' ? state.holder : ''
  }
  return {
    run,
    async claim(phase, holder = 'actions:1:1:phase') {
      // Jobs may have written since.
      must(await book.open())
      must(await book.tell({ type: 'claim', phase: phaseId(phase), holder }))
    },
    async merge(phase) {
      const from = book.state.planTip
      const who = ['-c', 'user.name=o', '-c', 'user.email=o@example.org']
      const tree = await repo.git('rev-parse', `${from}^{tree}`)
      const merge = sha(await repo.git(...who, 'commit-tree', tree, '-p', from, '-m', `Merge phase ${phase}`))
      const at = { phase: phaseId(phase), attempt: 1, holder: holderOf(phase) }
      must(
        await book.tell({
          type: 'merge',
          ...at,
          from,
          merge,
          head: merge,
          result: resultOf(phase),
          usage: {},
        }),
      )
      await repo.git('update-ref', planBranch, merge)
      return merge
    },
    async stop(phase, message) {
      const problem = { reason: 'build-red', message, hint: 'Mend it.' }
      const attempt = book.state.phases.get(phaseId(phase))?.attempt ?? 1
      const at = { phase: phaseId(phase), attempt, holder: holderOf(phase) }
      must(await book.tell({ type: 'stop', ...at, problem, result: resultOf(phase), usage: {} }))
    },
    async steps(phase, ...names) {
      const now = book.state.phases.get(phaseId(phase))
      if (now?.state !== 'running') throw new Error(`phase ${phase} does not run`)
      const at = { run, phase: phaseId(phase), attempt: now.attempt }
      const opened = await PhaseBook.open(at, { ledger, clock })
      if (!opened.ok) throw new Error(JSON.stringify(opened.error))
      const chain = opened.value
      const branch = now.planned.branch
      if (!chain.begun)
        await chain.append({
          ...{ type: 'attempt-started', ...at, mode: 'fresh', branch, base: head, head, maxParallel: 1 },
          ...{ units: [UNIT], criteria: [], findings: [], byHand: [] },
        })
      for (const step of names) {
        await chain.append({ type: 'step-started', step, unit: '', try: 1 })
        await chain.append({
          ...{ type: 'step-passed', step, unit: '', try: 1, agent: 'scripted', model: 'opus' },
          ...{ promptHash: '', access: 'edit', inputTree: head, outputTree: head, left: head },
          ...{ usage: { costUsd: 0.25 }, durationMs: 61_000, commits: [], summary: '' },
          ...{ decisions: [], questions: [], findings: [], criteria: [], reopened: [], dispositions: [] },
          notes: [],
        })
      }
    },
    async abort() {
      must(await book.tell({ type: 'decide', decision: 'abort', by: 'alice' }))
    },
    async checked(build) {
      must(await book.tell({ type: 'check', sha: book.state.planTip, build, test: 'green' }))
    },
    later(ms) {
      ahead += ms
    },
  }
}

const UNIT = { id: 'u', title: 'All of it', kind: 'phase' as const, files: [], after: [] }

const resultOf = (phase: string): PhaseResult => ({
  ...{ status: 'completed', phase, title: `Part ${phase}`, attempt: 1, commits: [] },
  ...{ build: { status: 'pass' }, tests: { status: 'pass' }, verdict: 'clean' },
  reviews: { test: undefined, code: undefined, perf: undefined },
  criteria: { met: [], unmet: [], notJudged: [] },
  ...{ fixesApplied: [], deferred: [], docs: 'no-map', conflictFiles: [], durationMs: 1 },
  ...{ handoffUpdated: true, logUpdated: true, decisions: [], questions: [], notes: [], usage: {} },
})
