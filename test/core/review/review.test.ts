import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'

import { phaseId } from '../../../src/core/model/ids.ts'
import { cycles, reachability } from '../../../src/core/review/graph.ts'
import { reviewPlan } from '../../../src/core/review/review.ts'
import { planOf } from '../../support/plan-builder.ts'

const solid = planOf([
  {
    id: '1',
    title: 'Setup',
    tasks: [{ title: 'Create the package', files: ['package.json'] }],
    criteria: ['npm test runs'],
  },
  {
    id: '2',
    title: 'Parser',
    dependsOn: ['1'],
    tasks: [
      { title: 'Write the parser', files: ['src/parser.ts'] },
      { title: 'Test it', files: ['src/parser.test.ts'] },
    ],
    criteria: ['An unclosed string gives its line'],
  },
])

describe('reviewPlan', () => {
  test('has nothing to say about a solid plan', () => {
    const review = reviewPlan(solid)
    expect(review.diagnostics).toEqual([])
    expect(review.questions).toEqual([])
    expect([...review.confidence]).toEqual([
      ['1', { level: 'high', reasons: ['1 open task, 1 file, 1 acceptance criterion'] }],
      ['2', { level: 'high', reasons: ['2 open tasks, 2 files, 1 acceptance criterion'] }],
    ])
  })

  test('orders findings by file and line and keeps what ingest found', () => {
    const plan = planOf([{ id: '1', tasks: ['Improve performance', 'Fix bugs'] }])
    plan.diagnostics.push({
      rule: 'odd-table',
      severity: 'info',
      file: 'a.md',
      line: 9,
      message: 'm',
      hint: 'h',
    })
    const { diagnostics } = reviewPlan(plan)
    expect(diagnostics[0]?.rule).toBe('odd-table')
    const lines = diagnostics.slice(1).map(({ line }) => line)
    expect(lines).toEqual([...lines].sort((a, b) => a - b))
  })

  test('says of one line only once what ingest and a rule both find', () => {
    const plan = planOf([{ id: '1', unknown: ['Phase 9'], tasks: ['x'] }])
    const [found] = reviewPlan(plan).diagnostics.filter(({ rule }) => rule === 'unknown-dependency')
    if (found !== undefined) plan.diagnostics.push(found)
    expect(reviewPlan(plan).diagnostics.filter(({ rule }) => rule === 'unknown-dependency')).toHaveLength(1)
  })

  test('rates a phase by what is there, and says why', () => {
    const { confidence } = reviewPlan(
      planOf([
        { id: '1', title: 'Only a title' },
        { id: '2', tasks: ['Add a form'], files: ['src/form.tsx'] },
        { id: '3', tasks: ['Improve it', 'Polish the page'] },
      ]),
    )
    expect(confidence.get(phaseId('1'))).toEqual({
      level: 'low',
      reasons: ['only a title', 'no task and no spec', 'no file is named', 'no acceptance criterion'],
    })
    expect(confidence.get(phaseId('2'))).toEqual({
      level: 'medium',
      reasons: ['1 open task, 1 file', 'no acceptance criterion'],
    })
    expect(confidence.get(phaseId('3'))?.level).toBe('low')
  })

  test('asks about what only a person can know', () => {
    const { questions } = reviewPlan(
      planOf([{ id: '1', title: 'Auth', tasks: ['x'], files: ['a.ts'], unknown: ['login'] }]),
    )
    expect(questions).toEqual([
      {
        phase: '1',
        text: 'Which phase is “login”, which phase 1 depends on?',
        place: { file: 'task_plan.md', line: 3 },
      },
    ])
  })

  test('proposes to split a large phase into parts with free ids that hold every task once', () => {
    const tasks = Array.from({ length: 12 }, (_, n) => `Write chapter ${n + 1}`)
    const { splits } = reviewPlan(
      planOf([
        { id: '4', title: 'Book', tasks },
        { id: '4a', tasks: ['x'] },
      ]),
    )
    expect(splits).toEqual([
      {
        phase: '4',
        parts: [
          { id: '4b', title: 'Book — part 1', tasks: ['4.1', '4.2', '4.3', '4.4'] },
          { id: '4c', title: 'Book — part 2', tasks: ['4.5', '4.6', '4.7', '4.8'] },
          { id: '4d', title: 'Book — part 3', tasks: ['4.9', '4.10', '4.11', '4.12'] },
        ],
      },
    ])
  })

  test('proposes to split mixed work by concern', () => {
    const tasks = ['Create the table', 'Add the API endpoint', 'Build the page', 'Style the form']
    const { splits } = reviewPlan(planOf([{ id: '1', title: 'Orders', tasks }]))
    expect(splits[0]?.parts.map(({ id, tasks: ids }) => [id, ids])).toEqual([
      ['1a', ['1.1']],
      ['1b', ['1.2']],
      ['1c', ['1.3', '1.4']],
    ])
  })

  test('offers phases for running side by side only where no dependency is stated', () => {
    const phases = [
      { id: '1', title: 'Parser', files: ['parser/lex.ts'] },
      { id: '2', title: 'Mailer', files: ['mail/send.ts'] },
      { id: '3', title: 'Lexer', files: ['parser/lex.ts'] },
    ]
    expect(reviewPlan(planOf(phases)).sideBySide).toEqual([
      ['1', '2'],
      ['2', '3'],
    ])
    const stated = phases.map((phase, at) => (at === 2 ? { ...phase, dependsOn: ['1'] } : phase))
    expect(reviewPlan(planOf(stated)).sideBySide).toEqual([])
  })

  test('reviews a plan of a thousand phases in moments', () => {
    const phases = Array.from({ length: 1000 }, (_, n) => ({
      id: `${n + 1}`,
      title: `Part ${n}`,
      tasks: [{ title: `Write ${n}`, files: [`src/m${n % 50}/f${n}.ts`] }],
      ...(n > 0 && { dependsOn: [`${n}`] }),
    }))
    const plan = planOf(phases)
    const start = performance.now()
    reviewPlan(plan)
    expect(performance.now() - start).toBeLessThan(10_000)
  })
})

