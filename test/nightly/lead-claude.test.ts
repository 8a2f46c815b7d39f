/** A phase that the real Claude Code does as a lead with workers of its own, against a scripted model. */
import { beforeAll, expect, test } from '@jest/globals'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createClaudeAgent } from '../../src/adapters/agents/claude.ts'
import { TEAM_LOG } from '../../src/core/execute/team/team-progress.ts'
import { phaseId } from '../../src/core/model/ids.ts'
import { phaseRef } from '../../src/core/model/ledger-refs.ts'
import { afterThisTest, tempDir, testEnv } from '../support/git.ts'
import { taskPlan } from '../support/plans.ts'
import { runRig } from '../support/run-rig.ts'
import { type ModelAnswer, type ModelTurn, startScriptedModel } from '../support/scripted-model.ts'
import { installedAgent } from '../support/installed-agent.ts'

let binary: string
beforeAll(() => {
  binary = installedAgent('claude')
}, 300_000)

const FILES: Record<string, string> = { '1.1': 'store.txt', '1.2': 'routes.txt', '1.3': 'page.txt' }
const TOKENS = { input: 1_000, output: 100 }

/** The lead has 1.1 and 1.2 planned and done, reports both, and leaves 1.3 to whoever comes after it. */
function answer({ turn, user, tools }: ModelTurn): ModelAnswer {
  const nonce = /^nonce: (\S+)$/m.exec(user)?.[1]
  const done = (fields: object): ModelAnswer => ({
    tools: [{ name: 'StructuredOutput', input: { nonce, summary: 'Done.', ...fields } }],
    tokens: TOKENS,
  })
  const start = (kind: 'planner' | 'worker'): ModelAnswer => ({
    tools: ['1.1', '1.2'].map((unit) => ({
      name: 'Agent',
      input: { description: `${kind} of ${unit}`, subagent_type: kind, prompt: `As ${kind}, piece ${unit}.` },
    })),
    tokens: TOKENS,
  })
  if (tools.includes('Agent')) {
    if (turn === 0) return start('planner')
    if (turn === 1) return start('worker')
    return done({
      units: ['1.1', '1.2'].map((unit) => ({ unit, state: 'done', files: [FILES[unit]] })),
      log: ['Plans of 1.1 and 1.2 approved', '1.1 and 1.2 begun at one time'],
      discoveries: ['The store has a lock'],
    })
  }
  const [, kind, piece = ''] = /As (planner|worker), piece (\S+)\.(?:\s|$)/.exec(user) ?? []
  if (kind === 'planner') return { text: `${piece}: write ${FILES[piece]}`, tokens: TOKENS }
  const write = (unit: string): ModelAnswer => ({
    tools: [{ name: 'Bash', input: { command: `echo ${unit} > ${FILES[unit]}` } }],
    tokens: TOKENS,
  })
  if (kind === 'worker') return turn === 0 ? write(piece) : { text: `Wrote ${FILES[piece]}.`, tokens: TOKENS }
  if (/^Implement the piece\./m.test(user)) return turn === 0 ? write('1.3') : done({})
  if (/^## Plan for 1\.3/m.test(user)) return done({ verdicts: [{ unit: '1.3', approved: true }] })
  if (/^Say how/m.test(user)) return done({ plan: 'Write page.txt' })
  return done({ findings: [] })
}

test('a lead with workers of its own does what it calls done, and the phase goes on from there', async () => {
  const model = await startScriptedModel(answer)
  afterThisTest(() => model.close())
  const home = tempDir()
  mkdirSync(join(home, 'tmp'))
  const plan = taskPlan([
    { id: '1', tasks: Object.values(FILES).map((file) => `Write the ${file.slice(0, -4)} in \`${file}\``) },
  ]).replace(/### Acceptance Criteria\n.*\n/, '')
  const rig = await runRig({
    plan: { 'task_plan.md': plan },
    config: { agent: 'claude', model: 'sonnet', dispatch: 'team' },
    otherAgent: createClaudeAgent({
      ...{ env: testEnv(), tmpDir: join(home, 'tmp'), apiKey: 'no-real-key', baseUrl: model.url },
      ...{ binary, maxRetries: 0 },
    }),
    workspacesRoot: join(home, 'worktrees'),
  })
  expect((await rig.run()).failures).toEqual([])

  for (const [unit, file] of Object.entries(FILES)) expect(rig.repo.git('show', `main:${file}`)).toBe(unit)
  expect(rig.repo.git('log', '--reverse', '--format=%s', 'main^1..main^2').split('\n')).toEqual([
    'orchestrate(phase-1): Write the store in store.txt',
    'orchestrate(phase-1): Write the routes in routes.txt',
    'orchestrate(phase-1): Write the page in page.txt',
  ])
  const { ledger } = await rig.ports()
  const chain = await ledger.read(phaseRef((await rig.view()).run, phaseId('1'), 1))
  if (!chain.ok) throw new Error('the chain cannot be read')
  const head = chain.value.entries.at(-1)?.commit
  const log = (head && (await ledger.file(head, TEAM_LOG))) ?? ''
  for (const line of [
    '3 units, a lead with workers of its own, plans are approved first.',
    '1.1 and 1.2 begun at one time',
    'The lead found out, told to all: The store has a lock',
    '1.3 is done: Done.',
  ])
    expect(log).toContain(line)

  // What its workers spent is paid: two calls of each planner and worker, and the lead's own.
  const asked = model.requests()
  const workers = asked.filter(({ user }) => /As (?:planner|worker), piece/.test(user))
  expect(new Set(workers.map(({ user }) => /As \w+, piece \S+\./.exec(user)?.[0])).size).toBe(4)
  const planners = workers.filter(({ user }) => user.includes('As planner'))
  for (const { tools } of planners) expect(tools).not.toContain('Bash')
  expect((await rig.view()).usage.outputTokens).toBe(asked.length * TOKENS.output)
  // The next member knew what the lead had found out.
  const own = asked.find(({ user }) => /^Implement the piece\./m.test(user))
  expect(own?.user).toContain('The store has a lock')
  await rig.verify()
}, 300_000)
