import { join } from 'node:path'
import { repositoryFacts } from '../../adapters/files/repository-facts.ts'
import { replaceText } from '../../adapters/files/write-text.ts'
import { failure } from '../../core/model/failure.ts'
import type { Plan } from '../../core/model/plan.ts'
import { proposeRevision } from '../../core/pipeline/revise.ts'
import type { PlanSource } from '../../core/ports.ts'
import { patchText } from '../../core/report/patch.ts'
import type { Revision } from '../../core/review/restructure.ts'
import { makeVisible } from '../../core/text/sanitize.ts'
import { printFailures, styleOf } from '../output.ts'
import { personOf } from '../session.ts'
import type { Shell } from '../shell.ts'

/**
 * `orchestrate review DIR --fix`: shows what the review would change in the plan's own files, and writes it after consent. Nobody
 * to ask and no `--yes`: the patch goes to stdout, for `git apply` or a look, and nothing is written (exit 3).
 */
export async function fixPlan(
  { source, plan, root }: { source: PlanSource; plan: Plan; root: string },
  yes: boolean,
  shell: Shell,
): Promise<number> {
  const { stdout, stderr } = shell
  const proposed = await proposeRevision(source, plan, () => repositoryFacts(root))
  if (!proposed.ok) return printFailures(proposed.error, shell)
  const { changes, files } = proposed.value
  if (changes.length === 0) {
    stderr.write('Nothing to change: what the review finds, if anything, is for a person to put right.\n')
    return 0
  }
  const before = (path: string): string => plan.files.find((file) => file.path === path)?.text ?? ''
  const inRoot = (path: string): string => (plan.dir === '' ? path : `${plan.dir}/${path}`)
  const patch = patchText(
    [...files].map(([path, after]) => ({ path: inRoot(path), before: before(path), after })),
  )
  stderr.write(listed(proposed.value, shell))
  if (!yes) {
    const { signal } = new AbortController()
    const person = personOf(() => {}, { signal, stop: () => {} }, shell)
    // A plan is text of others: what a terminal would act on is shown instead.
    const answer = await person.choose('Write it?', makeVisible(patch), [
      { value: 'write', label: 'Write it' },
      { value: 'keep', label: 'Keep the plan as it is' },
    ])
    if (answer === 'keep') return 0
    if (answer === undefined) {
      stdout.write(patch)
      const message = 'Nothing was written: there was nobody to ask.'
      return printFailures(
        [failure('gate-needs-answer', message, 'Add --yes to write it, or give the patch to `git apply`.')],
        shell,
      )
    }
  }
  for (const [path, text] of files) {
    const problem = await replaceText(join(source.shown, path), before(path), text)
    if (problem !== undefined)
      return printFailures(
        [
          failure(
            'no-write-permission',
            `${inRoot(path)} was not written: ${problem}`,
            'Nothing else was changed.',
          ),
        ],
        shell,
      )
    stderr.write(`Written: ${inRoot(path)}\n`)
  }
  return 0
}

function listed({ changes }: Revision, shell: Shell): string {
  const { bold, dim } = styleOf(shell.stderr, shell)
  return changes
    .map(({ what, why, place }) => {
      const at = dim(`${place.file}:${place.line}`)
      return `${at} ${bold(makeVisible(what))}\n    ${makeVisible(why)}\n`
    })
    .join('')
}
