import type { Sha } from '../../core/model/ids.ts'
import type { Change } from '../../core/ports.ts'
import type { Git } from './git.ts'
import type { ObjectStore } from './object-store.ts'

const KINDS: Readonly<Record<string, Change['kind']>> = {
  A: 'added',
  C: 'added',
  M: 'modified',
  D: 'deleted',
  T: 'type-changed',
}

/** Paths on one command line: well below the 128 KiB that Linux allows for one argument list's smallest setting. */
const MAX_ARGUMENT_BYTES = 60_000

/** What differs between two trees or commits, file by file. A rename is a deletion and an addition. */
export async function changes(git: Git, objects: ObjectStore, from: Sha, to: Sha): Promise<Change[]> {
  if (from === to) return []
  const output = await git.text(['diff-tree', '-r', '-z', '--raw', '--no-renames', '--no-abbrev', from, to])
  const parts = output.split('\0')
  const found: { path: string; kind: Change['kind']; mode: string; blob: string }[] = []
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const [, mode = '', , blob = '', letter = ''] = (parts[i] ?? '').split(' ')
    found.push({ path: parts[i + 1] ?? '', kind: KINDS[letter[0] ?? ''] ?? 'modified', mode, blob })
  }
  return Promise.all(
    found.map(async ({ path, kind, mode, blob }) => {
      const isBlob = mode !== '000000' && mode !== '160000'
      return { path, kind, mode, bytes: isBlob ? ((await objects.info(blob))?.size ?? 0) : 0 }
    }),
  )
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
