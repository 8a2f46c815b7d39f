import { optionalTasksOf } from '../model/optional-tasks.ts'
import type { RunView } from '../pipeline-types.ts'
import { count } from '../text/display.ts'
import { listSection, type Section } from './gate-fit.ts'
import { type GateView, runKind } from './gate-view.ts'

/** Commands that make sense now, with what they do; for a comment to be copied from. */
export function commandsSection(view: GateView): Section {
  const heading = view.state.kind === 'run' ? 'Commands now' : 'Commands'
  return listSection(
    heading,
    commandsFor(view),
    ([command, does]) => `\`${command}\`: ${does}`,
    'command',
    600,
  )
}

type Line = [command: string, does: string]

export function commandsFor({ state, head }: GateView): Line[] {
  switch (state.kind) {
    case 'needs-approval': {
      const commit = head.slice(0, 12)
      const { plan, config } = state.plan
      const ids = plan.phases
        .filter(({ status }) => status !== 'completed' && status !== 'skipped')
        .map(({ id }) => id)
      const first = ids.find(isWord)
      return [
        [`/approve ${commit}`, 'run what stands here'],
        ...(first === undefined || ids.length < 2
          ? []
          : ([
              [`/approve ${commit} --phases ${first} --max-cost 5`, 'run a part of it, stop at 5 US dollars'],
            ] satisfies Line[])),
        ...(plan.dependenciesStated || config.parallel
          ? []
          : ([
              [`/approve ${commit} --parallel`, 'run phases side by side where files allow'],
            ] satisfies Line[])),
        ...(config.withOptional === true || optionalTasksOf(plan).length === 0
          ? []
          : ([
              [`/approve ${commit} --with-optional`, 'do what the plan calls optional too'],
            ] satisfies Line[])),
        ...([...state.plan.assignments.values()].every(({ offers }) => offers.length === 0)
          ? []
          : ([
              [`/approve ${commit} --install-skills`, 'use what catalogues offer too, in this run alone'],
            ] satisfies Line[])),
        ...(state.changes === undefined
          ? []
          : ([
              ['/adjust', `suggest ${count(state.changes, 'change')} of the plan, for what the review found`],
            ] satisfies Line[])),
        ['/orchestrate', 'review again'],
        ['/why-not', 'why an approval is refused'],
        ['/skip 2 · /retry 2 · /fix 2 what is wrong · /abort', 'later, while it runs'],
      ]
    }
    case 'several-plans':
      return state.dirs
        .filter(isDir)
        .slice(0, 5)
        .map((dir) => [`/orchestrate ${dir === '' ? '.' : dir}`, 'review this one'])
    case 'starting':
      return [
        ['/abort', 'end it; its branches stay'],
        ['/status', 'where it stands'],
      ]
    case 'run':
      return runCommands(state.run, state.between)
    case 'not-labelled':
    case 'label-refused':
      return [['/orchestrate', 'review the plan of this pull request']]
    default:
      return []
  }
}

function runCommands(run: RunView, between: string | undefined): Line[] {
  const kind = runKind(run, between)
  const waiting = run.phases.find(({ state, id }) => state === 'needs-input' && isWord(id))
  const pending = run.phases.find(({ state, id }) => state === 'pending' && isWord(id))
  const merged = run.phases.find(({ state, attempt, id }) => state === 'merged' && attempt > 0 && isWord(id))
  const mend: Line[] =
    merged === undefined ? [] : [[`/fix ${merged.id} what is wrong`, 'have a phase mended and merged again']]
  if (kind === 'landed') return [...mend, ['/orchestrate', 'review the plan again, for another run']]
  if (kind === 'aborted') return [['/orchestrate', 'review the plan again, for another run']]
  if (kind === 'merged')
    return [
      ...mend,
      ['/land', 'fast-forward the pull request to what was made'],
      ['/abort', 'end the run; its branches stay'],
    ]
  const lines: Line[] = []
  if (between !== undefined) lines.push(['/continue', 'go on with the next phases'])
  if (waiting !== undefined) {
    const { id } = waiting
    lines.push(
      [`/fix ${id} what is wrong`, 'give its agents a finding of yours and go on'],
      [`/resume ${id}`, 'go on, after you mended it on its branch'],
      [`/retry ${id}`, 'start it again from scratch'],
      [`/skip ${id}`, 'leave it out; phases after it go on without its work'],
    )
  } else if (pending !== undefined) lines.push([`/skip ${pending.id}`, 'leave a phase out'])
  if (run.phases.some(({ state }) => state === 'merged'))
    lines.push(['/land', 'take over what is merged so far'])
  lines.push(['/status', 'where it stands'], ['/abort', 'end the run; its branches stay'])
  return lines
}

/** Ids of phases that a command takes. */
const isWord = (id: string): boolean => /^[A-Za-z0-9](?:[A-Za-z0-9]|[._-](?=[A-Za-z0-9])){0,63}$/.test(id)

/** Directories that a command takes and a code span holds. */
const isDir = (dir: string): boolean =>
  /^(?:[\p{L}\p{N}_.@+-]+(?:\/[\p{L}\p{N}_.@+-]+)*)?$/u.test(dir) && !/(^|\/)(-|\.+(\/|$))/.test(dir)
