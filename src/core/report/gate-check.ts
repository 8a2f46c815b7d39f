import type { CheckAnnotation, CheckWrite } from '../forge.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Failure } from '../model/failure.ts'
import { GATE_CHECK } from '../model/forge-names.ts'
import { makeVisible } from '../text/sanitize.ts'
import {
  ABORT_BUTTON,
  ADJUST_BUTTON,
  approveButton,
  type Button,
  CONTINUE_BUTTON,
  LAND_BUTTON,
  REVIEW_BUTTON,
} from './forge-buttons.ts'
import { linksOf } from './forge-links.ts'
import { fromRoot } from './formats.ts'
import { commandsSection } from './gate-commands.ts'
import { cut, fit, fixed, listSection, plain, type Section } from './gate-fit.ts'
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
import { graphSection } from './gate-graph.ts'
import { type GateView, runKind } from './gate-view.ts'

/** GitHub takes 65,535 characters of summary and of text each. */
const MAX_TEXT = 65_000
/** And 255 of a title; a message of an annotation may have 64 KB, of which nobody reads more than this. */
const MAX_TITLE = 250
const MAX_MESSAGE = 4_000

export interface CheckOptions {
  /** Paths that the pull request changes: only lines of these are annotated, all others stand in the text. */
  files: readonly string[]
  /** Whether clicks reach us: an App's checks have buttons, those of the Action do not. */
  buttons: boolean
  detailsUrl?: string
}

/** The gate's check. Its external id is the writer's business. */
export function gateCheck(view: GateView, options: CheckOptions): Omit<CheckWrite, 'externalId'> {
  const { title, lead, status, conclusion } = headline(view)
  const annotations = annotationsOf(view, options.files)
  const text = fit(details(view), MAX_TEXT)
  const buttons = options.buttons ? buttonsOf(view) : []
  return {
    name: GATE_CHECK,
    sha: view.head,
    status,
    ...(conclusion === undefined ? {} : { conclusion }),
    ...(options.detailsUrl === undefined ? {} : { detailsUrl: options.detailsUrl }),
    title: cut(makeVisible(title), MAX_TITLE),
    summary: fit([fixed(cut(lead, 20_000)), ...important(view), commandsSection(view)], MAX_TEXT),
    ...(text === '' ? {} : { text }),
    ...(annotations.length === 0 ? {} : { annotations }),
    ...(buttons.length === 0 ? {} : { buttons }),
  }
}

/** What must not be overlooked before somebody approves. */
function important(view: GateView): Section[] {
  const { state } = view
  switch (state.kind) {
    case 'needs-approval':
      return [
        hiddenSection(state.plan.review.diagnostics, state.plan),
        questionsSection(state.plan),
        notesSection(state.plan, view.notes),
      ]
    case 'invalid-plan':
    case 'bad-config':
    case 'unreadable-run':
      return [
        // That nothing is left to run stands in the headline, and is no mistake.
        failuresSection(
          state.failures.filter(({ reason }) => reason !== 'nothing-to-do'),
          view.dir,
        ),
        notesSection(undefined, view.notes),
      ]
    default:
      return [notesSection(undefined, view.notes)]
  }
}

/** Failures with their place and what to do. Those of the configuration name files from the root. */
export const failuresSection = (failures: readonly Failure[], dir: string): Section =>
  listSection(
    'What is wrong',
    failures,
    ({ message, hint, file, line, reason }) => {
      const path = file === undefined || reason === 'invalid-config' ? file : (fromRoot(dir, file) ?? file)
      const where = path === undefined ? '' : `${plain(line === undefined ? path : `${path}:${line}`)}: `
      return `${where}${plain(message)} ${plain(hint)}`
    },
    'problem',
    1_000,
  )

function details(view: GateView): Section[] {
  const { state } = view
  const links = linksOf(view.url, view.pull)
  switch (state.kind) {
    case 'invalid-plan':
      return [findingsSection(state.diagnostics, view.dir, 1_000)]
    case 'needs-approval':
    case 'starting': {
      const { plan } = state
      const rows = rowsOf(plan, undefined)
      return [
        phaseTable(rows, plan, undefined, links),
        graphSection(graphOf(rows)),
        settingsSection(plan),
        confidenceSection(plan, rows),
        assignedSection(plan),
        offeredSection(plan),
        researchSection(plan),
        findingsSection(plan.review.diagnostics, view.dir, 20_000),
      ]
    }
    case 'run': {
      const rows = rowsOf(state.plan, state.run)
      return [phaseTable(rows, state.plan, state.run, links), graphSection(graphOf(rows)), deferred(view)]
    }
    default:
      return []
  }
}

export function deferred({ state }: GateView): Section {
  const items = state.kind === 'run' ? state.run.deferred : []
  return listSection(
    'Put off',
    items,
    ({ phase, id, severity, file, line, title }) =>
      plain(`phase ${phase} · ${id} ${severity} · ${file}:${line} · ${title}`),
    'finding',
    300,
  )
}

function buttonsOf({ state, head }: GateView): Button[] {
  switch (state.kind) {
    case 'needs-approval':
      return [
        approveButton(head),
        ...(state.changes === undefined || state.run === undefined ? [REVIEW_BUTTON] : []),
        ...(state.changes === undefined ? [] : [ADJUST_BUTTON]),
        ...(state.run === undefined ? [] : [ABORT_BUTTON]),
      ]
    case 'invalid-plan':
    case 'bad-config':
    case 'label-refused':
      return [REVIEW_BUTTON]
    case 'starting':
      return [ABORT_BUTTON]
    case 'run': {
      const kind = runKind(state.run, state.between)
      if (kind === 'landed' || kind === 'aborted') return []
      if (kind === 'merged') return [LAND_BUTTON, ABORT_BUTTON]
      return [...(state.between === undefined ? [] : [CONTINUE_BUTTON]), ABORT_BUTTON]
    }
    default:
      return []
  }
}

const LEVELS = { error: 'failure', warning: 'warning', info: 'notice' } as const

function annotationsOf({ state, dir }: GateView, files: readonly string[]): CheckAnnotation[] {
  const known = new Set(files)
  const annotate = (diagnostics: readonly Diagnostic[]) =>
    diagnostics.flatMap((diagnostic) => annotation(diagnostic, dir, known))
  switch (state.kind) {
    case 'needs-approval':
    case 'starting':
      return annotate(state.plan.review.diagnostics)
    case 'invalid-plan': {
      const failures = state.failures.flatMap(({ reason, message, hint, file, line }) =>
        file === undefined || line === undefined
          ? []
          : [{ rule: reason, severity: 'error' as const, file, line, message, hint }],
      )
      return annotate([...failures, ...state.diagnostics])
    }
    default:
      return []
  }
}

function annotation(
  { severity, rule, file, line, endLine, message, why, hint }: Diagnostic,
  dir: string,
  files: ReadonlySet<string>,
): CheckAnnotation[] {
  const path = file === '' ? undefined : fromRoot(dir, file)
  if (path === undefined || !files.has(path)) return []
  const text = makeVisible([message, why, hint].filter((part) => part !== undefined).join('\n'))
  const startLine = Math.max(1, line)
  return [
    {
      path,
      startLine,
      endLine: Math.max(startLine, endLine ?? startLine),
      level: LEVELS[severity],
      title: rule,
      message: cut(text, MAX_MESSAGE),
    },
  ]
}
