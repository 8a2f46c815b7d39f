import { describe, expect, test } from '@jest/globals'
import type { Role, Statement } from '../../../src/core/forge.ts'
import {
  type Approval,
  approvalHolds,
  bindApproval,
  formatSource,
  type Now,
  parseSource,
} from '../../../src/core/gate/approval.ts'
import { authorize, type GateRequest, type RunFacts, whyNot } from '../../../src/core/gate/authorize.ts'
import { parseCommand } from '../../../src/core/gate/command.ts'
import type { Shown } from '../../../src/core/gate/shown.ts'
import { failure } from '../../../src/core/model/failure.ts'
import type { GateCommand } from '../../../src/core/model/gate-command.ts'
import { digest, phaseId, sha } from '../../../src/core/model/ids.ts'
import { DEFAULT_POLICY, type Policy } from '../../../src/core/model/policy.ts'
import { err, ok } from '../../../src/core/model/result.ts'

const A = sha('a'.repeat(40))
const B = sha('b'.repeat(40))
const MAIN = { ref: 'main', sha: sha('1'.repeat(40)) }
const DIGEST = digest('d'.repeat(64))
const ids = ['1', '2', '3'].map(phaseId)

const author = { login: 'ann', id: 1, kind: 'user' as const }
const ben = { login: 'Ben', id: 2, kind: 'user' as const }

const reviewed = (over: Partial<Extract<Shown, { state: 'reviewed' }>> = {}): Shown => ({
  state: 'reviewed',
  head: A,
  base: MAIN,
  digest: DIGEST,
  phases: ids,
  open: ids,
  ...over,
})
const pull = (over: Partial<GateRequest['facts']['pull']> = {}): GateRequest['facts']['pull'] => ({
  number: 12,
  state: 'open',
  author,
  head: { sha: A, ref: 'plan', fork: false },
  base: { ref: MAIN.ref, sha: MAIN.sha },
  ...over,
})
const comment = (body: string, over: Partial<Statement> = {}): Statement => ({
  kind: 'comment',
  id: 7,
  author: ben,
  body,
  edited: false,
  minimized: false,
  pull: 12,
  ...over,
})
const command = (line: string): GateCommand => {
  const parsed = parseCommand(line)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error))
  return parsed.value
}
const approve = (line = '/approve') => {
  const parsed = command(line)
  if (parsed.name !== 'approve') throw new Error(line)
  return parsed
}
const RUN: RunFacts = { run: 'pr12-login-1', state: 'approved', digest: DIGEST, phases: ids }

function ask(
  line: string,
  facts: Partial<GateRequest['facts']> = {},
  over: Partial<GateRequest> = {},
): GateRequest {
  const actor = over.actor ?? ben
  return {
    actor,
    command: command(line),
    policy: DEFAULT_POLICY,
    facts: {
      pull: pull(),
      committers: ['ann'],
      otherWriters: true,
      role: ok('write'),
      from: { kind: 'comment', statement: comment(line, { author: { ...ben, ...actor } }) },
      shown: reviewed(),
      ...facts,
    },
    ...over,
  }
}
const codes = (request: GateRequest) => whyNot(request).map(({ code }) => code)
const policy = (approve: Partial<Policy['approve']>): Policy => ({
  ...DEFAULT_POLICY,
  approve: { ...DEFAULT_POLICY.approve, ...approve },
})

