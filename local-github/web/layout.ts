/** The frame of every page. */
import type { Reply } from '../http/reply.ts'
import type { Repository } from '../state/records.ts'
import { html, type Html } from './html.ts'

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8882 }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 1.5rem auto; padding: 0 1rem }
a { color: light-dark(#0757c4, #6cb0ff) }
h1 { font-size: 1.6rem; margin: .4rem 0 } h2 { font-size: 1.15rem; margin: 1.6rem 0 .4rem }
nav { border-bottom: 1px solid var(--line); padding-bottom: .5rem; margin-bottom: 1rem }
nav a { margin-right: 1rem }
section.box { border: 1px solid var(--line); border-radius: 6px; margin: .8rem 0; padding: 0 1rem .3rem; overflow-x: auto }
section.box > header { background: var(--soft); margin: 0 -1rem; padding: .35rem 1rem; border-bottom: 1px solid var(--line) }
table { border-collapse: collapse; margin: .5rem 0 } td, th { border: 1px solid var(--line); padding: .25rem .6rem; text-align: left }
ul.plain { list-style: none; padding-left: 0 } ul.plain ul { list-style: none; padding-left: 1.6rem }
pre, code { font: 13px/1.45 ui-monospace, monospace; background: var(--soft); border-radius: 4px }
pre { padding: .6rem; overflow-x: auto; white-space: pre-wrap } code { padding: .1rem .25rem } pre code { padding: 0; background: none }
.soft { opacity: .7 } .label { border: 1px solid var(--line); border-radius: 1rem; padding: 0 .5rem; font-size: 85% }
.good { color: light-dark(#137333, #57c46f) } .bad { color: light-dark(#b3261e, #ff8a80) } .busy { color: light-dark(#8a5a00, #e3b341) }
.add { color: light-dark(#137333, #57c46f) } .del { color: light-dark(#b3261e, #ff8a80) }
`

/** Seconds until a page is loaded again on which something still moves. */
const AGAIN = 3

/** Nothing but the page itself and its style: whatever a text may smuggle in, no script runs and nothing is fetched. */
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
  'x-content-type-options': 'nosniff',
}

export interface Page {
  title: string
  repo?: Repository
  body: Html
  /** Something on it still moves. */
  moving?: boolean
  status?: number
}

export function pageReply({ title, repo, body, moving, status }: Page): Reply {
  const home = repo && `/${repo.fullName}`
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        ${moving === true && html`<meta http-equiv="refresh" content="${AGAIN}" />`}
        <title>${title}</title>
        <style>
          ${STYLE}
        </style>
      </head>
      <body>
        <nav>
          <a href="/">Local GitHub</a>${
            home !== undefined &&
            html`<a href="${home}">${repo?.fullName}</a><a href="${home}/pulls">Pull requests</a
              ><a href="${home}/actions">Actions</a>`
          }
        </nav>
        ${body}
      </body>
    </html> `
  return { status: status ?? 200, body: Buffer.from(page.text), headers: HEADERS }
}

/** A mark for a conclusion, or for a status where there is none yet. */
export function mark(state: string): Html {
  if (state === 'success') return html`<span class="good" title="${state}">✓</span>`
  if (['failure', 'timed_out', 'startup_failure', 'error'].includes(state))
    return html`<span class="bad" title="${state}">✗</span>`
  if (['skipped', 'neutral', 'cancelled', 'stale'].includes(state))
    return html`<span class="soft" title="${state}">–</span>`
  return html`<span class="busy" title="${state}">●</span>`
}

export const short = (sha: string): string => sha.slice(0, 8)
export const subject = (message: string): string => message.split('\n')[0] ?? ''
