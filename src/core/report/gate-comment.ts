import { linksOf } from './forge-links.ts'
import { deferred, failuresSection } from './gate-check.ts'
import { commandsSection } from './gate-commands.ts'
import { cut, fit, fixed, plain, type Section } from './gate-fit.ts'
import { graphSection } from './gate-graph.ts'
import { headline } from './gate-headline.ts'
import {
  confidenceSection,
  findingsSection,
  graphOf,
  hiddenSection,
  notesSection,
  phaseTable,
  questionsSection,
  assignedSection,
  offeredSection,
  researchSection,
  rowsOf,
  settingsSection,
} from './gate-plan.ts'
import type { GateView } from './gate-view.ts'

/** GitHub takes 65,536 characters of a comment; we stay below this, marker included. */
export const MAX_COMMENT = 58_000

/**
 * The one comment of a pull request, without its marker: how it stands, the execution plan, what was asked last, and the
 * commands of the moment. `room` is what the marker leaves, characters.
 */
export function gateComment(view: GateView, room: number): string {
  const { title, lead } = headline(view)
  return fit(
    [
      fixed(`## Orchestrate · ${plain(title)}`),
      fixed(cut(lead, 12_000)),
      answered(view),
      ...body(view),
      commandsSection(view),
      fixed(FOOT),
    ],
    Math.min(room, MAX_COMMENT),
  )
}

const FOOT =
  '<sub>This comment is renewed in place. Text of the plan is shown as it is written; nothing in it is a link.</sub>'

function answered({ answer }: GateView): Section {
  if (answer === undefined) return fixed('')
  const { to, command, text } = answer
  return fixed(
    `> **${plain(to, 60)}**, about ${plain(command, 200)}: ${cut(
      text
        .split(/\r?\n/)
        .map((line) => plain(line, 1_000))
        .filter((line) => line !== '')
        .join('\n> '),
      6_000,
    )}`,
  )
}

function body(view: GateView): Section[] {
  const { state, dir } = view
  const links = linksOf(view.url, view.pull)
  switch (state.kind) {
    case 'invalid-plan':
      return [
        failuresSection(state.failures, dir),
        notesSection(undefined, view.notes),
        findingsSection(state.diagnostics, dir, 1_000),
      ]
    case 'bad-config':
    case 'unreadable-run':
      return [failuresSection(state.failures, dir), notesSection(undefined, view.notes)]
    case 'needs-approval':
    case 'starting': {
      const { plan } = state
      const rows = rowsOf(plan, undefined)
      return [
        hiddenSection(plan.review.diagnostics, plan),
        phaseTable(rows, plan, undefined, links),
        graphSection(graphOf(rows)),
        questionsSection(plan),
        notesSection(plan, view.notes),
        settingsSection(plan),
        confidenceSection(plan, rows),
        assignedSection(plan),
        offeredSection(plan),
        researchSection(plan),
        findingsSection(plan.review.diagnostics, dir, 2_000),
      ]
    }
    case 'run': {
      const rows = rowsOf(state.plan, state.run)
      return [
        phaseTable(rows, state.plan, state.run, links),
        graphSection(graphOf(rows)),
        notesSection(undefined, view.notes),
        deferred(view),
      ]
    }
    default:
      return [notesSection(undefined, view.notes)]
  }
}
