/** Pages for a person who looks around with a browser. They show what is there and change nothing. */
import { canSee } from '../auth/may.ts'
import type { Call } from '../http/api.ts'
import { notFound, Refusal } from '../http/refusal.ts'
import type { Reply } from '../http/reply.ts'
import { Router } from '../http/router.ts'
import { repositoryOf } from '../state/find.ts'
import type { Repository } from '../state/records.ts'
import { checkPage } from './checks.ts'
import { commitPage, comparePage, treePage } from './commits.ts'
import { html, type Html } from './html.ts'
import { pageReply, short, type Page } from './layout.ts'
import { pullList, pullPage } from './pulls.ts'
import { actionsPage, jobPage, runList, runPage } from './runs.ts'

type RepositoryPage = (call: Call, repo: Repository) => Page | Promise<Page>

const ROUTES: Record<string, RepositoryPage> = {
  '': overview,
  '/pulls': (_, repo) => ({
    title: `Pull requests · ${repo.fullName}`,
    repo,
    body: html`<h1>Pull requests</h1>
      ${pullList(repo)}`,
  }),
  '/pull/:number': pullPage,
  // GitHub has a page for each of these; here they are parts of one.
  '/pull/:number/commits': pullPage,
  '/pull/:number/commits/:sha': commitPage,
  '/pull/:number/checks': pullPage,
  '/pull/:number/files': pullPage,
  '/runs/:id': checkPage,
  '/actions': actionsPage,
  '/actions/runs/:run': runPage,
  '/actions/runs/:run/job/:job': jobPage,
  '/commit/:sha': commitPage,
  '/blob/:ref/*path': blobPage,
  '/tree/*ref': treePage,
  '/commits/*ref': treePage,
  '/compare/*range': comparePage,
}

const router = new Router<RepositoryPage>()
for (const [pattern, page] of Object.entries(ROUTES)) router.add('GET', `/:owner/:name${pattern}`, page)

/** Undefined where the address is no page: the API has many of the same form, and only repositories that are there have pages. */
export function webPage(call: Call): Promise<Reply> | undefined {
  const reads = call.method === 'GET' || call.method === 'HEAD'
  if (reads && call.url.pathname === '/' && call.headers['accept']?.includes('text/html') === true)
    return Promise.resolve(pageReply(home(call)))
  const found = reads ? router.find('GET', call.url.pathname) : undefined
  if (!found) return undefined
  const repo = repositoryOf(call.world, `${found.params['owner'] ?? ''}/${found.params['name'] ?? ''}`)
  if (!repo || !canSee(call.actor, repo)) return undefined
  call.params = found.params
  return shown(call, repo, found.handler)
}

async function shown(call: Call, repo: Repository, page: RepositoryPage): Promise<Reply> {
  try {
    return pageReply(await page(call, repo))
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { status, message } = error
    return pageReply({ title: message, repo, status, body: html`<h1>${message}</h1>` })
  }
}

function home(call: Call): Page {
  const repositories = [...call.world.repositories.values()].filter((repo) => canSee(call.actor, repo))
  return {
    title: 'Local GitHub',
    body: html`<h1>Repositories</h1>
      <ul>
        ${repositories.map(({ fullName }) => html`<li><a href="/${fullName}">${fullName}</a></li>`)}
      </ul>`,
  }
}

async function overview(call: Call, repo: Repository): Promise<Page> {
  const branches = await repo.git.refs('refs/heads/')
  return {
    title: repo.fullName,
    repo,
    body: html`<h1>${repo.fullName}</h1>
      <p><code>git clone ${call.world.url}/${repo.fullName}.git</code></p>
      <h2>Pull requests</h2>
      ${pullList(repo)}
      <h2>Branches</h2>
      <ul class="plain">
        ${branches.map(
          ({ name, sha }) =>
            html`<li>
              <a href="/${repo.fullName}/commit/${sha}"><code>${short(sha)}</code></a>
              ${name.slice('refs/heads/'.length)}
            </li>`,
        )}
      </ul>
      <h2>Workflow runs</h2>
      ${runList(call, repo, false)}`,
  }
}

async function blobPage(call: Call, repo: Repository): Promise<Page> {
  const [ref, path] = [call.param('ref'), call.param('path')]
  const sha = await repo.git.resolveCommit(ref)
  const found = sha === undefined ? undefined : await repo.git.read(`${sha}:${path}`)
  if (found?.type !== 'blob') throw notFound()
  const lines = found.content.toString().replace(/\n$/, '').split('\n')
  return {
    title: `${path} · ${repo.fullName}`,
    repo,
    body: html`<h1>${path}</h1>
      <p class="soft">at ${short(ref)}</p>
      <pre>${lines.flatMap(numbered)}</pre>`,
  }
}

const numbered = (line: string, at: number): (Html | string)[] => [
  html`<a id="L${at + 1}" class="soft">${String(at + 1).padStart(4)}</a>`,
  `  ${line}\n`,
]
