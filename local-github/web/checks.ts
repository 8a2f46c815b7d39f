/** Checks on a page: the list on a commit, and one with all that it says. */
import type { Call } from '../http/api.ts'
import { notFound } from '../http/refusal.ts'
import type { CheckAnnotation, CheckRun, Repository } from '../state/records.ts'
import { html, linked, type Html } from './html.ts'
import { mark, short, type Page } from './layout.ts'
import { markdown } from './markdown.ts'

/** Of one name by one App, the newest. */
export function checksOn(repo: Repository, sha: string): CheckRun[] {
  const newest = new Map<string, CheckRun>()
  for (const run of repo.checks.values())
    if (run.sha === sha) newest.set(`${run.suite.appId}/${run.name}`, run)
  return [...newest.values()]
}

const stateOf = (run: CheckRun): string => run.conclusion ?? run.status

export const isMoving = (runs: readonly CheckRun[]): boolean =>
  runs.some(({ status }) => status === 'queued' || status === 'in_progress')

/** What a commit shows beside its subject: one mark for all its checks. */
export function markOf(repo: Repository, sha: string): Html | undefined {
  const states = checksOn(repo, sha).map(stateOf)
  if (states.length === 0) return undefined
  const worst = states.find((state) => !['success', 'skipped', 'neutral'].includes(state)) ?? 'success'
  return html`<a href="/${repo.fullName}/commit/${sha}#checks" title="${states.length} checks"
    >${mark(worst)}</a
  >`
}

export function checkList(repo: Repository, sha: string): Html {
  const runs = checksOn(repo, sha)
  const statuses = new Map(
    repo.statuses.filter((status) => status.sha === sha).map((status) => [status.context, status]),
  )
  if (runs.length + statuses.size === 0) return html`<p class="soft">No checks on ${short(sha)}.</p>`
  const skipped = runs.filter(({ conclusion }) => conclusion === 'skipped')
  return html`<ul class="plain">
      ${runs.filter((run) => !skipped.includes(run)).map((run) => checkLine(repo, run))}
      ${[...statuses.values()].map(
        ({ context, state, description }) =>
          html`<li>${mark(state)} ${context} <span class="soft">${description ?? state}</span></li>`,
      )}
    </ul>
    ${
      skipped.length > 0 &&
      html`<details>
        <summary class="soft">${skipped.length} skipped</summary>
        <ul class="plain">
          ${skipped.map((run) => checkLine(repo, run))}
        </ul>
      </details>`
    }`
}

const checkLine = (repo: Repository, run: CheckRun): Html =>
  html`<li>
    ${mark(stateOf(run))} <a href="/${repo.fullName}/runs/${run.id}">${run.name}</a>
    <span class="soft">${run.title ?? stateOf(run)}</span>
  </li>`

export function checkPage(call: Call, repo: Repository): Page {
  const run = repo.checks.get(call.id('id'))
  if (!run) throw notFound()
  const app = call.world.apps.get(run.suite.appId)
  return {
    title: `${run.name} · ${repo.fullName}`,
    repo,
    moving: isMoving([run]),
    body: html`<h1>${mark(stateOf(run))} ${run.name}</h1>
      <p class="soft">
        ${stateOf(run)} · by ${app?.name ?? 'an App'} · on
        <a href="/${repo.fullName}/commit/${run.sha}">${short(run.sha)}</a>
        ${run.detailsUrl !== null && html` · <a href="${linked(run.detailsUrl)}">details</a>`}
      </p>
      ${run.title !== null && html`<h2>${run.title}</h2>`} ${run.summary !== null && markdown(run.summary)}
      ${run.text !== null && markdown(run.text)}
      ${
        run.actions.length > 0 &&
        html`<h2>Buttons</h2>
          <ul>
            ${run.actions.map(
              ({ label, description, identifier }) =>
                html`<li><b>${label}</b> ${description} <code>${identifier}</code></li>`,
            )}
          </ul>`
      }
      ${annotationList(repo, run.sha, run.annotations)}`,
  }
}

export function annotationList(
  repo: Repository,
  sha: string,
  annotations: readonly Pick<
    CheckAnnotation,
    'path' | 'start_line' | 'annotation_level' | 'title' | 'message'
  >[],
): Html | undefined {
  if (annotations.length === 0) return undefined
  return html`<h2>Annotations</h2>
    <ul>
      ${annotations.map(
        (one) =>
          html`<li>
            ${one.annotation_level}
            <a href="/${repo.fullName}/blob/${sha}/${one.path}#L${one.start_line}"
              >${one.path}:${one.start_line}</a
            >
            ${one.title !== null && one.title !== '' && html`<b>${one.title}</b>`}
            <pre>${one.message}</pre>
          </li>`,
      )}
    </ul>`
}