describe('a plan that is made to be slow', () => {
  test.each([
    ['commands that never end', 'curl git push dd rm -a '.repeat(40_000)],
    ['fences that never close', Array.from({ length: 1_200 }, (_, n) => `${'`'.repeat(n + 3)}x`).join('\n')],
    ['comments that never close', '<!-- '.repeat(100_000)],
    ['words without an end', 'improve'.repeat(50_000)],
    ['invisible characters', '\u200b'.repeat(200_000)],
  ])('is reviewed at once: %s', (_, text) => {
    const plan = planOf({
      phases: [{ id: '1', title: 'A', tasks: ['x', text], prose: [text] }],
      files: { 'findings.md': text },
    })
    const start = performance.now()
    reviewPlan(plan)
    expect(performance.now() - start).toBeLessThan(15_000)
  })
})

describe('graph', () => {
  const graphs = fc
    .integer({ min: 1, max: 9 })
    .chain((n) =>
      fc.array(fc.tuple(fc.nat(n - 1), fc.nat(n - 1)), { maxLength: 20 }).map((pairs) => ({ n, pairs })),
    )
    .map(({ n, pairs }) => {
      const edges = new Map(Array.from({ length: n }, (_, id) => [`${id}`, [] as string[]]))
      for (const [from, to] of pairs) edges.get(`${from}`)?.push(`${to}`)
      return edges
    })

  /** By walking, one node at a time. */
  const reachedFrom = (edges: Map<string, string[]>, start: string): Set<string> => {
    const seen = new Set<string>()
    const queue = [...(edges.get(start) ?? [])]
    for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
      if (seen.has(id)) continue
      seen.add(id)
      queue.push(...(edges.get(id) ?? []))
    }
    return seen
  }

  test('reaches what a walk reaches', () => {
    fc.assert(
      fc.property(graphs, (edges) => {
        const reaches = reachability(edges)
        for (const from of edges.keys()) {
          const walked = reachedFrom(edges, from)
          for (const to of edges.keys()) expect(reaches(from, to)).toBe(walked.has(to))
        }
      }),
    )
  })

  test('finds real cycles, and one wherever a node reaches itself', () => {
    fc.assert(
      fc.property(graphs, (edges) => {
        const found = cycles(edges)
        for (const cycle of found) {
          cycle.forEach((id, at) => expect(edges.get(id)).toContain(cycle[(at + 1) % cycle.length]))
        }
        const cyclic = [...edges.keys()].some((id) => reachedFrom(edges, id).has(id))
        expect(found.length > 0).toBe(cyclic)
      }),
    )
  })
})
