import { describe, expect, test } from '@jest/globals'
import { withoutStatuses } from '../../../../src/core/ingest/digest.ts'
import { readIn } from '../../../formats/memory-plan.ts'
import { writeBackFaults } from '../../../formats/write-back.ts'

const PATH = 'PLAN.md'

interface Case {
  habit: string
  text: string
  /** Per phase: id, title, status, titles of its tasks, what it depends on where that is written. */
  phases: [string, string, string, string[], string[]?][]
}

const CASES: Case[] = [
  {
    habit: 'deliverables, where a phase names no task; exit criteria are none',
    text: `# Plan

## Step 1: Contracts

Deliverables:

- Snapshot format.
- Wire protocol.

Exit criteria:

- [ ] Hashes are stable.

## Step 2: CLI

- Parse the arguments

**Deliverables:** a binary
`,
    phases: [
      ['1', 'Contracts', 'pending', ['Snapshot format.', 'Wire protocol.']],
      ['2', 'CLI', 'pending', ['Parse the arguments']],
    ],
  },
  {
    habit: 'changes, and the boxes of acceptance where there is nothing else',
    text: `# Plan

## Phase 1: Rename

**Files:** \`src/a.ts\`

**Changes:**
- Rename the type
- Rename the file

## Phase 2: Release

**Acceptance criteria:**
- [x] The package is public
- [ ] The notes are out
`,
    phases: [
      ['1', 'Rename', 'pending', ['Rename the type', 'Rename the file']],
      ['2', 'Release', 'in_progress', ['The package is public', 'The notes are out']],
    ],
  },
  {
    habit: 'tables of issues and features',
    text: `# Plan

### Phase 1: CLI (In Progress)

| Issue | Title | Priority | Status |
|-------|-------|----------|--------|
| #51 | Expire sessions | P2 | Open |
| #24 | Write the guide | P3 | Closed |

### Phase 2: SDK (P2-P3)

| Feature | Effort |
|---|---|
| Streaming | 2d |

| Risk | Priority | Description |
|---|---|---|
| Cost | high | It may be dear |
`,
    phases: [
      ['1', 'CLI', 'in_progress', ['#51: Expire sessions', '#24: Write the guide']],
      ['2', 'SDK', 'pending', ['Streaming']],
    ],
  },
  {
    habit: "an agent IDE's changes of files, by phase",
    text: `# Plan

## Proposed Changes

### Phase 1: Store

#### [NEW] \`src/store.ts\`
- keeps rows
- drops rows

#### [MODIFY] [app.ts](src/app.ts)

## Verification Plan

- [ ] It works
`,
    phases: [['1', 'Store', 'pending', ['[NEW] src/store.ts', '[MODIFY] app.ts']]],
  },
  {
    habit: "an agent IDE's changes of files, by component",
    text: `# Dark mode

## Proposed Changes

### Theme
#### [NEW] [theme.css](src/theme.css)
Colours.

### Settings
#### [MODIFY] [settings.ts](src/settings.ts)
- a switch
#### [DELETE] [old.ts](src/old.ts)

## Verification Plan
### Automated Tests
- [ ] \`npm test\`
`,
    phases: [
      ['1', 'Theme', 'pending', ['[NEW] theme.css']],
      ['2', 'Settings', 'pending', ['[MODIFY] settings.ts', '[DELETE] old.ts']],
    ],
  },
  {
    habit: 'progress told in prose, apart from the phases',
    text: `# Plan

## Progress (as of 2026-01-16)

**Completed in this repo:**

- Phase 1: the contract
- Added a submodule

**Partial / remaining:**

- the fallback is not wired

## Phases

### Phase 1: Contract

1. Define it

   \`\`\`ts
   interface It {}
   \`\`\`

**Notes:**

- keep it small

2. Use it

### Phase 2: Fallback

- Wire it

### Phase 3: Release

- Publish

## History

**Status**: Phase 3 is blocked
`,
    phases: [
      ['1', 'Contract', 'completed', ['Define it', 'Use it']],
      ['2', 'Fallback', 'in_progress', ['Wire it']],
      ['3', 'Release', 'blocked', ['Publish']],
    ],
  },
  {
    habit: 'a status of the whole plan, which open boxes contradict',
    text: `# Plan

**Status:** COMPLETE (2026-08-18)

## Phase 1: One

Text.

## Phase 2: Two

- [ ] open
`,
    phases: [
      ['1', 'One', 'completed', []],
      ['2', 'Two', 'pending', ['open']],
    ],
  },
  {
    habit: 'a breakdown, its checklist and its dependencies in sections of their own',
    text: `# Plan

## Breakdown

### Phase 2A: Protocol (highest value)

#### Step 1: Expand it

In \`src/protocol.ts\`.

### Phase 2A (continued): Adapter

Wrap it.

### Phase 2B: Runtime

#### Step 2: Run it

## Dependencies

Phase 2B depends on Phase 2A.

## Checklist

### Phase 2A: Protocol
- [x] Expand
- [x] Test

### Phase 2B: Runtime
- [ ] Run
`,
    phases: [
      ['2A', 'Protocol', 'completed', ['Expand', 'Test']],
      ['2B', 'Runtime', 'pending', ['Run'], ['2A']],
    ],
  },
  {
    habit: 'steps as headings with a checklist of the phase after them',
    text: `# Plan

## Phase 1: Contracts

#### Step 1: Set up
#### Step 2: Write

### Checklist
- [x] Set up
- [ ] Written
- [ ] Tested
`,
    phases: [['1', 'Contracts', 'in_progress', ['Set up', 'Written', 'Tested']]],
  },
  {
    habit: 'work in several sections of a phase, of which one calls it tasks',
    text: `# Plan

## 3. Phase 1 — Search

### Search

**Database updates:**
- An index

### Remote access

**Background:**
- a notion

**Tasks:**
1. A transport
2. A key

## 4. Phase 2 — Release

### Architecture
- a notion

### Tasks
- Publish
`,
    phases: [
      ['1', 'Search', 'pending', ['An index', 'A transport', 'A key']],
      ['2', 'Release', 'pending', ['Publish']],
    ],
  },
  {
    habit: 'coded milestones that name each other',
    text: `# Plan

### M1 — Environment [LLM]
- [x] Create it
### M2a — Train
Depends on: M1, the data source.
- [ ] Train it
### M2b — Points
Depends on: M1, M2a. Runs in torch.
- [ ] Unproject
`,
    phases: [
      ['M1', 'Environment [LLM]', 'completed', ['Create it']],
      ['M2a', 'Train', 'pending', ['Train it'], ['M1']],
      ['M2b', 'Points', 'pending', ['Unproject'], ['M1', 'M2a']],
    ],
  },
  {
    habit: 'lettered parts of a phase',
    text: `# Plan

## Phase 1: Storage

### 1a. Blob format
- header
- body

### 1b. Log
- append
`,
    phases: [['1', 'Storage', 'pending', ['1a. Blob format', '1b. Log']]],
  },
  {
    habit: 'a numbered list of what is built in which order',
    text: `# Parser

## Design

1. small
2. fast

## Implementation Order

1. **Lexer** — tokens
   - numbers
   - strings
2. **Parser** ✅
3. Printer
`,
    phases: [
      ['1', 'Lexer', 'pending', ['numbers', 'strings']],
      ['2', 'Parser', 'completed', []],
      ['3', 'Printer', 'pending', []],
    ],
  },
  {
    habit: 'numbered headings below the order of work',
    text: `# Parser

## 1. Goal

Text.

## 2. Implementation Steps

### 1. Lexer
- numbers
### 2. Parser
- trees

## 3. Risks
`,
    phases: [
      ['1', 'Lexer', 'pending', ['numbers']],
      ['2', 'Parser', 'pending', ['trees']],
    ],
  },
  {
    habit: 'a schedule in a table, and weeks',
    text: `# Plugin

### 3.3 Timeline (2 days)
| Day | Deliverable |
|---|---|
| 1 | Smoke test |
| 2 | Hook |
`,
    phases: [
      ['1', 'Smoke test', 'pending', []],
      ['2', 'Hook', 'pending', []],
    ],
  },
  {
    habit: 'weeks',
    text: `# Plan

## Week 1: Setup
- Tools
## Week 2: Core
- Loop
`,
    phases: [
      ['1', 'Setup', 'pending', ['Tools']],
      ['2', 'Core', 'pending', ['Loop']],
    ],
  },
  {
    habit: 'sections with boxes and no word for them',
    text: `# Plan

## Backend

- [x] Routes
- [ ] Store

## Frontend
- [ ] List

## Acceptance Criteria
- [ ] Fast
`,
    phases: [
      ['1', 'Backend', 'in_progress', ['Routes', 'Store']],
      ['2', 'Frontend', 'pending', ['List']],
    ],
  },
]