describe('who may command', () => {
  test('another person with write access approves', () => {
    expect(authorize(ask('/approve'))).toEqual({ ok: true })
    expect(authorize(ask(`/approve ${A.slice(0, 7)} --phases 1-2 --max-cost 5`))).toEqual({ ok: true })
  })

  test.each([
    ['/status', 'read'], ['/why-not', 'read'], ['/orchestrate', 'triage'], ['/abort', 'write'], ['/approve', 'maintain'],
    ['/retry 2', 'maintain'], ['/resume', 'maintain'], ['/skip 2', 'maintain'], ['/fix 2 wrong', 'maintain'],
    ['/continue', 'maintain'], ['/land', 'maintain'],
  ] as const)('%s needs the role %s where maintainers approve', (line, least) => {
    const roles: Role[] = ['none', 'read', 'triage', 'write', 'maintain', 'admin']
    const run: Partial<GateRequest['facts']> = line === '/approve' ? {} : { run: RUN }
    for (const role of roles) {
      const answer = authorize(ask(line, { role: ok(role), ...run }, { policy: policy({ role: 'maintain' }) }))
      if (roles.indexOf(role) >= roles.indexOf(least)) expect(answer).toEqual({ ok: true })
      else expect(answer).toMatchObject({ ok: false, code: 'role', silent: false })
    }
  }) // prettier-ignore

  test('a role that cannot be looked up denies, questions too', () => {
    const role = err([failure('forge-unavailable', 'GitHub answers 502.', 'Try again.')])
    for (const line of ['/approve', '/status']) {
      expect(authorize(ask(line, { role }))).toMatchObject({ ok: false, code: 'role-unknown' })
    }
  })

  test('bots and our own account are ignored in silence', () => {
    const bot = { ...ben, kind: 'bot' as const }
    expect(authorize(ask('/approve', { role: ok('admin') }, { actor: bot }))).toMatchObject({
      ok: false,
      code: 'bot',
      silent: true,
    })
    expect(authorize(ask('/approve', { self: true }))).toMatchObject({ code: 'bot', silent: true })
  })

  test('author, pusher and co-authors do not approve their own plan where another person could', () => {
    const own = ask('/approve', {}, { actor: author })
    expect(authorize(own)).toEqual({
      ok: false,
      code: 'own-plan',
      why: 'ann opened this pull request, and another person has to approve.',
      hint: 'Ask somebody else with the role write; approve.other_person in .github/orchestrate.yml on the base branch says when this is needed.',
      silent: false,
    })
    expect(codes(ask('/approve', { committers: ['ann', 'BEN'] }))).toEqual(['own-plan'])
    expect(codes(ask('/approve', { otherWriters: false }, { actor: author }))).toEqual([])
    const always = policy({ otherPerson: 'always' })
    expect(codes(ask('/approve', { otherWriters: false }, { actor: author, policy: always }))).toEqual([
      'own-plan',
    ])
    expect(codes(ask('/approve', {}, { actor: author, policy: policy({ otherPerson: 'never' }) }))).toEqual(
      [],
    )
  })

  test('raising the limits of a run is an approval; going on with it is none', () => {
    expect(codes(ask('/resume --max-cost 50', { run: RUN }, { actor: author }))).toEqual(['own-plan'])
    expect(codes(ask('/resume', { run: RUN }, { actor: author }))).toEqual([])
  })
})

describe('where a command comes from', () => {
  test('an edited, hidden, deleted or foreign comment grants nothing', () => {
    const from = (statement: Statement | undefined) =>
      codes(ask('/approve', { from: { kind: 'comment', statement } }))
    expect(from(comment('/approve', { edited: true }))).toEqual(['edited'])
    expect(from(comment('/approve', { minimized: true }))).toEqual(['minimized'])
    expect(from(undefined)).toEqual(['deleted'])
    expect(from(comment('/approve', { author }))).toEqual(['not-the-source'])
    expect(from(comment('/approve', { pull: 13 }))).toEqual(['not-the-source'])
    expect(from(comment('/approve --max-cost 5'))).toEqual(['says-otherwise'])
    expect(from(comment('> /approve'))).toEqual(['says-otherwise'])
  })

  test('an approving review counts where the policy says so, at the commit that it was made on', () => {
    const review = (over: Partial<Statement>) =>
      comment('Fine.', { kind: 'review', state: 'approved', commit: A, ...over })
    const by = (statement: Statement, reviews = true) =>
      codes(
        ask(
          `/approve ${statement.commit}`,
          { from: { kind: 'review', statement } },
          { policy: policy({ reviews }) },
        ),
      )
    expect(by(review({}))).toEqual([])
    expect(by(review({}), false)).toEqual(['says-otherwise'])
    expect(by(review({ state: 'commented' }))).toEqual(['says-otherwise'])
    expect(by(review({ state: 'dismissed' }))).toEqual(['dismissed', 'says-otherwise'])
    expect(by(review({ commit: B }))).toEqual(['head-moved', 'head-moved'])
    expect(by(review({ state: 'changes-requested', body: `/approve ${A}` }))).toEqual(['changes-requested'])
  })

  test('a button counts at the commit of its check', () => {
    expect(codes(ask(`/approve ${A.slice(0, 12)}`, { from: { kind: 'button', sha: A } }))).toEqual([])
    expect(codes(ask(`/approve`, { from: { kind: 'button', sha: B } }))).toEqual(['head-moved'])
  })

  test('comment, button, review, dispatch and command line pass the same gate', () => {
    const answers = (facts: Partial<GateRequest['facts']>) =>
      (
        [
          { kind: 'comment', statement: comment('/approve') },
          {
            kind: 'review',
            statement: comment('/approve', { kind: 'review', state: 'commented', commit: A }),
          },
          { kind: 'button', sha: A },
          { kind: 'dispatch' },
          { kind: 'cli' },
        ] as const
      ).map((from) => codes(ask('/approve', { ...facts, from })).join())
    const five = (code: string) => Array(5).fill(code)
    expect(answers({})).toEqual(five(''))
    expect(answers({ role: ok('read') })).toEqual(five('role'))
    expect(answers({ committers: ['ben'] })).toEqual(five('own-plan'))
    expect(answers({ shown: { state: 'reviewing' } })).toEqual(five('reviewing'))
    expect(answers({ pull: pull({ head: { sha: A, ref: 'x', fork: true } }) })).toEqual(five('fork'))
  })
})

