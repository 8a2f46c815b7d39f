import { describe, expect, it } from '@jest/globals'
import { decodeText } from '../../../src/adapters/files/plan-limits.ts'
import { ingest } from '../../../src/core/ingest/ingest.ts'
import { pathFromRoot } from '../../../src/core/model/plan-path.ts'
import { reviewPlan } from '../../../src/core/review/review.ts'
import { RUN_PLANS, runPlan } from '../../formats/fixtures.ts'
import { planIn } from '../../formats/memory-plan.ts'

type FilesAsBytes = Readonly<Record<string, Buffer>>

/** A plan whose files are bytes, as they lie on a disk. */
function readBytes(files: FilesAsBytes, path: string): ReturnType<typeof ingest> {
  const texts = Object.fromEntries(Object.keys(files).map((name) => [name, '']))
  const source = planIn(texts, path)
  const read = (name: string) => {
    const bytes = files[pathFromRoot(source.dir, name)]
    return Promise.resolve(bytes === undefined ? undefined : decodeText(bytes))
  }
  return ingest({ ...source, read })
}

const SPEC = '# One\n\n## Requirements\n\n- REQ-1: a é b\n\n## Tasks\n\n1. Add src/a.ts (REQ-1)\n'
const MANIFEST =
  '| Phase | Sprint | Spec | Status | Depends On |\n|---|---|---|---|---|\n| 1 | 1 | one | draft | — |\n'
const text = (files: Readonly<Record<string, string>>): FilesAsBytes =>
  Object.fromEntries(Object.entries(files).map(([name, one]) => [name, Buffer.from(one)]))

interface Case {
  name: string
  files: FilesAsBytes
  path: string
  /** The file that is in another encoding, from the root, and from the plan's directory. */
  at: string
}

const CASES: Case[] = [
  {
    name: 'task_plan.md',
    files: text({ 'plan/task_plan.md': '# Plan\n\n## Phase 1: A\n\n- [ ] Add src/a.ts\n' }),
    path: 'plan',
    at: 'plan/task_plan.md',
  },
  ...['plan/manifest.md', 'plan/specs/one-spec.md'].map((at) => ({
    name: at,
    files: text({ 'plan/manifest.md': MANIFEST, 'plan/specs/one-spec.md': SPEC }),
    path: 'plan',
    at,
  })),
]

for (const name of RUN_PLANS) {
  const { files, path } = runPlan(name)
  const { plan } = await readBytes(text(files), path)
  if (plan === undefined) throw new Error(`${name} is not read`)
  CASES.push({ name, files: text(files), path, at: pathFromRoot(plan.dir, plan.index) })
}

/** The last line of a file says a word in another encoding. */
const said = (bytes: Buffer, word: Buffer): Buffer => Buffer.concat([bytes, Buffer.from('\n'), word])
const linesOf = (bytes: Buffer): number => bytes.toString().split('\n').length

/** Words that are no UTF-8. */
const WORDS: [string, Buffer][] = [
  ['Latin-1', Buffer.from('\xe9crire', 'latin1')],
  ['Windows-1252', Buffer.from('\x93quoted\x94', 'latin1')],
  ['Shift-JIS', Buffer.from([0x83, 0x41, 0x83, 0x76])],
  ['GBK', Buffer.from([0xd6, 0xd0, 0xce, 0xc4])],
]
const wide = (bytes: Buffer): Buffer => Buffer.from(bytes.toString(), 'utf16le')
const WIDE: [string, (bytes: Buffer) => Buffer, string][] = [
  ['UTF-16 with its mark', (bytes) => Buffer.concat([Buffer.from([0xff, 0xfe]), wide(bytes)]), 'UTF-16 '],
  ['UTF-16 BE with its mark', (b) => Buffer.concat([Buffer.from([0xfe, 0xff]), wide(b).swap16()]), 'UTF-16 '],
  ['UTF-16 LE', wide, 'UTF-16LE'],
  ['UTF-16 BE', (bytes) => wide(bytes).swap16(), 'UTF-16BE'],
]

describe.each(CASES)('$name in another encoding', ({ files, path, at }) => {
  const own = files[at] ?? Buffer.from('')
  const isJson = at.endsWith('.json')
  const inPlan = (problem: { file: string }): boolean => at.endsWith(problem.file)

  it.each(WIDE)('is not read as %s, and the hint says how to convert it', async (_name, change, hint) => {
    const { diagnostics } = await readBytes({ ...files, [at]: change(own) }, path)
    expect(diagnostics.filter(({ rule }) => rule === 'not-utf-8')).toEqual([
      expect.objectContaining({
        severity: 'error',
        line: 1,
        file: expect.stringMatching(/./),
        hint: expect.stringContaining(`iconv -f ${hint}`),
      }),
    ])
  })

  it.each(WORDS)(
    'is read with a word of %s, told with its line, and refused by a run',
    async (_name, word) => {
      const bytes = isJson
        ? Buffer.from(own.toString().replace('"title": "', '"title": "\0')).map((byte) =>
            byte === 0 ? 0xe9 : byte,
          )
        : said(own, word)
      const { plan, diagnostics } = await readBytes({ ...files, [at]: Buffer.from(bytes) }, path)
      const found = diagnostics.filter(({ rule }) => rule === 'not-utf-8')
      expect(found).toEqual([
        expect.objectContaining({ severity: 'error', hint: expect.stringContaining('iconv') }),
      ])
      expect(found.every(inPlan)).toBe(true)
      if (!isJson) expect(found[0]?.line).toBe(linesOf(own) + 1)
      if (plan === undefined) throw new Error('not read')
      expect(reviewPlan(plan, { 'not-utf-8': 'off' }).blocking.map(({ rule }) => rule)).toEqual(['not-utf-8'])
    },
  )

  it('means the same with CRLF and a byte order mark', async () => {
    const before = await readBytes(files, path)
    const crlf = `\uFEFF${own.toString().replace(/\r?\n/g, '\r\n')}`
    const { plan } = await readBytes({ ...files, [at]: Buffer.from(crlf) }, path)
    const told = (phases = before.plan?.phases) =>
      phases?.map(({ id, title, status, tasks }) => [id, title, status, tasks.map((task) => task.title)])
    expect(told(plan?.phases ?? [])).toEqual(told())
    expect(plan?.diagnostics.filter(({ rule }) => rule === 'not-utf-8')).toEqual([])
  })
})

describe('a plan with NUL bytes', () => {
  it('is read, and told the first line where one stands', async () => {
    const bytes = Buffer.from('# Plan\n\n## Phase 1: A\n\n- [ ] Add \0src/a.ts\n')
    const { plan, diagnostics } = await readBytes({ 'plan/task_plan.md': bytes }, 'plan')
    expect(plan?.phases.map(({ id }) => id)).toEqual(['1'])
    expect(diagnostics).toMatchObject([{ rule: 'not-utf-8', severity: 'warning', line: 5 }])
    expect(plan && reviewPlan(plan).blocking).toEqual([])
  })
})
