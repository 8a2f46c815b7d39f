import { sha, type Sha } from '../../core/model/ids.ts'

/**
 * One entry of a tree object. `name` holds the name's bytes, one per character (latin1), because git's names are bytes
 * and need not be UTF-8.
 */
export interface TreeEntry {
  mode: string
  name: string
  sha: Sha
}

export type Tree = ReadonlyMap<string, TreeEntry>

export const TREE_MODE = '40000'
export const FILE_MODE = '100644'

/** A path's bytes as git keeps them, one per character. */
export const pathBytes = (path: string): string => Buffer.from(path, 'utf8').toString('latin1')

/** Reads a tree object: `<mode> <name>\0<id>` again and again, ids in binary. */
export function parseTree(content: Buffer, idBytes: number): Tree {
  const entries = new Map<string, TreeEntry>()
  let at = 0
  while (at < content.length) {
    const space = content.indexOf(0x20, at)
    const end = content.indexOf(0, space)
    const name = content.toString('latin1', space + 1, end)
    const id = content.toString('hex', end + 1, end + 1 + idBytes)
    entries.set(name, { mode: content.toString('latin1', at, space), name, sha: sha(id) })
    at = end + 1 + idBytes
  }
  return entries
}

/** What becomes of one path: another object there, or nothing. A blob keeps the mode that a file there has, an entry brings its own. */
export type Edit =
  { kind: 'blob' | 'tree'; sha: Sha } | { kind: 'entry'; mode: string; sha: Sha } | { kind: 'gone' }

/** A folder's edits: of its own entries, and of the folders in it. */
export interface EditNode {
  leaves: Map<string, Edit>
  folders: Map<string, EditNode>
}

const emptyNode = (): EditNode => ({ leaves: new Map(), folders: new Map() })

/**
 * Edits by folder. Paths are relative, with forward slashes. Throws for a path that no tree can hold: such a path is a
 * mistake of the caller.
 */
export function editNodes(edits: ReadonlyMap<string, Edit>): EditNode {
  const root = emptyNode()
  for (const [path, edit] of edits) {
    const parts = path.split('/')
    const last = parts.pop() ?? ''
    for (const part of [...parts, last]) {
      if (
        part === '' ||
        part === '.' ||
        part === '..' ||
        part.toLowerCase() === '.git' ||
        part.includes('\0')
      )
        throw new Error(`not a path of a tree: ${JSON.stringify(path)}`)
    }
    let node = root
    for (const part of parts.map(pathBytes)) {
      const next = node.folders.get(part) ?? emptyNode()
      node.folders.set(part, next)
      node = next
    }
    node.leaves.set(pathBytes(last), edit)
  }
  return root
}

const isFolderMode = (mode: string): boolean => mode.padStart(6, '0') === '040000'
const isFolder = (entry: TreeEntry | undefined): entry is TreeEntry =>
  entry !== undefined && isFolderMode(entry.mode)

/** What the tree needs to be read and written. */
export interface TreeStore {
  readTree(tree: Sha): Promise<Tree>
  writeTree(entries: Tree): Promise<Sha>
}

/** The entry at a path: file, link, submodule or folder. */
export async function entryAt(
  store: Pick<TreeStore, 'readTree'>,
  tree: Sha,
  path: string,
): Promise<TreeEntry | undefined> {
  const parts = path.split('/').map(pathBytes)
  const name = parts.pop() ?? ''
  let folder = tree
  for (const part of parts) {
    const entry = (await store.readTree(folder)).get(part)
    if (!isFolder(entry)) return undefined
    folder = entry.sha
  }
  return (await store.readTree(folder)).get(name)
}

/** The edits that make `paths` what they are in `from`. A path that is a folder there is left to what is in it. */
export async function editsFrom(
  store: Pick<TreeStore, 'readTree'>,
  from: Sha,
  paths: readonly string[],
): Promise<Map<string, Edit>> {
  const edits = new Map<string, Edit>()
  for (const path of paths) {
    const entry = await entryAt(store, from, path)
    if (entry === undefined) edits.set(path, { kind: 'gone' })
    else if (!isFolderMode(entry.mode)) edits.set(path, { kind: 'entry', mode: entry.mode, sha: entry.sha })
  }
  return edits
}

/** Applies edits to a tree; undefined where nothing is left of it. Folders side by side are written at once. */
export async function applyEdits(
  store: TreeStore,
  tree: Sha | undefined,
  node: EditNode,
): Promise<Sha | undefined> {
  const before: Tree = tree === undefined ? new Map() : await store.readTree(tree)
  const after = new Map(before)
  for (const [name, edit] of node.leaves) {
    if (edit.kind === 'gone') {
      after.delete(name)
      continue
    }
    if (edit.kind === 'entry') {
      after.set(name, { name, mode: edit.mode, sha: edit.sha })
      continue
    }
    const old = before.get(name)
    const mode = old?.mode === '100755' ? old.mode : FILE_MODE
    after.set(name, { name, mode: edit.kind === 'tree' ? TREE_MODE : mode, sha: edit.sha })
  }
  await Promise.all(
    [...node.folders].map(async ([name, inner]) => {
      const old = after.get(name)
      const written = await applyEdits(store, isFolder(old) ? old.sha : undefined, inner)
      if (written !== undefined) after.set(name, { name, mode: TREE_MODE, sha: written })
      else if (isFolder(old)) after.delete(name)
    }),
  )
  return after.size === 0 ? undefined : store.writeTree(after)
}