describe('what is approved', () => {
  test('refuses an approval when the head moved, and names both commits', () => {
    const moved = pull({ head: { sha: B, ref: 'plan', fork: false } })
    for (const line of ['/approve', `/approve ${A}`]) {
      expect(authorize(ask(line, { pull: moved }))).toMatchObject({
        ok: false,
        code: 'head-moved',
        why: 'The approval is for aaaaaaaaaa, and the head is bbbbbbbbbb now.',
        hint: 'Look at what the check shows now and write `/approve bbbbbbbbbbbb`.',
      })
    }
    expect(codes(ask(`/approve ${A}`, { pull: moved, shown: reviewed({ head: B }) }))).toEqual(['head-moved'])
  })

  test('refuses after the base branch was changed', () => {
    const retargeted = pull({ base: { ref: 'release', sha: MAIN.sha } })
    expect(codes(ask('/approve', { pull: retargeted }))).toEqual(['base-changed'])
    const further = pull({ base: { ref: 'main', sha: B } })
    expect(codes(ask('/approve', { pull: further }))).toEqual([])
  })

  test.each([
    ['nothing was looked at', { state: 'nothing' }, 'not-shown'],
    ['the review is running', { state: 'reviewing' }, 'reviewing'],
    ['there is no plan', { state: 'no-plan' }, 'no-plan'],
    ['there are several plans', { state: 'several-plans', dirs: ['a', 'b'] }, 'several-plans'],
    ['the plan is invalid', { state: 'invalid' }, 'invalid-plan'],
    ['the plan has no phases', reviewed({ phases: [], open: [] }), 'nothing-to-run'],
    ['every phase is done', reviewed({ open: [] }), 'nothing-to-run'],
  ] as const)('refuses while %s', (_, shown, code) => {
    expect(codes(ask('/approve', { shown }))).toEqual([code])
  })

  test('phases that are not there or done are refused', () => {
    expect(codes(ask('/approve --phases 1-4'))).toEqual(['unknown-phase'])
    expect(codes(ask('/approve --phases 1', { shown: reviewed({ open: ids.slice(1) }) }))).toEqual([
      'nothing-to-run',
    ])
  })

  test('a closed or merged pull request starts nothing; what runs can be ended', () => {
    for (const state of ['closed', 'merged'] as const) {
      for (const line of ['/approve', '/retry 1', '/land']) {
        expect(codes(ask(line, { pull: pull({ state }), run: { ...RUN, digest: digest('e') } }))).toContain(
          'pull-closed',
        )
      }
      expect(codes(ask('/abort', { pull: pull({ state }), run: RUN }))).toEqual([])
    }
  })

  test('the same plan is not approved twice while its run goes on', () => {
    expect(codes(ask('/approve', { run: RUN }))).toEqual(['running'])
    expect(codes(ask('/approve', { run: { ...RUN, state: 'aborted' } }))).toEqual([])
    expect(codes(ask('/approve', { run: { ...RUN, digest: digest('other') } }))).toEqual([])
  })

  test('going on after the plan changed needs a fresh approval; skip and abort do not', () => {
    const shown = reviewed({ digest: digest('other') })
    for (const line of ['/retry 1', '/resume', '/fix 1 wrong', '/continue']) {
      expect(codes(ask(line, { run: RUN, shown }))).toEqual(['plan-changed'])
    }
    for (const line of ['/skip 1', '/abort', '/land'])
      expect(codes(ask(line, { run: RUN, shown }))).toEqual([])
  })

  test('decisions need a run that has the phase and has not ended', () => {
    expect(codes(ask('/retry 1'))).toEqual(['no-run'])
    expect(codes(ask('/retry 9', { run: RUN }))).toEqual(['unknown-phase'])
    expect(codes(ask('/retry 1', { run: { ...RUN, state: 'aborted' } }))).toEqual(['ended'])
    expect(codes(ask('/land', { run: { ...RUN, state: 'merged' } }))).toEqual([])
    expect(codes(ask('/land', { run: { ...RUN, state: 'landed' } }))).toEqual(['ended'])
    for (const state of ['merged', 'landed'] as const) {
      expect(codes(ask('/fix 1 wrong', { run: { ...RUN, state } }))).toEqual([])
      expect(codes(ask('/retry 1', { run: { ...RUN, state } }))).toEqual(['ended'])
    }
    expect(codes(ask('/fix 1 wrong', { run: { ...RUN, state: 'aborted' } }))).toEqual(['ended'])
  })

  test('all reasons are told at once', () => {
    const request = ask('/approve', {
      role: ok('read'),
      committers: ['ben'],
      shown: { state: 'reviewing' },
      from: { kind: 'comment', statement: comment('/approve', { edited: true }) },
    })
    expect(codes(request)).toEqual(['role', 'edited', 'own-plan', 'reviewing'])
  })
})

