import type { Git } from './git.ts'

/** Where each branch (full ref name) is checked out: the user's checkout and every worktree. */
export async function checkouts(git: Git): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  const output = await git.text(['worktree', 'list', '--porcelain', '-z'])
  let path = ''
  for (const attribute of output.split('\0')) {
    if (attribute.startsWith('worktree ')) path = attribute.slice('worktree '.length)
    else if (attribute.startsWith('branch ')) found.set(attribute.slice('branch '.length), path)
  }
  return found
}
