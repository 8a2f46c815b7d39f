import { describe, expect, test } from '@jest/globals'
import fc, { type GeneratorValue } from 'fast-check'
import { next, type Action } from '../../../src/core/execute/next.ts'
import { checkedCommit, type PhaseProgress, severe } from '../../../src/core/execute/phase-progress.ts'
import { evolvePhase } from '../../../src/core/execute/phase-state.ts'
import { ENGINE, SCHEMA, type PhaseEvent, type Unstamped } from '../../../src/core/model/event.ts'
import { DISPOSITIONS, type Finding, SEVERITIES } from '../../../src/core/model/finding.ts'
import { phaseId, sha, type Sha } from '../../../src/core/model/ids.ts'
import { type AgentStep, READ_ONLY_STEPS, REVIEW_STEPS } from '../../../src/core/model/step.ts'

/**
 * A phase whose every outcome is drawn at random: the protocol (`next` and `evolvePhase`) is driven as run-phase.ts drives
 * it, and an account of its own says what has to hold when it merges.
 */
class World {
  readonly units: number
  progress: PhaseProgress
  planTip: Sha = sha('1'.repeat(40))
  calls = 0
  actions = 0
  syncs = 0
  readonly #pick: GeneratorValue
  readonly #command: { build: boolean; test: boolean }
  readonly #subprocess: boolean
  #shas = 16
  /** What the plan branch may still do to us, so that a run in which it moves for ever is not drawn. */
  #moves = 3
  readonly #trees = new Map<Sha, Sha>()
  /** Newest result of a check by tree, as it was drawn. */
  readonly #checked = new Map<string, string>()
  readonly #findings = new Map<
    string,
    { finding: Finding; settled: boolean; looked: boolean; fixers: number }
  >()
  #reviewsSinceUnit = new Set<string>()
  readonly #hasMap: boolean
  /** How often the map was looked at in this attempt, and the commit of a refresh with the one before it. */
  #docs = 0
  #refreshed: { commit: Sha; before: Sha } | undefined