describe('an approval', () => {
  const bound = (line = '/approve'): Approval => {
    const approval = bindApproval(approve(line), reviewed(), ben, { kind: 'comment', id: 7 })
    if (!approval.ok) throw new Error(JSON.stringify(approval.error))
    return approval.value
  }
  const now = (over: Partial<Now> = {}): Now => ({
    pull: pull(),
    digest: DIGEST,
    role: ok('write'),
    statement: comment('/approve'),
    started: false,
    ...over,
  })
  const holds = (over: Partial<Now> = {}, approval = bound()) =>
    approvalHolds(approval, now(over), DEFAULT_POLICY).map(({ code }) => code)
  const pushed = pull({ head: { sha: B, ref: 'plan', fork: false } })

  test('is bound to head, base, digest and scope', () => {
    expect(bound('/approve --phases 2-3 --max-cost 5')).toEqual({
      by: 'Ben',
      head: A,
      base: MAIN,
      digest: DIGEST,
      scope: ['2', '3'],
      flags: { phases: ['2-3'], maxCostUsd: 5 },
      source: { kind: 'comment', id: 7 },
    })
    expect(holds()).toEqual([])
  })

  test('is void when something is pushed before the start, whatever was pushed', () => {
    expect(holds({ pull: pushed })).toEqual(['head-moved'])
    expect(holds({ pull: pushed, digest: digest('other') })).toEqual(['head-moved', 'plan-changed'])
  })

  test('goes on holding after the start where a push leaves the plan as it is', () => {
    expect(holds({ pull: pushed, started: true })).toEqual([])
    expect(holds({ pull: pushed, started: true, digest: digest('other') })).toEqual(['plan-changed'])
    expect(holds({ pull: pushed, started: true, digest: undefined })).toEqual(['plan-changed'])
    expect(holds({ started: true, pull: pull({ base: { ref: 'release', sha: B } }) })).toEqual([
      'base-changed',
    ])
  })

  test('is void before the start when the approver takes it back or may not any more', () => {
    expect(holds({ statement: undefined })).toEqual(['deleted'])
    expect(holds({ statement: comment('/approve', { edited: true }) })).toEqual(['edited'])
    expect(holds({ statement: comment('Changed my mind.') })).toEqual(['says-otherwise'])
    expect(holds({ role: ok('read') })).toEqual(['role'])
    expect(holds({ role: err([failure('forge-unavailable', '', '')]) })).toEqual(['role-unknown'])
    expect(holds({ changesRequested: true })).toEqual(['changes-requested'])
    expect(holds({ pull: pull({ state: 'closed' }) })).toEqual(['pull-closed'])
  })

  test('says exactly what its comment says', () => {
    const statement = comment('/approve --phases 1 --max-cost 5')
    expect(holds({ statement }, bound('/approve --phases 1 --max-cost 5'))).toEqual([])
    expect(holds({ statement }, bound('/approve --phases 1 --max-cost 50'))).toEqual(['says-otherwise'])
    expect(holds({ statement: comment(`/approve ${B}`) })).toEqual(['says-otherwise'])
  })

  test('by a button is looked up by role and head alone', () => {
    const approval = { ...bound(), source: { kind: 'check' as const, id: 3 } }
    expect(holds({ statement: undefined }, approval)).toEqual([])
    expect(holds({ statement: undefined, role: ok('none') }, approval)).toEqual(['role'])
  })
})

test('sources are written and read back', () => {
  for (const source of [
    { kind: 'comment', id: 12 },
    { kind: 'review', id: 3 },
    { kind: 'check', id: 9_007_199_254_740 },
    { kind: 'dispatch' },
    { kind: 'cli' },
  ] as const) {
    expect(parseSource(formatSource(source))).toEqual(source)
  }
  for (const text of [
    '',
    'comment',
    'comment:',
    'comment:0',
    'comment:-1',
    'issue:1',
    'comment:1;id',
    'cli:1',
  ]) {
    expect(parseSource(text)).toBeUndefined()
  }
})
