/** A plan that the review has little to say about, for two phases that write a file each. */
export const TASK_PLAN = `# Two files

## Phase 1: First file

### Tasks

- [ ] Create a.txt

### Files to Create

- \`a.txt\`

### Acceptance Criteria

- AC-1: a.txt says "a"

## Phase 2: Second file

Depends on: Phase 1

### Tasks

- [ ] Create b.txt

### Files to Create

- \`b.txt\`

### Acceptance Criteria

- AC-2: b.txt says "b"
`

export const MANIFEST = `# Specs

| Phase | Sprint | Spec | Status | Depends On |
| --- | --- | --- | --- | --- |
| 1 | 1 | data | pending | |
`

/** Writes the file of its phase, and clean reviews. */
export const SCRIPT = JSON.stringify({
  steps: [
    { phase: '1', step: 'implement', edits: [{ write: 'a.txt', content: 'a\n' }] },
    { phase: '2', step: 'implement', edits: [{ write: 'b.txt', content: 'b\n' }] },
  ],
})

export const WORKFLOW = `---
project:
  build_cmd: test -e plan
  test_cmd: test -e plan
---
`

export const PLAN_FILES = {
  'plan/task_plan.md': TASK_PLAN,
  'plan/workflow.md': WORKFLOW,
  'plan/scripted.json': SCRIPT,
}
