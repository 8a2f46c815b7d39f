/** Commits and trees as git stores them. */

export interface Person {
  name: string
  email: string
  /** ISO 8601, in UTC. */
  date: string
}

export interface Commit {
  sha: string
  tree: string
  parents: string[]
  author: Person
  committer: Person
  message: string
}

export interface TreeEntry {
  mode: string
  type: 'blob' | 'tree' | 'commit'
  sha: string
  name: string
}

function person(line: string): Person {
  const match = /^(.*?) ?<([^>]*)> (-?\d+) [+-]\d{4}$/.exec(line)
  if (!match) return { name: '', email: '', date: new Date(0).toISOString() }
  const date = new Date(Number(match[3]) * 1000).toISOString().replace('.000Z', 'Z')
  return { name: match[1] ?? '', email: match[2] ?? '', date }
}

export function parseCommit(sha: string, content: Buffer): Commit {
  const text = content.toString()
  const cut = text.indexOf('\n\n')
  const headers = text.slice(0, cut).split('\n')
  const values = (key: string): string[] =>
    headers.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1))
  return {
    sha,
    tree: values('tree')[0] ?? '',
    parents: values('parent'),
    author: person(values('author')[0] ?? ''),
    committer: person(values('committer')[0] ?? ''),
    message: text.slice(cut + 2).replace(/\n$/, ''),
  }
}

export function parseTree(content: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = []
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(32, at)
    const end = content.indexOf(0, space)
    const mode = content.subarray(at, space).toString().padStart(6, '0')
    entries.push({
      mode,
      type: mode === '040000' ? 'tree' : mode === '160000' ? 'commit' : 'blob',
      name: content.subarray(space + 1, end).toString(),
      sha: content.subarray(end + 1, end + 21).toString('hex'),
    })
    at = end + 21
  }
  return entries
}
