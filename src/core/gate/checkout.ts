import { type Failure, failure } from '../model/failure.ts'
import type { Config } from '../model/config.ts'
import type { CheckoutFacts } from '../ports.ts'

/** Everything that would stop a run after money was spent, found before: all problems at once. */
export function checkCheckout(facts: CheckoutFacts, planDir: string, config: Config): Failure[] {
  const failures: Failure[] = []
  if (facts.bare) {
    return [
      failure(
        'bare-repository',
        `${facts.root} is a bare repository: it has no working tree.`,
        'Clone it and run in the clone.',
      ),
    ]
  }
  if (facts.head === undefined) {
    failures.push(
      failure(
        'no-commits',
        'The repository has no commit yet.',
        'Commit the plan first: `git add`, `git commit`.',
      ),
    )
  }
  if (facts.shallow) {
    failures.push(
      failure(
        'shallow-clone',
        'This clone is shallow: phases cannot be merged without their common history.',
        'Run `git fetch --unshallow`, then try again.',
      ),
    )
  }
  if (facts.branch === undefined && facts.head !== undefined && config.land !== 'none') {
    failures.push(
      failure(
        'detached-head',
        'HEAD is detached: there is no branch to land on.',
        'Run `git switch -c NAME`, or run the plan with --land none.',
      ),
    )
  }
  const inPlan = (path: string): boolean =>
    planDir === '' || path === planDir || path.startsWith(`${planDir}/`)
  const modified = facts.modified
  if (modified.length > 0) {
    failures.push(
      failure(
        'dirty-checkout',
        `The checkout has changes that are not committed: ${some(modified)}.`,
        'A run starts from the last commit and would not see them. Commit or stash them.',
      ),
    )
  }
  const untracked = facts.untracked.filter((path) => planDir !== '' && inPlan(path))
  if (untracked.length > 0) {
    failures.push(
      failure(
        'plan-not-committed',
        `Files of the plan are not committed: ${some(untracked)}.`,
        `Run \`git add ${planDir} && git commit\`, then try again.`,
      ),
    )
  }
  if (!facts.writable) {
    failures.push(
      failure(
        'no-write-permission',
        `The repository at ${facts.root} cannot be written to.`,
        'Branches and the ledger live in it: check the owner and permissions of its .git directory.',
      ),
    )
  }
  return failures
}

function some(paths: string[]): string {
  const shown = paths.slice(0, 5).join(', ')
  return paths.length > 5 ? `${shown} and ${paths.length - 5} more` : shown
}
