/** The plans that are run, and the programs that stand for agent, build and tests. */

export const specPlan = (names: readonly string[]): Record<string, string> => ({
  'plan/manifest.md': `---
project: thing
mode: spec-driven
---

# A thing

| Phase | Sprint | Spec | Status | Depends On |
|-------|--------|------|--------|------------|
${names.map((name) => `| 1 | 1 | ${name} | draft | -- |`).join('\n')}
`,
  ...Object.fromEntries(
    names.map((name) => [
      `plan/specs/${name}-spec.md`,
      `---
name: ${name}
phase: 1
sprint: 1
depends_on: []
status: draft
---

# ${name}

## Overview
Makes ${name} work. It is small.

## Requirements
- REQ-1: ${name} exists

## Acceptance Criteria
- [ ] AC-1: ${name} can be used

## Files
| File | Action | Purpose |
|------|--------|---------|
| src/${name}.ts | create | the code |

## Tasks
1. Write ${name} for REQ-1
`,
    ]),
  ),
  'plan/workflow.md': workflow,
})

export const taskPlan = (
  phases: readonly { id: string; after: readonly string[]; tasks: number }[],
): Record<string, string> => ({
  'plan/task_plan.md': `# Build a thing

## Goal
A thing that works.

${phases
  .map(
    ({ id, after, tasks }) => `## Phase ${id}: Part ${id}
${after.length > 0 ? `**Depends on:** ${after.map((one) => `Phase ${one}`).join(', ')}\n` : ''}
### Tasks
${Array.from({ length: tasks }, (_, i) => `- [ ] Write step ${i + 1} in \`src/part-${id}.ts\``).join('\n')}

**Status:** pending
`,
  )
  .join('\n')}`,
  'plan/workflow.md': workflow,
})

export const buildCommand = 'test -d src'
export const testCommand = 'test -f src/index.ts'

const workflow = `---
project:
  build_cmd: "${buildCommand}"
  test_cmd: "${testCommand}"
---
`

/** A small project: enough files that git has something to look at. */
export const projectFiles = (): Record<string, string> => ({
  'README.md': '# A thing\n',
  'src/index.ts': 'export {}\n',
  ...Object.fromEntries(
    Array.from({ length: 100 }, (_, i) => [`src/lib/part-${i}.ts`, `export const part${i} = ${i}\n`]),
  ),
})
