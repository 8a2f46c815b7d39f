import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openRepository } from '../src/adapters/git/repository.ts'
import { sha, type Sha } from '../src/core/model/ids.ts'
import { type Bench, type Row, told } from './support/bench.ts'
import { median, ms, times } from './support/measure.ts'
import { cleanEnv, git, inTemp, makeRepository, wall } from './support/place.ts'

const FILES = 2_000
const ROUNDS = 30

/** What the engine pays git for: figures to compare versions of ourselves with, beside what one git process costs here. */
export const store: Bench = {
  name: 'store',
  about: `single operations on a repository of ${FILES} files`,
  run: () => inTemp(measure),
}

async function measure(dir: string): Promise<Row[]> {
  const files = Array.from({ length: FILES }, (_, i): [string, string] => [
    `src/part-${i % 40}/file-${i}.ts`,
    `export const value = ${i}\n`,
  ])
  const path = makeRepository(join(dir, 'repository'), Object.fromEntries(files))
  const opened = await openRepository({ cwd: path, env: cleanEnv(dir), clock: { now: () => Date.now() } })
  if (!opened.ok) throw new Error(opened.error.map((failure) => failure.message).join('\n'))
  const repository = opened.value
  try {
    const head = sha(git(path, 'rev-parse', 'HEAD'))
    const tree = await repository.treeOf(head)
    const at = 1_700_000_000
    const rows: Row[] = []
    const add = (name: string, taken: number[]): void => void rows.push(told(name, ms(median(taken))))

    const output = join(dir, 'output')
    const bare = await times(ROUNDS, async () =>
      wall('git', ['version'], { cwd: path, env: cleanEnv(dir), output }),
    )
    add('for comparison: git version, a process', bare)

    let expected: Sha | undefined
    const ledger = await times(ROUNDS, async (n) => {
      const event = { schema: 1, type: 'bench', n, at }
      const files = new Map([[`entry-${n}.json`, JSON.stringify(event)]])
      const appended = await repository.ledger.append({
        ref: 'refs/orchestrate/bench/run',
        expected,
        subject: `entry ${n}`,
        event,
        files,
        at,
      })
      if (!appended.ok) throw new Error('the chain moved')
      expected = appended.head
    })
    add('ledger: append an event with a file', ledger)

    add(
      'commit of a tree that is there',
      await times(ROUNDS, (n) => repository.commit({ tree, parents: [head], message: `commit ${n}\n`, at })),
    )

    const workspace = await repository.workspaces.open('bench', 'snapshots', head)
    add('snapshot, nothing changed', await times(ROUNDS, () => workspace.snapshot()))
    const dirty = await times(ROUNDS, (n) => {
      writeFileSync(
        join(workspace.path, 'src', 'part-0', 'file-0.ts'),
        `export const value = 'changed ${n}'\n`,
      )
      return workspace.snapshot()
    })
    add('snapshot, one file changed', dirty)

    const trees = await times(ROUNDS, async (n) => {
      const text = new Map([[`src/part-1/file-${1 + 40 * n}.ts`, 'export {}\n']])
      const changed = await repository.writeFiles(tree, text)
      await repository.changes(tree, changed)
    })
    add('write one file into a tree and list what changed', trees)

    const opening: number[] = []
    for (let n = 0; n < 10; n++) {
      const [taken = NaN] = await times(1, () => repository.workspaces.open('bench', `worktree-${n}`, head))
      opening.push(taken)
      await repository.workspaces.remove(await repository.workspaces.open('bench', `worktree-${n}`, head))
    }
    add(`open a worktree of ${FILES} files`, opening)
    return rows
  } finally {
    await repository.close()
    rmSync(path, { recursive: true, force: true, maxRetries: 5 })
  }
}
