/** The `update` hook that refuses a ref as GitHub does; asked by git for each ref before it moves. */
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'

/** Text, so that a bundle of this program carries it too. */
const UPDATE = `#!/bin/sh
# Refuses a ref as GitHub does. What is refused comes by environment:
# LOCAL_GITHUB_PROTECTED has a block per ref, its name and then what is said; LOCAL_GITHUB_FORWARD
# the refs that only move forward, with spaces between; LOCAL_GITHUB_WORKFLOWS names the refused writer.
ref=$1 old=$2 new=$3
zero=0000000000000000000000000000000000000000

if [ -n "$LOCAL_GITHUB_PROTECTED" ]; then
  said=$(printf '%s\\n' "$LOCAL_GITHUB_PROTECTED" | awk -v ref="$ref" -v RS='' -F '\\n' '$1 == ref { for (i = 2; i <= NF; i++) print $i }')
  if [ -n "$said" ]; then
    printf '%s\\n' "$said" | sed 's/^/error: /' >&2
    exit 1
  fi
fi

if [ "$old" != "$zero" ] && [ "$new" != "$zero" ]; then
  case " $LOCAL_GITHUB_FORWARD " in
    *" $ref "*)
      if ! git merge-base --is-ancestor "$old" "$new"; then
        echo "error: GH006: Protected branch update failed for $ref." >&2
        echo "error: Cannot force-push to this branch" >&2
        exit 1
      fi
      ;;
  esac
fi

if [ -n "$LOCAL_GITHUB_WORKFLOWS" ] && [ "$new" != "$zero" ]; then
  commit=$(git rev-list -n 1 "$new" --not --all -- .github/workflows 2>/dev/null)
  if [ -n "$commit" ]; then
    file=$(git diff-tree -r --root --no-commit-id --name-only "$commit" -- .github/workflows | head -n 1)
    echo "refusing to allow a GitHub App to create or update workflow \\\`$file\\\` without \\\`workflows\\\` permission" >&2
    exit 1
  fi
fi
exit 0
`

/** Writes the hook below `root` and says in which directory. */
export async function writeHooks(root: string): Promise<string> {
  const dir = path.join(root, '.hooks')
  await mkdir(dir, { recursive: true })
  await writeFile(path.join(dir, 'update'), UPDATE, { mode: 0o755 })
  return dir
}
