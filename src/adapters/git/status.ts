/** What `git status --porcelain=v2 -z` says, as far as we ask. */
export interface Status {
  /** Paths of tracked files that differ between the index and HEAD. */
  staged: string[]
  /** Paths of tracked files that differ between the directory and the index. */
  unstaged: string[]
  /** Files (with a "/" at the end: repositories inside this one) that are neither tracked nor ignored. */
  untracked: string[]
  /** `# branch.…` headers by name, where asked for. */
  headers: Map<string, string>
}

/**
 * Flags for every status of ours. Submodules are compared by their commit only: looking inside would run git with the
 * configuration that lies there, and an agent may have written it.
 */
export const STATUS_FLAGS: readonly string[] = [
  'status',
  '--porcelain=v2',
  '-z',
  '--ignore-submodules=dirty',
  '--no-renames',
  '--no-ahead-behind',
]

/** The number of fields before the path, by kind of entry. */
const FIELDS = { '1': 8, '2': 9, u: 10 } as const

export function parseStatus(output: string): Status {
  const status: Status = { staged: [], unstaged: [], untracked: [], headers: new Map() }
  const parts = output.split('\0')
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] ?? ''
    const kind = part[0]
    if (kind === '#') {
      const [, name = '', ...value] = part.split(' ')
      status.headers.set(name, value.join(' '))
    } else if (kind === '?') {
      status.untracked.push(part.slice(2))
    } else if (kind === '1' || kind === '2' || kind === 'u') {
      const path = afterFields(part, FIELDS[kind])
      if (part[2] !== '.') status.staged.push(path)
      if (part[3] !== '.') status.unstaged.push(path)
      // A rename's old path is a record of its own.
      if (kind === '2') i++
    }
  }
  return status
}

function afterFields(text: string, count: number): string {
  let at = 0
  for (let n = 0; n < count; n++) at = text.indexOf(' ', at) + 1
  return text.slice(at)
}