  constructor(pick: GeneratorValue) {
    this.#pick = pick
    this.units = this.#int(1, 4)
    this.#command = { build: this.#odds(4), test: this.#odds(4) }
    this.#subprocess = this.#odds(5)
    this.#hasMap = this.#oneIn(2)
    const base = this.#commit()
    this.planTip = base
    this.progress = evolvePhase(
      undefined,
      stamp({ ...this.#attempt(1, 'fresh', base, base), findings: [], byHand: [] }),
    )
  }

  #attempt(attempt: number, mode: 'fresh' | 'continue', base: Sha, head: Sha) {
    const units = Array.from({ length: this.units }, (_, i) => ({
      id: `u${i}`,
      title: `Unit ${i}`,
      kind: 'spec' as const,
      files: [`file-${i}`],
      after: i > 0 && this.#odds(3) ? [`u${i - 1}`] : [],
    }))
    return {
      type: 'attempt-started' as const,
      run: 'run',
      phase: phaseId('1'),
      attempt,
      mode,
      branch: 'orchestrate/run/phase-1',
      base,
      head,
      units: attempt === 1 ? units : this.progress.units,
      criteria: ['AC-1'],
      maxParallel: 3,
    }
  }

  /** Until the attempt ends. `bound` is what it may take. */
  run(bound: { actions: number }): 'merged' | 'stopped' {
    for (;;) {
      this.actions++
      if (this.actions > bound.actions) throw new Error(`still going after ${bound.actions} actions`)
      if (this.#moves > 0 && this.#oneIn(12)) {
        this.#moves--
        this.planTip = this.#commit()
      }
      const action = next(this.progress, {
        headTree: this.treeOf(checkedCommit(this.progress)),
        hasMap: this.#hasMap,
        planTip: this.planTip,
        subprocess: this.#subprocess,
      })
      if (action.kind === 'stop') {
        this.#tell({ type: 'attempt-stopped', problem: action.problem, conflicts: [] })
        return 'stopped'
      }
      if (action.kind === 'merge') {
        this.#mayMerge(action.planTip)
        return 'merged'
      }
      this.#perform(action)
      if (this.progress.ended) return 'stopped'
    }
  }

  /** A person says go on, after work by hand or a word to the agents, or with nothing. */
  goOn(): void {
    const { head, base, attempt } = this.progress
    this.#docs = 0
    const byHand = this.#oneIn(2) ? [this.#commit()] : []
    const said = this.#oneIn(3) ? [this.#finding(`H${attempt}`, 'person', 'P1')] : []
    for (const finding of said) this.#note(finding)
    this.#tell({
      ...this.#attempt(attempt + 1, 'continue', base, byHand.at(-1) ?? head),
      findings: said,
      byHand,
    })
  }

  treeOf(commit: Sha): Sha {
    return this.#trees.get(commit) ?? commit
  }

  #perform(action: Exclude<Action, { kind: 'stop' | 'merge' }>): void {
    switch (action.kind) {
      case 'implement': {
        for (const unit of action.units) this.#start('implement', unit.id)
        // They end in any order; who ends first moves the branch under the others.
        const order = this.#shuffled(action.units)
        order.forEach((unit, i) => {
          if (i > 0 && this.#oneIn(4)) return this.#fail('implement', unit.id, 'unit-collision')
          if (this.#oneIn(25)) return this.#fail('implement', unit.id)
          this.#pass('implement', unit.id, { edits: true })
          this.#reviewsSinceUnit = new Set()
        })
        return
      }
      case 'whole-phase': {
        this.#start('phase', '')
        if (this.#oneIn(20)) return this.#fail('phase', '')
        const reviewed = REVIEW_STEPS.filter(() => this.#oneIn(2))
        const findings = reviewed.flatMap((step) => this.#some(`${step}-own`, step))
        for (const finding of findings) this.#note(finding)
        this.#pass('phase', '', {
          edits: true,
          more: { reviewed, findings, dispositions: this.#dispose(findings, true) },
        })
        this.#reviewsSinceUnit = new Set(reviewed)
        return
      }
      case 'check': {
        const outcome = !this.#command[action.check] ? 'no-command' : this.#oneIn(3) ? 'red' : 'green'
        const tree = this.treeOf(this.progress.head)
        this.#checked.set(`${action.check} ${tree}`, outcome)
        const { check } = action
        this.#tell({ type: 'check-finished', check, tree, left: tree, outcome, durationMs: 1 })
        return
      }
      case 'fix-check':
        this.#start(action.step, '')
        if (this.#oneIn(20)) return this.#fail(action.step, '')
        return this.#pass(action.step, '', { edits: this.#odds(3) })
      case 'review': {
        for (const step of action.steps) this.#start(step, '')
        for (const step of action.steps) {
          if (this.#oneIn(15)) this.#fail(step, '')
          else {
            const findings = this.#some(step, step)
            if (step === 'review-code' && this.#oneIn(4))
              findings.push(this.#finding(`A${this.#shas}`, 'criteria', 'P1'))
            for (const finding of findings) this.#note(finding)
            this.#pass(step, '', { edits: false, more: { findings } })
            this.#reviewsSinceUnit.add(step)
          }
        }
        return
      }
      case 'fix': {
        this.#start(action.pass, '')
        for (const { id } of action.findings) this.#of(id).fixers++
        if (this.#oneIn(20)) return this.#fail(action.pass, '')
        const dispositions = this.#dispose(action.findings, false)
        return this.#pass(action.pass, '', { edits: this.#odds(4), more: { dispositions } })
      }
      case 'verify': {
        this.#start('verify', '')
        if (this.#oneIn(20)) return this.#fail('verify', '')
        const reopened = action.findings.filter(() => this.#oneIn(4)).map((finding) => finding.id)
        const findings = this.#oneIn(4) ? this.#some('verify', 'verify') : []
        for (const { id } of action.findings) this.#of(id).looked = true
        for (const id of reopened) this.#of(id).settled = false
        for (const finding of findings) this.#note(finding)
        return this.#pass('verify', '', { edits: false, more: { reopened, findings } })
      }
      case 'docs': {
        this.#docs++
        this.#start('resolve-docs', '')
        if (this.#oneIn(4)) return this.#fail('resolve-docs', '')
        const before = this.progress.head
        this.#pass('resolve-docs', '', { edits: this.#odds(4) })
        const commit = this.progress.head
        if (commit !== before) this.#refreshed = { commit, before }
        return
      }
      case 'sync': {
        this.syncs++
        if (this.#oneIn(6)) {
          const problem = { reason: 'merge-conflict', message: 'both changed a', hint: 'Settle it.' }
          return this.#tell({ type: 'attempt-stopped', problem, conflicts: ['a'] })
        }
        const withoutDocs = this.progress.beforeDocs !== undefined && this.#oneIn(2)
        if (withoutDocs) this.#docs = 0
        return this.#tell({ type: 'synced', planTip: action.planTip, commit: this.#commit(), withoutDocs })
      }
    }
  }

  /** What has to hold, by our own account and not by the protocol's. */
  #mayMerge(planTip: Sha): void {
    expect(planTip).toBe(this.planTip)
    expect(this.progress.base).toBe(planTip)
    expect(this.#docs).toBe(this.#hasMap ? 1 : 0)
    // A refresh of the map is the one thing that is merged on the word of the checks before it.
    const { head } = this.progress
    const tree = this.treeOf(this.#refreshed?.commit === head ? this.#refreshed.before : head)
    for (const check of ['build', 'test'] as const) {
      const wanted = this.#command[check] ? 'green' : 'no-command'
      expect([check, this.#checked.get(`${check} ${tree}`)]).toEqual([check, wanted])
    }
    expect([...this.#reviewsSinceUnit].sort()).toEqual([...REVIEW_STEPS].sort())
    expect(this.progress.units.filter((unit) => !this.progress.unitsDone.has(unit.id))).toEqual([])
    for (const { finding, settled, looked, fixers } of this.#findings.values()) {
      if (!severe(finding)) continue
      expect([finding.id, 'settled', settled]).toEqual([finding.id, 'settled', true])
      if (!this.#subprocess) continue
      expect([finding.id, 'looked at after its fix', looked]).toEqual([
        finding.id,
        'looked at after its fix',
        true,
      ])
      expect(fixers).toBeGreaterThan(0)
    }
  }

  #dispose(findings: Finding[], own: boolean) {
    return findings.map((finding) => {
      const disposition = this.#one(DISPOSITIONS)
      const known = this.#of(finding.id)
      known.settled = disposition !== 'deferred' || !severe(finding)
      known.looked = own
      return { finding: finding.id, disposition, note: 'so it is' }
    })
  }

  #some(prefix: string, from: Finding['from']): Finding[] {
    const count = this.#odds(2) ? 0 : this.#int(1, 3)
    return Array.from({ length: count }, () =>
      this.#finding(`${prefix}-${(this.#shas += 1)}`, from, this.#one(SEVERITIES)),
    )
  }

  #finding(id: string, from: Finding['from'], severity: Finding['severity']): Finding {
    return { id, from, severity, file: 'a', line: 1, title: 'Wrong', detail: 'It is wrong.' }
  }

  #note(finding: Finding): void {
    this.#findings.set(finding.id, { finding, settled: false, looked: false, fixers: 0 })
  }

  #of(id: string) {
    const known = this.#findings.get(id)
    if (!known) throw new Error(`nobody reported ${id}`)
    return known
  }

  #start(step: AgentStep, unit: string): void {
    this.calls++
    this.#tell({ type: 'step-started', step, unit, try: 1 })
  }

  #fail(step: AgentStep, unit: string, reason = 'agent-exit'): void {
    const problem = { reason, message: 'it failed', hint: 'Look.' }
    this.#tell({ ...this.#end(step, unit), type: 'step-failed', problem })
  }

  #pass(
    step: AgentStep,
    unit: string,
    { edits, more = {} }: { edits: boolean; more?: Partial<Extract<PhaseEvent, { type: 'step-passed' }>> },
  ): void {
    const commits = edits ? [{ sha: this.#commit(), subject: step }] : []
    this.#tell({
      ...this.#end(step, unit),
      type: 'step-passed',
      left: this.treeOf(commits.at(-1)?.sha ?? this.progress.head),
      commits,
      summary: '',
      decisions: [],
      questions: [],
      findings: [],
      criteria: [],
      reopened: [],
      dispositions: [],
      notes: [],
      ...more,
    })
  }

  #end(step: AgentStep, unit: string) {
    const tree = this.treeOf(this.progress.head)
    return {
      step,
      unit,
      try: 1,
      agent: 'none',
      promptHash: '',
      access: READ_ONLY_STEPS.includes(step) ? ('read-only' as const) : ('edit' as const),
      inputTree: tree,
      outputTree: tree,
      usage: {},
      durationMs: 1,
    }
  }

  #tell(event: Unstamped<PhaseEvent>): void {
    this.progress = evolvePhase(this.progress, stamp(event))
  }

  /** A new commit; now and then its tree is one that was there before, as after a fix that is taken back. */
  #commit(): Sha {
    const commit = sha((this.#shas += 1).toString(16).padStart(40, '0'))
    const trees = [...this.#trees.values()]
    const again = trees.length > 0 && this.#oneIn(10)
    this.#trees.set(commit, again ? this.#one(trees) : sha(`${'f'.repeat(20)}${commit.slice(20)}`))
    return commit
  }

  #int(min: number, max: number): number {
    return this.#pick(fc.integer, { min, max })
  }
  #oneIn(n: number): boolean {
    return this.#int(0, n - 1) === n - 1
  }
  /** True but for one time in `n`. */
  #odds(n: number): boolean {
    return !this.#oneIn(n)
  }
  #one<T>(items: readonly T[]): T {
    const item = items[this.#int(0, items.length - 1)]
    if (item === undefined) throw new Error('nothing to choose from')
    return item
  }
  #shuffled<T>(items: readonly T[]): T[] {
    const left = [...items]
    return items.map(() => left.splice(this.#int(0, left.length - 1), 1)[0] as T)
  }
}

const stamp = (event: Unstamped<PhaseEvent>): PhaseEvent => ({
  schema: SCHEMA,
  engine: ENGINE,
  at: 0,
  ...event,
})

/**
 * Agent calls that one attempt may make: every unit, once more where it collided; three reviews; fix passes and verify in two
 * rounds; the map once, and again where a sync left it out; and after each edit and each sync, red builds and tests: 2 fixers for
 * the tests, and 2 for the build after each.
 */
function mostCalls(units: number, syncs: number): number {
  const passes = 3 + 1
  const edits = 1 + passes + syncs
  const docs = 1 + syncs
  return 2 * units + 3 + passes + 2 + edits * (2 + 3 * 2) + docs
}

describe('the phase protocol, whatever happens', () => {
  test('always ends, within the calls it may make, and merges only what passed every gate', () => {
    let merged = 0
    fc.assert(
      fc.property(fc.gen(), (pick) => {
        const world = new World(pick)
        const end = world.run({ actions: 400 })
        expect(world.calls).toBeLessThanOrEqual(mostCalls(world.units, world.syncs))
        if (end === 'merged') merged++
      }),
      { numRuns: 1_500 },
    )
    // It has to say something about merges.
    expect(merged).toBeGreaterThan(150)
  })

  test('holds as well over attempts that go on after a stop, with work by hand and findings of a person', () => {
    let merged = 0
    fc.assert(
      fc.property(fc.gen(), (pick) => {
        const world = new World(pick)
        for (let attempt = 1; attempt <= 4; attempt++) {
          const before = { calls: world.calls, syncs: world.syncs }
          world.actions = 0
          const end = world.run({ actions: 400 })
          const most = mostCalls(world.units, world.syncs - before.syncs)
          expect(world.calls - before.calls).toBeLessThanOrEqual(most)
          if (end === 'merged') {
            if (attempt > 1) merged++
            return
          }
          world.goOn()
        }
      }),
      { numRuns: 1_500 },
    )
    expect(merged).toBeGreaterThan(150)
  })

  test('a failed step stops the phase, whatever passes beside it', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...REVIEW_STEPS], { minLength: 3 }), fc.nat(2), (order, bad) => {
        const commit = sha('a'.repeat(40))
        const unit = { id: 'u', title: 'U', kind: 'phase' as const, files: [], after: [] }
        const common = {
          unit: '',
          try: 1,
          agent: 'none',
          promptHash: '',
          inputTree: commit,
          outputTree: commit,
          usage: {},
          durationMs: 1,
        }
        const passed = {
          ...common,
          left: commit,
          commits: [],
          summary: '',
          decisions: [],
          questions: [],
          findings: [],
          criteria: [],
          reopened: [],
          dispositions: [],
          notes: [],
        }
        const green = { tree: commit, left: commit, outcome: 'green' as const, durationMs: 1 }
        const events: Unstamped<PhaseEvent>[] = [
          {
            type: 'attempt-started',
            run: 'run',
            phase: phaseId('1'),
            attempt: 1,
            mode: 'fresh',
            branch: 'b',
            base: commit,
            head: commit,
            units: [unit],
            criteria: [],
            maxParallel: 3,
            findings: [],
            byHand: [],
          },
          { ...passed, type: 'step-passed', step: 'implement', unit: 'u', access: 'edit' },
          { type: 'check-finished', check: 'build', ...green },
          { type: 'check-finished', check: 'test', ...green },
          ...order.map((step, i): Unstamped<PhaseEvent> =>
            i === bad
              ? {
                  ...common,
                  type: 'step-failed',
                  step,
                  access: 'read-only',
                  problem: { reason: 'artifact-missing', message: `${step} wrote nothing`, hint: 'Look.' },
                }
              : { ...passed, type: 'step-passed', step, access: 'read-only' },
          ),
        ]
        const progress = events.reduce<PhaseProgress | undefined>(
          (state, event) => evolvePhase(state, stamp(event)),
          undefined,
        )
        if (!progress) throw new Error('no events')
        const action = next(progress, { headTree: commit, hasMap: false, planTip: commit, subprocess: true })
        expect(action).toMatchObject({ kind: 'stop', problem: { message: `${order[bad]} wrote nothing` } })
      }),
    )
  })
})
