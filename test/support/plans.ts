/** Small plans for end-to-end tests. `sh -c` commands stand for builds and tests. */

export const workflow = (
  over: { build?: string; test?: string; gates?: string; retries?: number; more?: string } = {},
): string =>
  `---
project:
  build_cmd: ${JSON.stringify(over.build ?? 'true')}
  test_cmd: ${JSON.stringify(over.test ?? 'true')}
execution:
  max_phase_retries: ${over.retries ?? 2}
  gates: ${over.gates ?? '{ between_phases: auto, on_failure: ask }'}
${over.more ?? ''}---
`

/** Task-based: phases with their dependencies, one task each that names its file. */
export const taskPlan = (
  phases: { id: string; after?: string[]; tasks?: string[]; body?: string }[],
): string =>
  `# Build a thing

## Goal
A thing that works.

${phases
  .map(
    ({ id, after, tasks, body }) => `## Phase ${id}: Part ${id}
${after && after.length > 0 ? `**Depends on:** ${after.map((a) => `Phase ${a}`).join(', ')}\n` : ''}
${body ?? ''}
### Tasks
${(tasks ?? [`Write part ${id} in \`part-${id}.txt\``]).map((task) => `- [ ] ${task}`).join('\n')}

### Acceptance Criteria
- AC-${id}: part ${id} is there

**Status:** pending
`,
  )
  .join('\n')}`

export const specPlan = (
  specs: { name: string; phase: number; sprint: number; dependsOn?: string[]; files?: string[] }[],
): Record<string, string> => ({
  'manifest.md': `---
project: thing
mode: spec-driven
---

# A thing

| Phase | Sprint | Spec | Status | Depends On |
|-------|--------|------|--------|------------|
${specs.map((s) => `| ${s.phase} | ${s.sprint} | ${s.name} | draft | ${s.dependsOn?.join(', ') || '--'} |`).join('\n')}
`,
  ...Object.fromEntries(
    specs.map((s) => [
      `specs/${s.name}-spec.md`,
      `---
name: ${s.name}
phase: ${s.phase}
sprint: ${s.sprint}
depends_on: [${s.dependsOn?.join(', ') ?? ''}]
status: draft
---

# ${s.name}

## Overview
Makes ${s.name} work. It is small.

## Requirements
- REQ-1: ${s.name} exists

## Acceptance Criteria
- [ ] AC-1: ${s.name} can be used

## Files
| File | Action | Purpose |
|------|--------|---------|
${(s.files ?? [`src/${s.name}.ts`]).map((file) => `| ${file} | create | the code |`).join('\n')}

## Tasks
1. Write ${s.name} for REQ-1
`,
    ]),
  ),
})
