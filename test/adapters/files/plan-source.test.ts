import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPlanSource } from '../../../src/adapters/files/plan-source.ts'
import { ingest } from '../../../src/core/ingest/ingest.ts'
import type { PlanSource } from '../../../src/core/ports.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'plan-source-'))
  await mkdir(join(root, 'docs/plan/specs'), { recursive: true })
})
afterEach(() => rm(root, { recursive: true, force: true }))

const open = async (path = 'docs/plan'): Promise<PlanSource> => {
  const opened = await openPlanSource({ path, cwd: root, root })
  if (!opened.ok) throw new Error(opened.error.map((f) => f.message).join())
  return opened.value
}
const failureOf = async (path: string, at = root): Promise<string[]> => {
  const opened = await openPlanSource({ path, cwd: root, root: at })
  return opened.ok ? [] : opened.error.map((f) => `${f.reason}: ${f.message}`)
}

describe('openPlanSource', () => {
  it('names a directory that does not exist by its absolute path', async () => {
    expect(await failureOf('nope')).toEqual([`no-such-directory: ${join(root, 'nope')} does not exist.`])
  })

  it('takes a file of a plan for its directory, and any other for itself', async () => {
    await writeFile(join(root, 'docs/plan/task_plan.md'), '')
    await writeFile(join(root, 'a.md'), 'x')
    const index = await open('docs/plan/task_plan.md')
    expect([index.dir, index.file]).toEqual(['docs/plan', undefined])
    const alone = await open('a.md')
    expect([alone.dir, alone.file, (await alone.read('a.md'))?.text]).toEqual(['', 'a.md', 'x'])
  })

  it('refuses a directory outside the repository, also behind a link', async () => {
    await symlink(tmpdir(), join(root, 'out'))
    expect(await failureOf('docs', join(root, 'docs/plan'))).toHaveLength(1)
    expect((await failureOf('out'))[0]).toMatch(/^plan-outside-git: /)
  })

  it('knows its place in the repository, the root itself too', async () => {
    expect((await open()).dir).toBe('docs/plan')
    expect((await open('.')).dir).toBe('')
  })
})

describe('reading', () => {
  it('reads text as it is, marks and line ends too', async () => {
    await writeFile(join(root, 'docs/plan/task_plan.md'), '\uFEFFa\r\nb')
    expect(await (await open()).read('task_plan.md')).toEqual({ text: '\uFEFFa\r\nb', invalidUtf8: false })
  })

  it('replaces bytes that are no UTF-8 and says so', async () => {
    await writeFile(join(root, 'docs/plan/a.md'), Buffer.from([0x61, 0xff, 0x62]))
    expect(await (await open()).read('a.md')).toEqual({ text: 'a\uFFFDb', invalidUtf8: true })
  })

  it('has no text for what is absent, a directory, or a link out of the repository', async () => {
    await symlink('/etc/hostname', join(root, 'docs/plan/link.md'))
    const source = await open()
    expect(await source.read('absent.md')).toBeUndefined()
    expect(await source.read('specs')).toBeUndefined()
    expect(await source.read('link.md')).toBeUndefined()
    expect(await source.read('../../../../etc/hostname')).toBeUndefined()
  })

  it('stops after 5 MB, and the plan says that it is too long', async () => {
    const file = join(root, 'docs/plan/task_plan.md')
    await writeFile(file, '## Phase 1: A\n')
    await truncate(file, 50_000_000)
    const source = await open()
    expect((await source.read('task_plan.md'))?.text).toHaveLength(5_000_000)
    const told = (await ingest(source)).diagnostics.map(({ rule }) => rule)
    // What a hole in a file holds are NUL bytes.
    expect(told).toEqual(expect.arrayContaining(['file-too-long', 'not-utf-8']))
  })
})

describe('listing', () => {
  it('lists files up to two levels deep, sorted, and no hidden directories', async () => {
    for (const path of [
      'z.md',
      'a.md',
      'specs/b-spec.md',
      'specs/old/c.md',
      'specs/old/d/e.md',
      '.git/x.md',
    ]) {
      await mkdir(join(root, 'docs/plan', path, '..'), { recursive: true })
      await writeFile(join(root, 'docs/plan', path), '')
    }
    expect(await (await open()).list()).toEqual(['a.md', 'specs/b-spec.md', 'specs/old/c.md', 'z.md'])
  })

  it('finds the documents of the project', async () => {
    for (const path of [
      'CLAUDE.md',
      'src/AGENTS.md',
      'README.md',
      'docs/CODEBASE_MAP.md',
      'docs/api/x.md',
      'src/x.md',
      'node_modules/p/README.md',
    ]) {
      await mkdir(join(root, path, '..'), { recursive: true })
      await writeFile(join(root, path), 'text')
    }
    expect((await (await open()).documents()).map((d) => `${d.path} ${d.kind} ${d.bytes}`)).toEqual([
      'CLAUDE.md agent-instructions 4',
      'README.md readme 4',
      'docs/CODEBASE_MAP.md codebase-map 4',
      'docs/api/x.md doc 4',
      'src/AGENTS.md agent-instructions 4',
    ])
  })
})
