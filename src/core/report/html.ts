import type { PhaseResult } from '../model/phase-result.ts'
import type { PhaseView, RunView } from '../pipeline-types.ts'
import { clean } from '../text/clean.ts'
import { duration, cost, severities } from '../text/format.ts'
import { findings } from './summary.ts'
import { phaseWord, runWord } from './words.ts'

/** A run as one HTML page that needs nothing else: no script, no picture, no font, nothing fetched. */
export function runHtml(view: RunView): string {
  const title = `Run ${view.run}: ${runWord(view.state)}`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${esc(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${esc(title)}</h1>
${facts([
  ['Plan', view.planDir === '' ? '.' : view.planDir],
  ['Branch', view.branch],
  ['Base', view.base],
  ['Plan tip', view.planTip],
  ['Landed', view.landed ?? 'not landed'],
  ['Started', new Date(view.startedAt).toISOString()],
  ['Took', duration(Math.max(0, view.updatedAt - view.startedAt))],
  ['Cost', cost(view.usage)],
])}
<h2>Phases</h2>
<div class="wide"><table>
<thead><tr><th>Phase</th><th>After</th><th>State</th><th>Commits</th><th>Build</th><th>Tests</th><th>Findings</th><th>Cost</th><th>Time</th></tr></thead>
<tbody>
${view.phases.map((phase) => row(phase, view)).join('\n')}
</tbody>
</table></div>
${deferred(view)}
${view.phases.map(section).join('\n')}
</main>
</body>
</html>
`
}

/** For text and for attributes in double quotes. */
export const esc = (text: string): string =>
  clean(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')

function row(phase: PhaseView, run: RunView): string {
  const { result } = phase
  const cells =
    result === undefined
      ? ['', '', '', '', '', '']
      : [
          String(result.commits.length),
          result.build.status,
          testText(result),
          severities(findings(result)),
          cost(result.usage),
          duration(result.durationMs),
        ]
  const name = `${phase.id} ${phase.title}`
  return `<tr><td>${esc(name)}</td><td>${esc(phase.after.join(', '))}</td><td class="${phase.state}">${esc(phaseWord(phase, run, false))}</td>${cells.map((cell) => `<td>${esc(cell)}</td>`).join('')}</tr>`
}

function section(phase: PhaseView): string {
  const { result, stopped } = phase
  const parts = [
    `<h2>${esc(`${phase.id} ${phase.title}`)}</h2>`,
    facts([
      ['State', phase.state],
      ['Attempt', String(phase.attempt)],
      ['Branch', phase.branch],
      ['Merge', phase.merge ?? 'none'],
    ]),
    stopped === undefined
      ? ''
      : `<p class="needs-input"><strong>${esc(stopped.message)}</strong><br>${esc(stopped.hint)}</p>`,
  ]
  if (result === undefined) return parts.join('\n')
  return [
    ...parts,
    bullets(
      'Commits',
      result.commits.map(({ sha, subject }) => `${sha.slice(0, 10)} ${subject}`),
    ),
    bullets(
      'Fixed',
      result.fixesApplied.map((fix) => `${fix.id} ${fix.severity} ${fix.title}: ${fix.note}`),
    ),
    bullets('Criteria met', result.criteria.met),
    bullets('Criteria not met', result.criteria.unmet),
    bullets('Criteria not judged', result.criteria.notJudged),
    bullets('Decisions', result.decisions),
    bullets('Questions', result.questions),
    bullets('Notes', result.notes),
  ].join('\n')
}

function deferred(view: RunView): string {
  return bullets(
    'Deferred',
    view.deferred.map(
      (item) =>
        `phase ${item.phase} · ${item.id} ${item.severity} · ${item.file}:${item.line} · ${item.title}`,
    ),
    'h2',
  )
}

function testText({ tests }: PhaseResult): string {
  if (tests.counts === undefined) return tests.status
  return `${tests.status}: ${tests.counts.passed} passed, ${tests.counts.failed} failed, ${tests.counts.skipped} skipped`
}

const facts = (pairs: [string, string][]): string =>
  `<dl>${pairs.map(([key, text]) => `<dt>${esc(key)}</dt><dd>${esc(text)}</dd>`).join('')}</dl>`

const bullets = (title: string, items: readonly string[], heading = 'h3'): string =>
  items.length === 0
    ? ''
    : `<${heading}>${esc(title)}</${heading}>\n<ul>${items.map((item) => `<li>${esc(item)}</li>`).join('')}</ul>`

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { margin: 0 } main { max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2rem } h3 { font-size: 1rem; margin: 1rem 0 .2rem }
p { white-space: pre-line }
.wide { overflow-x: auto } table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #8884; vertical-align: top }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem } dt { opacity: .7 } dd { margin: 0; overflow-wrap: anywhere }
.merged { color: #1a7f37 } .needs-input, .lost { color: #bf5700 } .skipped, .excluded, .pending { opacity: .7 }
`
