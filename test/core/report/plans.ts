import { DEFAULT_CONFIG } from '../../../src/core/model/config.ts'
import { DEFAULT_CONTRACT } from '../../../src/core/model/contract.ts'
import { digest, phaseId } from '../../../src/core/model/ids.ts'
import type { Phase, Plan, Task } from '../../../src/core/model/plan.ts'
import type { PhaseAssignment } from '../../../src/core/report/assignments.ts'
import type { ExecutionPlan } from '../../../src/core/report/execution-plan.ts'

const place = { file: 'task_plan.md', line: 1 }

const task = (id: string): Task => ({ id, title: `Task ${id}`, done: false, files: [], place })

const phase = (id: string, title: string, after: string[], files: string[], tasks: number): Phase => ({
  id: phaseId(id),
  title,
  status: 'pending',
  text: '',
  tasks: Array.from({ length: tasks }, (_, i) => task(`${id}.${i + 1}`)),
  specs: [],
  files,
  targets: [],
  criteria: [],
  dependsOn: after.map(phaseId),
  unknownDependencies: [],
  after: after.map(phaseId),
  place,
})

export const plan = (): Plan => ({
  mode: 'task-based',
  title: 'A link shortener',
  dir: 'plan',
  path: 'plan',
  index: 'task_plan.md',
  words: { phase: 'phase', task: 'task' },
  context: [],
  phases: [
    phase('1', 'Data model', [], ['src/model.mjs'], 3),
    phase('2', '短い名前を作る', ['1'], ['src/encode.mjs', 'test/encode.test.mjs'], 1),
    phase('3', 'A store that keeps links over a restart and never loses one', ['1'], ['src/store.mjs'], 0),
    phase('4', 'Command line', ['2', '3'], ['src/cli.mjs'], 2),
  ],
  dependenciesStated: true,
  contract: { ...DEFAULT_CONTRACT, stated: true },
  findings: undefined,
  documents: [],
  digest: digest('0'.repeat(64)),
  files: [],
  diagnostics: [],
})

const assigned = (agentType: string, skills: string[]): PhaseAssignment => {
  const why = 'its files are .mjs'
  const all = skills.map((name, at) => ({
    ...{ name, score: 8.9 - at, why: at === 0 ? why : 'both speak of it' },
    ...(at === 0 ? {} : { from: `.claude/skills/${name}/SKILL.md` }),
  }))
  return { agentType, why, score: 8.9, skills: all, offers: [] }
}

export const given = (over: Partial<ExecutionPlan> = {}): ExecutionPlan => ({
  run: 'links-3f2a',
  plan: plan(),
  config: { ...DEFAULT_CONFIG, agent: 'claude', model: 'sonnet', maxCostUsd: 5 },
  review: {
    confidence: new Map([
      ['1', { level: 'high', reasons: [] }],
      ['2', { level: 'high', reasons: [] }],
      ['3', { level: 'low', reasons: ['no task', 'no acceptance criterion'] }],
      ['4', { level: 'medium', reasons: ['vague verbs'] }],
    ]),
    questions: [{ phase: '3', text: 'May the store block while it writes?' }],
    diagnostics: [
      {
        rule: 'hidden-text',
        severity: 'error',
        file: 'task_plan.md',
        line: 31,
        message: 'Invisible characters',
        hint: 'Remove them',
      },
      {
        rule: 'vague',
        severity: 'warning',
        file: 'task_plan.md',
        line: 40,
        message: 'Vague',
        hint: 'Say what',
      },
    ],
  },
  assignments: new Map([
    ['1', assigned('backend-developer', ['node', 'testing'])],
    [
      '2',
      {
        ...{ agentType: 'general-purpose', why: 'nothing fits', score: 0, skills: [] },
        offers: [
          {
            kind: 'agent',
            name: 'writer',
            from: 'prose of ./catalogue',
            why: 'both speak of docs',
            score: 0.9,
          },
        ],
      },
    ],
    ['3', assigned('backend-developer', ['node'])],
    ['4', assigned('backend-developer', ['node', 'command-line-interfaces'])],
  ]),
  research: {
    sheets: [{ technology: 'commander', from: 'installed package 14.0.3' }],
    unknown: ['frobnicate'],
  },
  commands: { test: { command: 'npm test', why: 'package.json has a test script' } },
  dispatch: new Map([
    ['1', 'classic'],
    ['3', 'team'],
  ]),
  notes: ['2 worktrees of earlier runs hold work that is in no branch.'],
  ...over,
})
