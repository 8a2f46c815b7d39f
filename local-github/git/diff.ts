/** What changed between two commits, as GitHub lists files. */
import type { GitRepository } from './repository.ts'
import { mustGit } from './run-git.ts'

export interface FileChange {
  filename: string
  previous: string | undefined
  status: 'added' | 'removed' | 'modified' | 'renamed' | 'copied' | 'changed'
  /** Of the blob; of the old one where the file was removed. */
  sha: string
  additions: number
  deletions: number
  binary: boolean
  patch: string | undefined
}

const STATUS: Record<string, FileChange['status']> = {
  A: 'added',
  D: 'removed',
  M: 'modified',
  R: 'renamed',
  C: 'copied',
  T: 'changed',
}
/** Git knows it without having been told: what a first commit is compared with. */
export const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'

const NULL_SHA = /^0+$/
/** GitHub leaves larger patches out. */
const MAX_PATCH = 1_000_000

/** Differences of the two trees themselves; for a pull request pass the merge base first. */
export async function diffFiles(git: GitRepository, from: string, to: string): Promise<FileChange[]> {
  const range = [from, to]
  const options = ['diff-tree', '-r', '-M', '--no-commit-id', '--full-index']
  const [table, text] = await Promise.all([
    mustGit(git.dir, [...options, '-z', '--raw', '--numstat', '--no-abbrev', ...range]),
    mustGit(git.dir, [...options, '-p', ...range]),
  ])
  const patches = splitPatches(text.toString())
  return parseTable(table.toString()).map((change, index) => ({
    ...change,
    patch: change.binary ? undefined : patches[index],
  }))
}

/** The patches in the order of the files, each without its header; undefined where nothing but mode or name changed. */
function splitPatches(text: string): (string | undefined)[] {
  if (text === '') return []
  return text
    .split(/^(?=diff --git )/m)
    .filter((part) => part.startsWith('diff --git '))
    .map((part) => {
      const at = part.search(/^@@ /m)
      return at < 0 || part.length > MAX_PATCH ? undefined : part.slice(at).replace(/\n$/, '')
    })
}

function parseTable(text: string): FileChange[] {
  const fields = text.split('\0')
  const changes: FileChange[] = []
  let at = 0
  while (fields[at]?.startsWith(':')) {
    const [, , oldSha = '', newSha = '', letter = ''] = (fields[at] ?? '').split(' ')
    const moved = letter.startsWith('R') || letter.startsWith('C')
    const first = fields[at + 1] ?? ''
    changes.push({
      filename: moved ? (fields[at + 2] ?? '') : first,
      previous: moved ? first : undefined,
      status: STATUS[letter.charAt(0)] ?? 'changed',
      sha: NULL_SHA.test(newSha) ? oldSha : newSha,
      additions: 0,
      deletions: 0,
      binary: false,
      patch: undefined,
    })
    at += moved ? 3 : 2
  }
  for (const change of changes) {
    const [added = '0', deleted = '0', name = ''] = (fields[at] ?? '').split('\t')
    change.binary = added === '-'
    change.additions = Number(added) || 0
    change.deletions = Number(deleted) || 0
    at += name === '' ? 3 : 1
  }
  return changes
}
