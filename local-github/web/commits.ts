/** Commits on pages: one with its changes, and many with those that each merge brought below it. */
import { diffFiles, EMPTY_TREE, type FileChange } from '../git/diff.ts'
import type { Commit } from '../git/parse-objects.ts'
import type { Call } from '../http/api.ts'
import { notFound } from '../http/refusal.ts'
import type { Repository } from '../state/records.ts'
import { checkList, markOf } from './checks.ts'
import { html, type Html } from './html.ts'
import { short, subject, type Page } from './layout.ts'

const MAX_COMMITS = 250

/** What `head` has and `base` has not: the line that a reviewer reads, newest first, and under each merge what it brought. */
export async function commitTree(repo: Repository, base: string, head: string): Promise<Html> {
  const { git } = repo
  const line = await git.revList([`--max-count=${MAX_COMMITS}`, '--first-parent', head, `^${base}`])
  const commits = await git.commits(line)
  const items = await Promise.all(
    commits.map(async (commit) => {
      const [before, brought] = commit.parents
      if (before === undefined || brought === undefined) return html`<li>${commitLine(repo, commit)}</li>`
      const inner = await git.commits(
        await git.revList([`--max-count=${MAX_COMMITS}`, '--no-merges', brought, `^${before}`, `^${base}`]),
      )
      return html`<li>
        ${commitLine(repo, commit)}
        <ul>
          ${inner.map((one) => html`<li>${commitLine(repo, one)}</li>`)}
        </ul>
      </li>`
    }),
  )
  return html`<ul class="plain">
    ${items}
  </ul>`
}

const commitLine = (repo: Repository, commit: Commit): Html =>
  html`<a href="/${repo.fullName}/commit/${commit.sha}"><code>${short(commit.sha)}</code></a>
    ${subject(commit.message)} <span class="soft">${commit.author.name}</span> ${markOf(repo, commit.sha)}`

export async function commitPage(call: Call, repo: Repository): Promise<Page> {
  const sha = await repo.git.resolveCommit(call.param('sha'))
  const commit = sha === undefined ? undefined : await repo.git.commit(sha)
  if (!commit) throw notFound()
  const [parent = EMPTY_TREE] = commit.parents
  const [, ...rest] = commit.message.trim().split('\n')
  return {
    title: `${subject(commit.message)} · ${repo.fullName}`,
    repo,
    body: html`<h1>${subject(commit.message)}</h1>
      <p class="soft">
        <code>${commit.sha}</code> by ${commit.author.name} · ${commit.author.date}
        ${commit.parents.map((one) => html` · parent <a href="/${repo.fullName}/commit/${one}">${short(one)}</a>`)}
      </p>
      ${rest.length > 0 && html`<pre>${rest.join('\n').trim()}</pre>`}
      <h2 id="checks">Checks</h2>
      ${checkList(repo, commit.sha)}
      <h2>Changes${commit.parents.length > 1 && ' against the first parent'}</h2>
      ${changes(repo, commit.sha, await diffFiles(repo.git, parent, commit.sha))}`,
  }
}

/** A branch: its last commits and its files. */
export async function treePage(call: Call, repo: Repository): Promise<Page> {
  const ref = call.param('ref')
  const sha = await repo.git.resolveCommit(ref)
  if (sha === undefined) throw notFound()
  const files = await diffFiles(repo.git, EMPTY_TREE, sha)
  const main = await repo.git.tip(repo.defaultBranch)
  const own = main === undefined ? [] : await repo.git.revList([sha, `^${main}`])
  return {
    title: `${ref} · ${repo.fullName}`,
    repo,
    body: html`<h1>${ref}</h1>
      <p class="soft">at <a href="/${repo.fullName}/commit/${sha}">${short(sha)}</a></p>
      ${
        main !== undefined &&
        own.length > 0 &&
        html`<h2>Commits that ${repo.defaultBranch} has not</h2>
          ${await commitTree(repo, main, sha)}`
      }
      <h2>Files</h2>
      <ul class="plain">
        ${files.map(
          ({ filename }) =>
            html`<li><a href="/${repo.fullName}/blob/${sha}/${filename}">${filename}</a></li>`,
        )}
      </ul>`,
  }
}

export async function comparePage(call: Call, repo: Repository): Promise<Page> {
  const range = call.param('range')
  const [base, head] = await Promise.all(range.split('...').map((name) => repo.git.resolveCommit(name)))
  if (base === undefined || head === undefined) throw notFound()
  const { files, mergeBase } = await repo.git.comparisons.compare(base, head)
  return {
    title: `${range} · ${repo.fullName}`,
    repo,
    body: html`<h1>${range}</h1>
      <h2>Commits</h2>
      ${await commitTree(repo, mergeBase ?? base, head)}
      <h2>Files</h2>
      ${changes(repo, head, files)}`,
  }
}

export const changes = (repo: Repository, sha: string, files: readonly FileChange[]): Html =>
  files.length === 0
    ? html`<p class="soft">No file differs.</p>`
    : html`${files.map(
        (file) =>
          html`<details>
            <summary>
              ${file.status} <a href="/${repo.fullName}/blob/${sha}/${file.filename}">${file.filename}</a>
              <span class="add">+${file.additions}</span> <span class="del">−${file.deletions}</span>
            </summary>
            <pre>
${file.patch === undefined ? 'No text to show.' : file.patch.split('\n').map(patchLine)}</pre>
          </details>`,
      )}`

/** How a line of a patch is shown, by its first character. */
const KINDS: Readonly<Record<string, string>> = { '+': 'add', '-': 'del', '@': 'soft' }

function patchLine(line: string): (Html | string)[] {
  const kind = KINDS[line.charAt(0)]
  return [kind === undefined ? line : html`<span class="${kind}">${line}</span>`, '\n']
}