describe.each(CASES)('$habit', ({ text, phases }) => {
  test('is read', async () => {
    const { plan, mode, failures } = await readIn({ [PATH]: text }, PATH)
    expect([mode, failures]).toEqual(['plan-md', []])
    expect(
      plan?.phases.map(({ id, title, status, tasks, dependsOn }) => [
        id,
        title,
        status,
        tasks.map((task) => task.title),
        dependsOn,
      ]),
    ).toEqual(phases.map(([id, title, status, tasks, on = []]) => [id, title, status, tasks, on]))
  })

  test('is written back, and nothing else changes', async () => {
    expect(await writeBackFaults({ [PATH]: text }, PATH, withoutStatuses)).toEqual([])
  })
})

test('how a phase is done reaches its agents with the checklist that it is worked off by', async () => {
  const text = CASES.find(({ habit }) => habit.startsWith('a breakdown'))?.text ?? ''
  const { plan } = await readIn({ [PATH]: text }, PATH)
  const phase = plan?.phases[0]
  expect(phase?.text).toContain('- [x] Expand')
  expect(phase?.text).toContain('In `src/protocol.ts`.')
  expect(phase?.text).toContain('(continued): Adapter')
  expect(phase?.files).toEqual(['src/protocol.ts'])
  expect(plan?.diagnostics).toEqual([])
})
