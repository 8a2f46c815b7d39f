/** Workflow runs and their jobs on pages. */
import type { Call } from '../http/api.ts'
import { notFound } from '../http/refusal.ts'
import type { Repository } from '../state/records.ts'
import type { ActionsJob, ActionsRun } from '../types.ts'
import { annotationList } from './checks.ts'
import { html, type Html } from './html.ts'
import { mark, short, type Page } from './layout.ts'
import { markdown } from './markdown.ts'

const stateOf = ({ status, conclusion }: ActionsRun | ActionsJob): string => conclusion ?? status

/** Newest first. `all` names those too of which every job was skipped: most events start nothing. */
export function runList(call: Call, repo: Repository, all: boolean): Html {
  const runs = call.world.actions.runs(repo.fullName).sort((a, b) => b.id - a.id)
  const shown = all ? runs : runs.filter(({ conclusion }) => conclusion !== 'skipped')
  const hidden = runs.length - shown.length
  return html`<ul class="plain">
      ${shown.map(
        (run) =>
          html`<li>
            ${mark(stateOf(run))} <a href="/${repo.fullName}/actions/runs/${run.id}">${run.displayTitle}</a>
            <span class="soft">${run.workflow.name} · ${run.event} by ${run.actor} · ${run.createdAt}</span>
          </li>`,
      )}
    </ul>
    ${hidden > 0 && html`<p class="soft">${hidden} skipped runs are not shown: <a href="/${repo.fullName}/actions?all=1">all</a>.</p>`}`
}

export const actionsPage = (call: Call, repo: Repository): Page => ({
  title: `Actions · ${repo.fullName}`,
  repo,
  moving: call.world.actions.runs(repo.fullName).some(({ status }) => status !== 'completed'),
  body: html`<h1>Workflow runs</h1>
    ${runList(call, repo, call.query('all') !== undefined)}`,
})

function runOf(call: Call, repo: Repository): ActionsRun {
  const run = call.world.actions.run(call.id('run'))
  if (run?.repository !== repo.fullName) throw notFound()
  return run
}

const jobLine = (repo: Repository, job: ActionsJob): Html =>
  html`${mark(stateOf(job))}
    <a href="/${repo.fullName}/actions/runs/${job.runId}/job/${job.id}">${job.name}</a>`

export function runPage(call: Call, repo: Repository): Page {
  const run = runOf(call, repo)
  const jobs = call.world.actions.jobs(run.id)
  return {
    title: `${run.displayTitle} · ${repo.fullName}`,
    repo,
    moving: run.status !== 'completed',
    body: html`<h1>${mark(stateOf(run))} ${run.displayTitle}</h1>
      <p class="soft">
        ${run.workflow.path} · ${run.event} by ${run.actor} · ${run.headBranch} at
        <a href="/${repo.fullName}/commit/${run.headSha}">${short(run.headSha)}</a> · attempt ${run.attempt}
      </p>
      <h2>Jobs</h2>
      <ul class="plain">
        ${jobs.map((job) => html`<li>${jobLine(repo, job)}</li>`)}
      </ul>
      ${jobs.map(
        (job) =>
          job.summary !== undefined &&
          job.summary !== '' &&
          html`<section class="box">
            <header>Summary of ${job.name}</header>
            ${markdown(job.summary)}
          </section>`,
      )}`,
  }
}

export function jobPage(call: Call, repo: Repository): Page {
  const run = runOf(call, repo)
  const job = call.world.actions.jobs(run.id).find(({ id }) => id === call.id('job'))
  if (!job) throw notFound()
  const annotations = (job.annotations ?? []).map(({ level, path, startLine, title, message }) => ({
    ...{ path, title, message, annotation_level: level, start_line: startLine },
  }))
  return {
    title: `${job.name} · ${run.displayTitle}`,
    repo,
    moving: job.status !== 'completed',
    body: html`<h1>${mark(stateOf(job))} ${job.name}</h1>
      <p class="soft">
        in <a href="/${repo.fullName}/actions/runs/${run.id}">${run.displayTitle}</a> · ${job.startedAt}
        ${job.completedAt !== null && ` to ${job.completedAt}`}
      </p>
      ${
        job.steps !== undefined &&
        job.steps.length > 0 &&
        html`<h2>Steps</h2>
          <ol>
            ${job.steps.map(({ name, conclusion }) => html`<li>${mark(conclusion)} ${name}</li>`)}
          </ol>`
      }
      ${
        job.summary !== undefined &&
        job.summary !== '' &&
        html`<h2>Summary</h2>
          ${markdown(job.summary)}`
      }
      ${annotationList(repo, run.headSha, annotations)}
      <h2>Log</h2>
      <pre>${job.log === '' ? 'Nothing yet: a log is shown when its job ends.' : job.log}</pre>`,
  }
}
