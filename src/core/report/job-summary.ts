import type { PhaseResult } from '../model/phase-result.ts'
import type { RunView } from '../pipeline-types.ts'
import { duration, cost, severities } from '../text/format.ts'
import { escapeMarkdown, markdownTable } from '../text/markdown.ts'

/** GitHub takes 1 MiB; longer lists than this nobody reads in a summary. */
const MOST = 100

export interface JobSummary {
  view: RunView
  /** Of the phases that this job ran, in order. */
  results: readonly PhaseResult[]
  /** Web address of the repository, for links to commits. */
  url: string
  /** Sentences for the end: what was dispatched, what waits. */
  notes: readonly string[]
}

/** What a job of a run did, as the Markdown of its summary: gates, findings, cost and commits of each phase that it ran. */
export function jobSummary({ view, results, url, notes }: JobSummary): string {
  const states = view.phases.map(({ id, state }) => `${escapeMarkdown(id)} ${state}`).join(' · ')
  return [
    `## Run \`${view.run}\`\n`,
    `${states}\n`,
    ...results.map((result) => phase(result, url)),
    ...(notes.length === 0 ? [] : [`${notes.map((note) => `- ${escapeMarkdown(note)}`).join('\n')}\n`]),
  ].join('\n')
}

function phase(result: PhaseResult, url: string): string {
  const { build, tests, reviews, criteria, error, usage, commits, merge } = result
  const { counts } = tests
  const ran =
    counts === undefined
      ? ''
      : `, ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`
  const link = (sha: string): string => `[\`${sha.slice(0, 10)}\`](${url}/commit/${sha})`
  const gates: string[][] = [
    ['build', build.status],
    ['test', `${tests.status}${ran}`],
    ...(['test', 'code', 'perf'] as const).map((name) => {
      const found = reviews[name]
      return [`review of ${name}`, found === undefined ? 'not done' : severities(found)]
    }),
    [
      'criteria',
      `${criteria.met.length} met, ${criteria.unmet.length} unmet, ${criteria.notJudged.length} not judged`,
    ],
    ['cost', cost(usage)],
    ['time', duration(result.durationMs)],
    ...(merge === undefined ? [] : [['merged as', link(merge)]]),
  ]
  const fixed = result.fixesApplied.map(({ severity, title }) => `${severity} ${title}: fixed`)
  const later = result.deferred.map(
    ({ severity, file, line, title, note }) => `${severity} ${title} (${file}:${line}): put off. ${note}`,
  )
  return [
    `### Phase ${escapeMarkdown(result.phase)}: ${escapeMarkdown(result.title)}\n`,
    ...(error === undefined
      ? []
      : [
          `**${escapeMarkdown(error.message)}**\n`,
          `${error.hint.split('\n').map(escapeMarkdown).join('<br>')}\n`,
        ]),
    markdownTable(['Gate', 'Outcome'], gates),
    ...(commits.length === 0
      ? []
      : [items(commits, ({ sha, subject }) => `${link(sha)} ${escapeMarkdown(subject)}`)]),
    ...(fixed.length + later.length === 0
      ? []
      : ['#### Findings\n', items([...fixed, ...later], escapeMarkdown)]),
  ].join('\n')
}

function items<T>(all: readonly T[], line: (one: T) => string): string {
  const more = all.length > MOST ? [`- and ${all.length - MOST} more`] : []
  return `${[...all.slice(0, MOST).map((one) => `- ${line(one)}`), ...more].join('\n')}\n`
}
