import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { cacheOf, evaluate, scriptOf } from './load-program.ts'
import type { program } from './program.ts'

/**
 * usage: node warm-up.js BUNDLE PACKAGE_ROOT VERSION
 *
 * Run by the build: the bundle works a small plan to its end, and what V8 compiled on the way is left beside it. A compiled
 * form that is made before the bundle has worked holds hardly any of its functions.
 */
const [bundle = '', packageRoot = '', version = ''] = process.argv.slice(2)

const spec = (name: string): string => `---
name: ${name}
phase: 1
sprint: 1
depends_on: []
status: draft
---

# ${name}

## Overview
Makes ${name} work.

## Requirements
- REQ-1: ${name} exists

## Acceptance Criteria
- [ ] AC-1: ${name} can be used

## Files
| File | Action | Purpose |
|------|--------|---------|
| src/${name}.txt | create | the text |

## Tasks
1. Write it
`

const FILES: Readonly<Record<string, string>> = {
  'plan/manifest.md': `---
project: warm-up
mode: spec-driven
---

# Warm-up

| Phase | Sprint | Spec | Status | Depends On |
|-------|--------|------|--------|------------|
| 1 | 1 | one | draft | -- |
| 1 | 1 | two | draft | -- |
`,
  'plan/specs/one-spec.md': spec('one'),
  'plan/specs/two-spec.md': spec('two'),
  'plan/workflow.md': '---\nproject:\n  build_cmd: "true"\n  test_cmd: "true"\n---\n',
  'agent.sh': `if [ "$ORCHESTRATE_STEP" = implement ]; then
  mkdir -p src && echo done >"src/$ORCHESTRATE_UNIT.txt"
  printf '{"nonce":"%s","summary":"Wrote it."}' "$ORCHESTRATE_NONCE" >"$ORCHESTRATE_ARTIFACT"
else
  printf '{"nonce":"%s","summary":"Read it.","findings":[]}' "$ORCHESTRATE_NONCE" >"$ORCHESTRATE_ARTIFACT"
fi
`,
}

/** Nothing of who builds: no configuration of theirs, and no worktrees of ours in their home. */
const envIn = (place: string): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  HOME: place,
  TMPDIR: place,
  GIT_CONFIG_NOSYSTEM: '1',
})

function makeProject(cwd: string, env: Record<string, string>): void {
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(cwd, path)), { recursive: true })
    writeFileSync(join(cwd, path), text)
  }
  const identity = ['-c', 'user.name=Orchestrate', '-c', 'user.email=orchestrate@localhost']
  for (const args of [
    ['init', '--quiet'],
    ['add', '--all'],
    [...identity, 'commit', '--quiet', '--message', 'Begin'],
  ])
    execFileSync('git', args, { cwd, env })
}

const place = mkdtempSync(join(tmpdir(), 'orchestrate-warm-up-'))
try {
  const cwd = join(place, 'project')
  const env = envIn(place)
  makeProject(cwd, env)
  const script = scriptOf(bundle)
  const loaded = evaluate<{ program: typeof program }>(script, bundle)
  const { stdin, stdout, stderr, versions } = process
  const streams = { stdin, stdout, stderr }
  const args = ['run', 'plan', '--yes', '--json', '--agent', 'command', '--agent-command', 'sh agent.sh']
  process.exitCode = await loaded.program(args, {
    ...streams,
    cwd,
    env,
    version,
    nodeVersion: versions.node,
    packageRoot,
    program: 'orchestrate',
  })
  // Whole or not at all: a start may look for it at this moment.
  const cache = cacheOf(bundle)
  const unfinished = `${cache}.${process.pid}`
  writeFileSync(unfinished, script.createCachedData())
  renameSync(unfinished, cache)
} finally {
  rmSync(place, { recursive: true, force: true, maxRetries: 5 })
}
