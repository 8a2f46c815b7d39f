import { describe, expect, test } from '@jest/globals'
import type { Plan } from '../../../src/core/model/plan.ts'
import { isFlowchart, readFlowchart } from '../../../src/core/ingest/flowchart.ts'
import { type Files, readIn } from '../../formats/memory-plan.ts'

async function read(files: Files): Promise<Plan> {
  const { plan, failures } = await readIn(files, 'plan')
  if (plan === undefined) throw new Error(failures.map(({ message }) => message).join())
  return plan
}

const phases = (chart: string[], more: string[] = []): Promise<Plan> =>
  read({
    'plan/task_plan.md': [
      ...['# Plan', '', '```mermaid', ...chart, '```', ''],
      ...['## Phase 1: Data', '', '- [ ] Load', ''],
      ...['## Phase 2: Model', '', '- [ ] Fit', ''],
      ...['## Phase 2.5: Check', '', '- [ ] Compare', ''],
      ...['## Phase 3: Report', ...more, '', '- [ ] Write', ''],
    ].join('\n'),
  })
const order = async (chart: string[], more?: string[]): Promise<string[]> =>
  (await phases(chart, more)).phases.map(({ id, dependsOn }) => `${id}:${dependsOn.join()}`)

describe('a flowchart of phases', () => {
  test.each([
    [
      'names in nodes',
      ['graph TD', '  A[Phase 1: Data] --> B["Phase 2"]', '  A --> C(Phase 2.5)', '  B & C --> D{{Phase 3}}'],
    ],
    ['numbers as nodes', ['flowchart LR', 'P1-->P2 & P2_5==>P3;']],
    ['chains with text at arrows', ['graph LR;', 'P1 -->|then| P2 -.-> P3; P1 -- and --> P2.5 --> P3']],
    ['arrows to what is needed', ['graph BT', 'P3 --> P2 & P2.5', 'P2 & P2.5 --> P1']],
    ['arrows that say so', ['graph TD', 'P2 -->|depends on| P1', 'P2.5 -->|needs| P1', 'P2 & P2.5 --> P3']],
    [
      'tasks in subgraphs',
      [
        '%% drawn by hand',
        'flowchart TB',
        'subgraph one [Phase 1: Data]',
        'load --> clean',
        'end',
        'subgraph Phase 2',
        'fit',
        'end',
        'subgraph "Phase 2.5"',
        'compare',
        'end',
        'subgraph Phase 3',
        'write',
        'end',
        'clean --> fit & compare',
        'fit --> write',
        'compare --> write',
        'class load hot',
        'style fit fill:#fff',
      ],
    ],
  ])('says their order: %s', async (_, chart) => {
    expect(await order(chart)).toEqual(['1:', '2:1', '2.5:1', '3:2,2.5'])
  })

  test('gives way to what a phase says itself', async () => {
    expect(await order(['graph TD', 'P1 --> P2 --> P2.5 --> P3'], ['', 'Depends on: Phase 1'])).toEqual([
      '1:',
      '2:1',
      '2.5:2',
      '3:1',
    ])
  })

  test.each([
    ['is no order where it draws the product', ['graph LR', 'Data[(Data)] --> Model', 'Model --> Report']],
    ['says nothing by lines without a head', ['graph LR', 'P1 --- P2 -.- P3', 'P1 <--> P2.5']],
    ['is none where the fence is another drawing', ['sequenceDiagram', 'P1->>P2: Data', 'P2 --> P3']],
  ])('%s', async (_, chart) => {
    expect(await order(chart)).toEqual(['1:', '2:', '2.5:', '3:'])
  })
})

test('names phases by their titles in a section about dependencies', async () => {
  const { phases: read } = await phases([
    'graph LR',
    '```',
    '',
    '## Dependencies',
    '',
    '```mermaid',
    'graph LR',
    'Data --> Model --> Report',
  ])
  expect(read.map(({ dependsOn }) => dependsOn)).toEqual([[], ['1'], [], ['2']])
})

describe('a flowchart of specs', () => {
  const manifest = (column: boolean): Promise<Plan> =>
    read({
      'plan/manifest.md': [
        '# Plan',
        '',
        '```mermaid',
        'graph TD',
        'A[data-model] --> B[api]',
        'A -.->|feeds| C[web-ui]',
        '```',
        '',
        `| Phase | Sprint | Spec |${column ? ' Depends on |' : ''}`,
        `|---|---|---|${column ? '---|' : ''}`,
        ...['data-model', 'api', 'web-ui'].map(
          (name, at) => `| ${at + 1} | 1 | ${name} |${column ? ' - |' : ''}`,
        ),
        '',
      ].join('\n'),
    })
  test('says what they come after where the table has no column for it', async () => {
    const plan = await manifest(false)
    expect(plan.phases.map(({ after }) => after)).toEqual([[], ['1'], ['1']])
  })
  test('gives way to the column', async () => {
    const plan = await manifest(true)
    expect(plan.phases.flatMap(({ specs }) => specs.map(({ dependsOn }) => dependsOn))).toEqual([[], [], []])
  })
})

test('reads any text as a chart without end or error', () => {
  const lines = [
    'graph TD',
    ...Array.from({ length: 2_000 }, (_, n) => `a${n} & b & c --> d & e & f --> ((( [[[ "x ;;; ;`),
  ]
  expect(isFlowchart(lines)).toBe(true)
  expect(readFlowchart(lines).arrows.length).toBeLessThanOrEqual(10_000)
})
