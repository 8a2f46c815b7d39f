/** Each way of putting a plan right, in a task plan and in a manifest: the patch leaves nothing of what asked for it. */
import { describe, expect, test } from '@jest/globals'
import { ingest } from '../../../src/core/ingest/ingest.ts'
import { proposeRevision } from '../../../src/core/pipeline/revise.ts'
import { reviewPlan } from '../../../src/core/review/review.ts'
import { memorySource } from '../ingest/memory-source.ts'

type Files = Record<string, string>

async function reviewed(files: Files) {
  const { plan } = await ingest(memorySource(files))
  if (plan === undefined) throw new Error('no plan')
  return { plan, found: reviewPlan(plan).diagnostics }
}

async function mended(files: Files, repository: string[] = []) {
  const { plan } = await reviewed(files)
  const proposed = await proposeRevision(memorySource(files), plan, () =>
    Promise.resolve({ files: repository }),
  )
  if (!proposed.ok) throw new Error(JSON.stringify(proposed.error))
  return {
    changes: proposed.value.changes.map(({ what }) => what),
    files: { ...files, ...Object.fromEntries(proposed.value.files) },
  }
}

const task = (text: string): Files => ({ 'task_plan.md': text })
const criteria = '\n**Acceptance criteria**\n- `npm test` ends with 0\n'

const row = (name: string, phase: string, sprint: string, on: string): string =>
  `| ${phase} | ${sprint} | ${name} | pending | ${on} |`
const spec = (
  name: string,
  {
    tasks = [`Write \`src/${name}.ts\` and \`test/${name}.test.ts\``],
    more = '',
    files = `| src/${name}.ts | create | ${name} |`,
  } = {},
): string =>
  `---\nname: ${name}\n---\n# ${name}\n\n## Overview\nThe ${name}.\n\n## Requirements\n- REQ-1: Alpha of ${name}\n\n## Acceptance Criteria\n- AC-1: REQ-1 is shown by \`npm test ${name}\`\n\n## Technical Approach\nPlain.\n${files === '' ? '' : `\n## Files\n| File | Action | Purpose |\n| --- | --- | --- |\n${files}\n`}\n## Tasks\n${tasks.map((one, at) => `${at + 1}. ${one} (REQ-1)\n`).join('')}${more}`
const manifest = (rows: string[], specs: Files): Files => ({
  'manifest.md': `# Plan\n\n| Phase | Sprint | Spec | Status | Depends On |\n| --- | --- | --- | --- | --- |\n${rows.join('\n')}\n`,
  ...Object.fromEntries(Object.entries(specs).map(([name, text]) => [`specs/${name}-spec.md`, text])),
})
const NAMES = ['ant', 'bee', 'cat', 'dog', 'elk', 'fox']

