/** Trees with some files set or removed: what contents, `git/trees` and new repositories are made with. */
import type { TreeEntry } from './parse-objects.ts'
import type { GitRepository } from './repository.ts'

export interface FileWrite {
  path: string
  mode: string
  /** Undefined removes the entry. */
  sha: string | undefined
  type?: TreeEntry['type']
}

/** The tree that `base` (undefined: an empty one) becomes with the writes. */
export async function writeFiles(
  git: GitRepository,
  base: string | undefined,
  writes: FileWrite[],
): Promise<string> {
  const found = base === undefined ? undefined : await git.tree(base)
  const entries = new Map((found?.entries ?? []).map((entry) => [entry.name, entry]))
  const below = new Map<string, FileWrite[]>()
  for (const write of writes) {
    const cut = write.path.indexOf('/')
    if (cut < 0) {
      if (write.sha === undefined) entries.delete(write.path)
      else
        entries.set(write.path, {
          name: write.path,
          mode: write.mode,
          sha: write.sha,
          type:
            write.type ?? (write.mode === '040000' ? 'tree' : write.mode === '160000' ? 'commit' : 'blob'),
        })
      continue
    }
    const dir = write.path.slice(0, cut)
    const list = below.get(dir) ?? []
    below.set(dir, [...list, { ...write, path: write.path.slice(cut + 1) }])
  }
  for (const [name, inner] of below) {
    const old = entries.get(name)
    const sha = await writeFiles(git, old?.type === 'tree' ? old.sha : undefined, inner)
    const tree = await git.tree(sha)
    // Git keeps no empty directories.
    if (tree && tree.entries.length === 0) entries.delete(name)
    else entries.set(name, { name, mode: '040000', sha, type: 'tree' })
  }
  return git.writeTree([...entries.values()])
}
