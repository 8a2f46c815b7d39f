/** Pull requests on pages. */
import type { Call } from '../http/api.ts'
import { pullOf } from '../http/api.ts'
import { compareOf, pullNumbers } from '../pulls/pull-events.ts'
import { missingChecks, missingReviews } from '../protection/rules.ts'
import { isPull } from '../state/find.ts'
import type { PullRequest, Repository } from '../state/records.ts'
import { checkList, checksOn, isMoving } from './checks.ts'
import { changes, commitTree } from './commits.ts'
import { html, type Html } from './html.ts'
import { short, type Page } from './layout.ts'
import { markdown } from './markdown.ts'

const stateOf = (issue: PullRequest): string =>
  issue.pull.merged ? 'merged' : issue.pull.draft && issue.state === 'open' ? 'draft' : issue.state

export function pullList(repo: Repository): Html {
  const pulls = [...repo.issues.values()].filter(isPull).reverse()
  if (pulls.length === 0) return html`<p class="soft">No pull requests.</p>`
  return html`<ul class="plain">
    ${pulls.map(
      (issue) =>
        html`<li>
          <a href="/${repo.fullName}/pull/${issue.number}">${issue.title}</a>
          <span class="soft">#${issue.number} ${stateOf(issue)} · by ${issue.author.login}</span>
          ${labels(issue)}
        </li>`,
    )}
  </ul>`
}

const labels = (issue: PullRequest): Html =>
  html`${issue.labels.map(({ name }) => html`<span class="label">${name}</span> `)}`

export async function pullPage(call: Call, repo: Repository): Promise<Page> {
  const issue = pullOf(repo, call.id('number'))
  const { head, base } = issue.pull
  const compared = await compareOf(repo, issue)
  return {
    title: `${issue.title} · #${issue.number} · ${repo.fullName}`,
    repo,
    moving: isMoving(checksOn(repo, head.sha)),
    body: html`<h1>${issue.title} <span class="soft">#${issue.number}</span></h1>
      <p>
        <b>${stateOf(issue)}</b> · ${issue.author.login} wants to merge <code>${head.ref}</code> at
        <a href="/${repo.fullName}/commit/${head.sha}">${short(head.sha)}</a> into
        <code>${base.ref}</code> ${labels(issue)}
      </p>
      ${conversation(issue)}
      <h2 id="checks">Checks</h2>
      ${checkList(repo, head.sha)} ${await mergeBox(repo, issue)}
      <h2 id="commits">Commits</h2>
      ${await commitTree(repo, compared.mergeBase ?? base.sha, head.sha)}
      <h2 id="files">Files</h2>
      ${changes(repo, head.sha, compared.files)}`,
  }
}

interface Said {
  at: string
  id: number
  shown: Html
}

/** The body, then comments and reviews as they came. */
function conversation(issue: PullRequest): Html {
  const box = (id: number, who: string, what: string, body: string): Html =>
    html`<section class="box" id="issuecomment-${id}">
      <header><b>${who}</b> ${what}</header>
      ${markdown(body)}
    </section>`
  const said: Said[] = [
    ...issue.comments.map(({ id, author, createdAt, lastEditedAt, body, reactions }) => ({
      ...{ id, at: createdAt },
      shown: box(
        id,
        author.login,
        `commented ${createdAt}${lastEditedAt === undefined ? '' : ', edited'}${reactions.map(({ content, user }) => ` · ${content} by ${user.login}`).join('')}`,
        body,
      ),
    })),
    ...issue.pull.reviews.map(({ id, author, state, submittedAt, commit, body }) => ({
      ...{ id, at: submittedAt },
      shown: box(id, author.login, `reviewed ${short(commit)}: ${state.toLowerCase()} ${submittedAt}`, body),
    })),
  ].sort((a, b) => (a.at === b.at ? a.id - b.id : a.at < b.at ? -1 : 1))
  return html`${box(issue.id, issue.author.login, `opened this ${issue.createdAt}`, issue.body ?? '')}
  ${said.map(({ shown }) => shown)}`
}

async function mergeBox(repo: Repository, issue: PullRequest): Promise<Html | undefined> {
  if (issue.state !== 'open') return undefined
  const { mergeableState } = await pullNumbers(repo, issue)
  const checks = missingChecks(repo, issue.pull.base.ref, issue.pull.head.sha)
  const reviews = missingReviews(repo, issue)
  const why = [...checks.map((name) => `waits for ${name}`), ...(reviews === undefined ? [] : [reviews])]
  return html`<p class="soft">Merging: ${[mergeableState, ...why].join(' · ')}</p>`
}