const MENDS: {
  rule: string
  files: Files
  changes: string[]
  repository?: string[]
  shows: [string, string][]
}[] = [
  {
    rule: 'forward-dependency',
    files: task(
      `# P\n\n## Phase 1: A\n**Depends on:** Phase 2\n- [ ] Write \`src/a.ts\`, tested in \`test/a.test.ts\`\n${criteria}\n## Phase 2: B\n- [ ] Write \`src/b.ts\`, tested in \`test/b.test.ts\`\n${criteria}\n## Notes\nEnd.\n`,
    ),
    changes: ['Move phase 1 behind phase 2'],
    shows: [
      [
        'task_plan.md',
        `${criteria}\n## Phase 1: A\n**Depends on:** Phase 2\n- [ ] Write \`src/a.ts\`, tested in \`test/a.test.ts\`\n${criteria}\n## Notes\nEnd.\n`,
      ],
    ],
  },
  {
    rule: 'no-tests',
    files: task(
      `# P\n\n## Phase 1: A\n- [ ] Write \`src/a.ts\`\n  - with care\n${criteria.replace('npm test', 'npm start')}`,
    ),
    changes: ['Add to phase 1: Test what `src/a.ts` does, failures too'],
    shows: [['task_plan.md', '  - with care\n- [ ] Test what `src/a.ts` does, failures too\n']],
  },
  {
    rule: 'no-docs',
    files: task(
      `# P\n\n## Phase 1: A\n1. Add the CLI in \`src/cli.ts\`, tested in \`test/cli.test.ts\`\n${criteria}`,
    ),
    changes: ['Add to phase 1: Describe CLI of phase 1 in `README.md`'],
    shows: [['task_plan.md', '2. Describe CLI of phase 1 in `README.md`\n']],
  },
  {
    rule: 'no-infrastructure',
    files: task(
      `# P\n\n## Phase 1: A\n- [ ] Keep sessions in Redis by \`src/a.ts\`, tested in \`test/a.test.ts\`\n${criteria}`,
    ),
    changes: ['Add to phase 1: Provide Redis for development and tests in `docker-compose.yml`'],
    shows: [['task_plan.md', '- [ ] Provide Redis for']],
  },
  {
    rule: 'no-migration',
    files: task(
      `# P\n\n## Phase 1: A\n- [ ] Add column \`mail\` in \`src/a.ts\`, tested in \`test/a.test.ts\`\n${criteria}`,
    ),
    changes: [
      'Add to phase 1: Write the migration: how existing data gets to the new schema, and how to go back',
    ],
    shows: [['task_plan.md', '- [ ] Write the migration: how']],
  },
  {
    rule: 'no-setup',
    files: task(
      `# P\n\nA new app.\n\n## Phase 1: A\n- [ ] Implement \`src/a.ts\`, tested in \`test/a.test.ts\`\n${criteria}`,
    ),
    changes: ['Add to phase 1: Set up the project skeleton: package manifest, build command, test command'],
    shows: [['task_plan.md', '## Phase 1: A\n- [ ] Set up the project skeleton']],
  },
  {
    rule: 'no-file-targets',
    files: task(
      `# P\n\n## Phase 1: A\n**Status:** pending\n\n- [ ] Let the session store forget\n- [ ] Test \`RateLimit\` with a clock\n${criteria}`,
    ),
    repository: ['src/session-store.ts', 'src/rate_limit.ts', 'test/session-store.test.ts', 'src/a.ts'],
    changes: ['Name src/session-store.ts, src/rate_limit.ts in phase 1'],
    shows: [
      [
        'task_plan.md',
        '**Status:** pending\n\n**Files:** `src/session-store.ts`, `src/rate_limit.ts`\n\n- [ ]',
      ],
    ],
  },
  {
    rule: 'too-many-tasks',
    files: task(
      `# P\n\n## Phase 1: A\n${NAMES.map((name) => `- [ ] Write \`src/${name}.ts\`, tested in \`test/${name}.test.ts\`\n`).join('')}${criteria}`,
    ),
    changes: ['Split phase 1 into 1a (1.1, 1.2, 1.3) and 1b (1.4, 1.5, 1.6)'],
    shows: [['task_plan.md', '## Phase 1b: A\n']],
  },
  {
    rule: 'implicit-dependency',
    files: task(
      `# P\n\n## Phase 1: A\n- [ ] Write \`src/a.ts\`, tested in \`test/a.test.ts\`\n${criteria}\n## Phase 2: B\n**Depends on:** Phase 1\n- [ ] Write \`src/b.ts\`, tested in \`test/b.test.ts\`\n${criteria}\n## Phase 3: C\n**Depends on:** Phase 1\n- [ ] Change \`src/b.ts\`, tested in \`test/c.test.ts\`\n${criteria}`,
    ),
    changes: ['Let phase 3 depend on phase 2'],
    shows: [['task_plan.md', '**Depends on:** Phase 1, Phase 2\n']],
  },
  {
    rule: 'sprint-order',
    files: manifest([row('ant', '1', '1', '—'), row('bee', '1', '1', 'ant'), row('cat', '1', '1', 'bee')], {
      ant: spec('ant'),
      bee: spec('bee'),
      cat: spec('cat'),
    }),
    changes: ['Move spec bee to sprint 2', 'Move spec cat to sprint 3'],
    shows: [['manifest.md', '| 1 | 3 | cat |']],
  },
  {
    rule: 'unmet-need',
    files: manifest([row('ant', '1', '1', '—'), row('bee', '1', '2', '—')], {
      ant: spec('ant', { more: '\n## Dependencies\n- Provides to bee: the nest\n' }),
      bee: spec('bee', { more: '\n## Dependencies\n- Needs from ant: the nest\n' }),
    }),
    changes: ['Let spec bee depend on spec ant'],
    shows: [['manifest.md', '| 1 | 2 | bee | pending | ant |']],
  },
  {
    rule: 'too-many-tasks',
    files: manifest(
      NAMES.map((name) => row(name, '1', '1', '—')),
      Object.fromEntries(NAMES.map((name) => [name, spec(name)])),
    ),
    changes: NAMES.map((name, at) => `Move spec ${name} to phase 1${at < 3 ? 'a' : 'b'}`),
    shows: [['manifest.md', '| 1b | 1 | dog |']],
  },
  {
    rule: 'no-docs',
    files: manifest([row('ant', '1', '1', '—')], {
      ant: spec('ant', { tasks: ['Add the CLI to `src/ant.ts`, tested in `test/ant.test.ts`'] }),
    }),
    changes: ['Add to phase 1: Describe CLI of phase 1 in `README.md`'],
    shows: [['specs/ant-spec.md', '2. Describe CLI of phase 1 in `README.md`\n']],
  },
  {
    rule: 'no-file-targets',
    files: manifest([row('ant', '1', '1', '—')], {
      ant: spec('ant', { files: '', tasks: ['Let the session store forget, with a test'] }),
    }),
    repository: ['src/session-store.ts'],
    changes: ['Name src/session-store.ts in phase 1'],
    shows: [
      [
        'specs/ant-spec.md',
        '## Files\n\n| File | Action | Purpose |\n| --- | --- | --- |\n| src/session-store.ts | modify |',
      ],
    ],
  },
]

