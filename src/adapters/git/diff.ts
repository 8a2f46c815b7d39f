import type { Sha } from '../../core/model/ids.ts'
import type { Change } from '../../core/ports.ts'
import { compareTrees, type Difference } from './compare-trees.ts'
import type { Git } from './git.ts'
import type { ObjectStore } from './object-store.ts'

/** Paths on one command line: well below the 128 KiB that Linux allows for one argument list's smallest setting. */
const MAX_ARGUMENT_BYTES = 60_000

/** What differs between two trees or commits, file by file. A rename is a deletion and an addition. */
export async function changes(objects: ObjectStore, from: Sha, to: Sha): Promise<Change[]> {
  if (from === to) return []
  const [before, after] = await Promise.all([objects.treeOf(from), objects.treeOf(to)])
  const found = await compareTrees(objects, before, after)
  return await Promise.all(
    found.map(async (one): Promise<Change> => {
      const mode = one.after === undefined ? NO_MODE : gitMode(one.after.mode)
      const isBlob = one.after !== undefined && mode !== SUBMODULE_MODE
      return {
        path: Buffer.from(one.path, 'latin1').toString('utf8'),
        kind: kindOf(one),
        mode,
        bytes: isBlob ? ((await objects.info(one.after?.sha ?? ''))?.size ?? 0) : 0,
      }
    }),
  )
}

const NO_MODE = '000000'
const SUBMODULE_MODE = '160000'

function kindOf({ before, after }: Difference): Change['kind'] {
  if (before === undefined) return 'added'
  if (after === undefined) return 'deleted'
  return typeOf(before.mode) === typeOf(after.mode) ? 'modified' : 'type-changed'
}

/** File, link or submodule: what stands before the permissions. */
const typeOf = (mode: string): string => mode.padStart(6, '0').slice(0, 2)

/** Trees of old may hold other permissions of files; git itself knows two of them. */
function gitMode(mode: string): string {
  if (typeOf(mode) !== '10') return mode.padStart(6, '0')
  return (parseInt(mode, 8) & 0o100) === 0 ? '100644' : '100755'
}

/** Unified diff of two trees or commits, at most `maxBytes` and then a line that says so. */
export async function patch(
  git: Git,
  from: Sha,
  to: Sha,
  maxBytes: number,
  paths?: string[],
): Promise<string> {
  if (from === to || paths?.length === 0) return ''
  let left = maxBytes
  let text = ''
  for (const some of paths === undefined ? [[]] : chunks(paths)) {
    const result = await git.run(
      [
        'diff-tree',
        '-r',
        '-p',
        '-M',
        '--no-color',
        '--no-ext-diff',
        '--no-textconv',
        from,
        to,
        '--',
        ...some,
      ],
      { maxBytes: left },
    )
    if (result.truncated) {
      const kept = result.stdout.subarray(0, left)
      // At the end of a line, so that no character and no line is cut in two.
      text += kept.subarray(0, kept.lastIndexOf(10) + 1).toString('utf8')
      return `${text}[diff cut at ${maxBytes} bytes]\n`
    }
    text += result.stdout.toString('utf8')
    left -= result.stdout.length
  }
  return text
}

function chunks(paths: readonly string[]): string[][] {
  const all: string[][] = [[]]
  let bytes = 0
  for (const path of paths) {
    bytes += Buffer.byteLength(path) + 1
    if (bytes > MAX_ARGUMENT_BYTES) {
      all.push([])
      bytes = Buffer.byteLength(path) + 1
    }
    all.at(-1)?.push(path)
  }
  return all
}
