import type { Forge, PullFacts } from '../../forge.ts'
import { ok, type Result } from '../../model/result.ts'
import { cut, plain } from '../../report/gate-fit.ts'
import { patchText } from '../../report/patch.ts'
import { type ChangedText, type Commentable, fenceFor, suggestionsOf } from '../../report/suggestions.ts'
import type { Revision } from '../../review/restructure.ts'
import type { Prepared } from '../prepare.ts'

/** GitHub takes 65,536 characters of a review's text. */
const MAX_PATCH = 40_000

/** What came of it, for the comment. */
export type Adjusted = { kind: 'nothing' } | { kind: 'suggested'; count: number; url: string }

/**
 * Offers what the review would change in the plan as suggestions at its lines, once for each head. Nothing is changed: whoever
 * may push takes over what they agree with, and the plan is reviewed again.
 */
export async function suggestChanges(
  forge: Forge,
  facts: PullFacts,
  { plan, revision }: Prepared,
): Promise<Result<Adjusted>> {
  if (revision === undefined || forge.suggest === undefined || forge.commentable === undefined)
    return ok({ kind: 'nothing' })
  const files = changedFiles(plan, revision)
  const { pull } = facts
  const shown = await forge.commentable(pull.number)
  if (!shown.ok) return shown
  const review = (commentable: Commentable) => {
    const { suggestions, rest } = suggestionsOf(files, commentable)
    return { body: reviewText(revision, rest, suggestions.length), suggestions }
  }
  let made = await forge.suggest(pull.number, pull.head.sha, review(shown.value))
  // A line that the forge shows otherwise than its diff says refuses the whole review: then all of it is a patch.
  if (!made.ok && made.error.some(({ reason }) => reason === 'forge-refused'))
    made = await forge.suggest(pull.number, pull.head.sha, review(new Map()))
  return made.ok ? ok({ kind: 'suggested', count: revision.changes.length, url: made.value.url }) : made
}

function changedFiles(plan: Prepared['plan'], revision: Revision): ChangedText[] {
  return [...revision.files].map(([path, after]) => ({
    path: plan.dir === '' ? path : `${plan.dir}/${path}`,
    before: plan.files.find((file) => file.path === path)?.text ?? '',
    after,
  }))
}

function reviewText({ changes }: Revision, rest: readonly ChangedText[], count: number): string {
  const list = changes.map(({ what, why }) => `- ${plain(what, 300)}. ${plain(why, 300)}`).slice(0, 50)
  const how =
    count === 0
      ? 'None of it stands at a line that this pull request changes.'
      : 'They belong together: add all of them to a batch and commit it. The plan is then reviewed again.'
  const patch = rest.length === 0 ? '' : patchText(rest)
  const fence = fenceFor(patch)
  const left =
    patch === ''
      ? []
      : patch.length > MAX_PATCH
        ? ['The rest is too long to be shown here: `orchestrate review DIR --fix` writes it.']
        : ['What cannot be suggested at a line, for `git apply`:', `${fence}diff\n${patch}${fence}`]
  return cut(
    ['**Changes of the plan that mend what the review found:**', list.join('\n'), how, ...left].join('\n\n'),
    60_000,
  )
}