describe('a plan is put right', () => {
  test.each(MENDS.map((mend) => [mend.rule, Object.keys(mend.files)[0], mend] as const))(
    'where there is %s in %s',
    async (rule, _, { files, changes, repository, shows }) => {
      const before = await reviewed(files)
      expect(before.found.map((found) => found.rule)).toContain(rule)
      const after = await mended(files, repository)
      expect(after.changes).toEqual(changes)
      for (const [path, text] of shows) expect(after.files[path]).toContain(text)
      const { found } = await reviewed(after.files)
      expect(found.filter((one) => one.rule === rule)).toEqual([])
      const rules = new Set(before.found.map((one) => one.rule))
      expect(
        found.filter(
          (one) => one.severity !== 'info' && !rules.has(one.rule) && one.rule !== 'no-acceptance-criteria',
        ),
      ).toEqual([])
      expect((await mended(after.files, repository)).changes).toEqual([])
    },
  )

  test('with the line ends that it has, also where the last line has none', async () => {
    const windows = (text: string): string => text.replaceAll('\n', '\r\n')
    const open = (text: string): string => text.trimEnd()
    const mapped = (files: Files, change: (text: string) => string): Files =>
      Object.fromEntries(Object.entries(files).map(([path, text]) => [path, change(text)]))
    for (const { files, repository } of MENDS) {
      const lf = await mended(files, repository)
      for (const change of [windows, open, (text: string) => windows(open(text))]) {
        const { files: changed } = await mended(mapped(files, change), repository)
        expect(changed).toEqual(mapped(lf.files, change))
      }
    }
  })
})
