import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'

import { snapshotPlanSource } from '../../../src/adapters/github/snapshot-plan.ts'
import { sha } from '../../../src/core/model/ids.ts'
import { ingest } from '../../../src/core/ingest/ingest.ts'
import { type Project, refusal, type Rig, startRig, value } from './rig.ts'

let rig: Rig
let shop: Project

beforeAll(async () => {
  rig = await startRig()
  shop = await rig.repository('shop')
})
afterAll(() => rig.close())

const operations = (from: number): (string | undefined)[] =>
  rig.github.requests
    .slice(from)
    .filter(({ as }) => as === rig.app.bot)
    .map(({ operation, path }) => operation ?? path)

describe('files at a commit', () => {
  test.each([3, 40])('are read in one request, %d specs or any number', async (count) => {
    const names = Array.from({ length: count }, (_, i) => `part-${i}`)
    const rows = names.map((name, i) => `| ${i + 1} | 1 | [${name}](specs/${name}-spec.md) | draft | - |`)
    const manifest = [
      '# Shop',
      '',
      '| Phase | Sprint | Spec | Status | Depends on |',
      '|-|-|-|-|-|',
      ...rows,
      '',
    ]
    const specs = Object.fromEntries(names.map((name) => [`p${count}/specs/${name}-spec.md`, `# ${name}\n`]))
    const head = await shop.push(`specs-${count}`, {
      [`p${count}/manifest.md`]: manifest.join('\n'),
      ...specs,
    })
    const before = rig.github.requests.length
    const snapshot = value(await shop.forge.files(head, { dirs: [`p${count}`], paths: ['README.md'] }))
    expect(operations(before)).toEqual(['OrchestrateFiles'])
    expect(snapshot.files.size).toBe(count + 2)
    expect(snapshot.skipped).toEqual([])
    const { plan } = await ingest(snapshotPlanSource(snapshot, `p${count}`))
    expect(plan?.mode).toBe('spec-driven')
    expect(plan?.phases.flatMap((phase) => phase.specs)).toHaveLength(count)
  })

  test('are those of that commit, three levels deep', async () => {
    const head = await shop.push('deep', {
      'p/a.md': '1',
      'p/x/b.md': '2',
      'p/x/y/c.md': '3',
      'p/x/y/z/d.md': '4',
      'q/e.md': '5',
    })
    await shop.push('deep', { 'p/a.md': 'changed' }, 'deep')
    const { files } = value(
      await shop.forge.files(head, { dirs: ['p', 'not-there'], paths: ['nor/this.md'] }),
    )
    expect([...files].map(([path, { text }]) => [path, text]).sort()).toEqual([
      ['p/a.md', '1'],
      ['p/x/b.md', '2'],
      ['p/x/y/c.md', '3'],
    ])
  })

  test('come as they were written: byte order mark, line ends, other encodings, nothing', async () => {
    const latin = Buffer.from('caf\xe9\n', 'latin1')
    const head = await shop.push('bytes', {
      'p/bom.md': '\uFEFF# Title\r\n',
      'p/latin.md': latin,
      'p/empty.md': '',
      'p/picture.png': Buffer.from([137, 80, 78, 71, 0, 1, 2, 255]),
      'p/ünï.md': 'ü\n',
    })
    const { files, skipped } = value(await shop.forge.files(head, { dirs: ['p'], paths: [] }))
    expect(files.get('p/bom.md')).toEqual({ text: '\uFEFF# Title\r\n', invalidUtf8: false, bytes: 12 })
    expect(files.get('p/latin.md')).toEqual({ text: 'caf\uFFFD\n', invalidUtf8: true, bytes: 5 })
    expect(files.get('p/empty.md')).toEqual({ text: '', invalidUtf8: false, bytes: 0 })
    expect(files.get('p/ünï.md')?.text).toBe('ü\n')
    expect(skipped).toEqual(['p/picture.png'])
  })

  test('that are too long for GraphQL are read one by one, to a limit', async () => {
    const long = 'word '.repeat(150_000)
    const head = await shop.push('long', {
      'p/long.md': long,
      'p/endless.md': long.repeat(8),
      'p/short.md': 's',
    })
    const { files, skipped } = value(await shop.forge.files(head, { dirs: ['p'], paths: [] }))
    expect(files.get('p/long.md')?.text).toBe(long)
    expect(files.get('p/short.md')?.text).toBe('s')
    expect(skipped).toEqual(['p/endless.md'])
  })

  test('behind links are those that the links lead to, inside of the repository only', async () => {
    const head = await shop.push('links', {
      'AGENTS.md': 'rules\n',
      'p/other.md': 'spec\n',
      'CLAUDE.md': { link: 'AGENTS.md' },
      'p/specs/a.md': { link: '../other.md' },
      'p/out.md': { link: '../../etc/passwd' },
      'p/round.md': { link: 'round.md' },
    })
    const { files, skipped } = value(
      await shop.forge.files(head, { dirs: ['p/specs'], paths: ['CLAUDE.md', 'p/out.md', 'p/round.md'] }),
    )
    expect(files.get('CLAUDE.md')?.text).toBe('rules\n')
    expect(files.get('p/specs/a.md')?.text).toBe('spec\n')
    expect(skipped).toEqual(['p/out.md', 'p/round.md'])
  })

  test('of a plan in the root leave the project itself unread', async () => {
    const head = await shop.push('root', {
      'task_plan.md': '# Shop\n\n## Phase 1: Set-up\n\n- [ ] 1.1 Create the config\n',
      'specs/a-spec.md': '# a\n',
      'src/main.ts': 'code',
      'package.json': '{}',
    })
    const { files, skipped } = value(await shop.forge.files(head, { dirs: ['.'], paths: [] }))
    expect([...files.keys()].sort()).toEqual(['README.md', 'package.json', 'specs/a-spec.md', 'task_plan.md'])
    expect(skipped).toEqual(['src/main.ts'])
  })

  test('by paths that are no paths are not there', async () => {
    const head = await shop.push('paths', { 'p/a.md': 'a' })
    const paths = ['../p/a.md', '/etc/passwd', 'p//a.md', 'p/./a.md', 'p/a.md\n', '', 'p/a.md"}']
    const { files, skipped } = value(await shop.forge.files(head, { dirs: ['../p', 'p/../p'], paths }))
    expect([...files.keys(), ...skipped]).toEqual([])
  })

  test('at a commit that is not there are refused', async () => {
    const none = sha('0123456789'.repeat(4))
    expect(refusal(await shop.forge.files(none, { dirs: ['p'], paths: [] }))).toMatchObject({
      reason: 'forge-refused',
      message: `Commit ${none} is not in acme/shop.`,
    })
  })
})
