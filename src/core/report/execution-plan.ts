import { UNCAGED_VARIABLE, type Config } from '../model/config.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { leftOutOf, type OptionalChoice } from '../model/optional-tasks.ts'
import type { Phase, Plan } from '../model/plan.ts'
import { agentFor, isSecond, modelFor } from '../model/routing.ts'
import { STEP_ROLES } from '../model/step.ts'
import type { CageStanding } from '../ports.ts'
import { oneLine } from '../text/clean.ts'
import { count, list, plural, wrap } from '../text/display.ts'
import { duration, money } from '../text/format.ts'
import type { Style } from '../text/style.ts'
import { table, type Column } from '../text/table.ts'
import { assignmentLine, offerLines, type PhaseAssignment } from './assignments.ts'
import { sideBySide } from './side-by-side.ts'

/** How sure the review is that a phase can be done as it is written, and why. */
export interface PhaseConfidence {
  level: 'high' | 'medium' | 'low'
  reasons: readonly string[]
}

/** A build or test command and where it comes from ("workflow.md", "package.json has a test script", "--test-cmd"). */
export interface CheckCommand {
  command: string
  why: string
}

/** Everything a person approves at the gate. Keys of the maps are phase ids. */
export interface ExecutionPlan {
  /** Left out where no ledger was looked at. */
  forecast?: Forecast
  run: string
  plan: Plan
  config: Config
  review: {
    confidence: ReadonlyMap<string, PhaseConfidence>
    questions: readonly { phase?: string; text: string }[]
    diagnostics: readonly Diagnostic[]
  }
  assignments: ReadonlyMap<string, PhaseAssignment>
  research: {
    /** `from`: "cheat sheet, 2 days old", "installed package 4.1.0". */
    sheets: readonly { technology: string; from: string }[]
    /** Technologies nothing is known about. */
    unknown: readonly string[]
  }
  commands: { build?: CheckCommand; test?: CheckCommand }
  dispatch: ReadonlyMap<string, 'classic' | 'team' | 'single'>
  /** Why each is dispatched so; left out where nobody says. */
  reasons?: ReadonlyMap<string, string>
  /** What holds agents and builds on this machine; left out where another machine runs them. */
  cage?: CageStanding
  /** Anything else to know before approving, a sentence each. */
  notes: readonly string[]
}

const columnsOf = ({ words }: Plan): Column[] => [
  { title: '#' },
  { title: words.phase, min: 18 },
  { title: 'after', min: 10 },
  { title: 'work' },
  { title: 'files', align: 'right', drop: 1 },
  { title: 'agent' },
  { title: 'skills', min: 12 },
  { title: 'dispatch' },
  { title: 'confidence' },
]
/** Narrower than this, agents and skills come in a list of their own. */
const WIDE = 100

/** What a run may come to; from least to most. */
export interface Forecast {
  steps: readonly [number, number]
  /** Steps of earlier runs that money and time are taken from. */
  restsOn: number
  /** US dollars; left out where no earlier step told a cost. */
  usd?: readonly [number, number]
  /** From its start to its end, builds and tests left out. Milliseconds. */
  ms?: readonly [number, number]
}

function forecastText({ steps, restsOn, usd, ms }: Forecast): string {
  const range = ([least, most]: readonly [number, number], show: (value: number) => string): string =>
    show(least) === show(most) ? show(most) : `${show(least)}–${show(most)}`
  const size = `${range(steps, String)} agent steps`
  if (restsOn === 0) return `${size}; no earlier step to go by`
  const found = [
    ...(usd === undefined ? [] : [`≈${range(usd, money)}`]),
    ...(ms === undefined ? [] : [`≈${range(ms, duration)}`]),
  ]
  return `${[size, ...found].join(' · ')} (a forecast, from ${count(restsOn, 'earlier step')})`
}

/** The whole execution plan in one view, at most `columns` wide: what is approved is what stands here. */
export function executionPlanText(given: ExecutionPlan, columns: number, style: Style): string {
  const { plan, review } = given
  const phases = chosen(given)
  const wide = columns >= WIDE
  const titled = columnsOf(plan)
  const shown = (_: unknown, i: number) => wide || !['agent', 'skills'].includes(titled[i]?.title ?? '')
  const [head = '', rule = '', ...rows] = table(
    titled.filter(shown),
    phases.map((phase) => cells(phase, given).filter(shown)),
    columns,
  )
  const section = (title: string, lines: string[]): string[] =>
    lines.length === 0 ? [] : [style.bold(title), ...lines, '']
  const bullet = (text: string): string[] =>
    wrap(oneLine(text), columns - 4).map((part, i) => (i === 0 ? `  - ${part}` : `    ${part}`))
  return [
    style.bold(`Execution plan · ${oneLine(plan.title) || plan.dir || '.'}`),
    ...settings(given, columns),
    '',
    style.dim(head),
    style.dim(rule),
    ...rows,
    '',
    ...section('Agents and skills', assigned(given, phases).flatMap(bullet)),
    ...section('Offered by catalogues, not used', offered(given, phases).flatMap(bullet)),
    ...section('Order', order(plan, phases).flatMap(bullet)),
    ...section('Dispatch', dispatchLines(given, phases).flatMap(bullet)),
    ...section(
      'Confidence',
      phases
        .flatMap((phase) => doubts(phase, review.confidence.get(phase.id), plan.words.phase))
        .flatMap(bullet),
    ),
    ...section(
      'Checks',
      checks(given, style).flatMap((text) => wrap(text, columns - 2).map((part) => `  ${part}`)),
    ),
    ...section('Research', research(given).flatMap(bullet)),
    ...section(
      'Questions',
      review.questions
        .map(({ phase, text }) => (phase === undefined ? text : `${plan.words.phase} ${phase}: ${text}`))
        .flatMap(bullet),
    ),
    ...section('Before you approve', warnings(given).flatMap(bullet).map(style.warn)),
  ].join('\n')
}

function settings(given: ExecutionPlan, columns: number): string[] {
  return settingRows(given).flatMap(([key, text]) =>
    wrap(oneLine(text), columns - 12).map((part, i) => `  ${(i === 0 ? key : '').padEnd(9)} ${part}`),
  )
}

/** Whose branch is meant, and with whose rights agents run: that of a person, or of a job. */
const YOURS = { branch: 'your branch', rights: 'your rights' }

/** What a run would run with, a name and a text each. */
export function settingRows(
  { run, plan, config, cage, forecast }: ExecutionPlan,
  whose = YOURS,
): [string, string][] {
  const agent = [
    config.agent === 'command' ? `command (${config.agentCommand ?? 'no command'})` : config.agent,
    config.model === undefined ? '' : `model ${config.model}`,
    cageText(config, cage, whose.rights),
  ]
  const limits = [
    `${config.maxParallelPhases} phases × ${config.maxParallel} agents at a time`,
    `${duration(config.limits.wallMs)} a step`,
    config.maxCostUsd === undefined ? 'no cost limit' : `stops at ${money(config.maxCostUsd)}`,
    ...(['run', 'phase', 'step'] as const).flatMap((scope) => {
      const usd = config.budgets?.[scope]
      return usd === undefined ? [] : [`never more than ${money(usd)} a ${scope}`]
    }),
  ]
  const { execution } = plan.contract
  const contract = [
    plan.contract.stated ? 'workflow.md' : 'defaults (no workflow.md)',
    count(execution.maxPhaseRetries, 'retry', 'retries'),
    `between phases ${execution.gates.betweenPhases}`,
    `on failure ${execution.gates.onFailure}`,
    `progress ${execution.progressEnforcement}`,
  ]
  const land = {
    end: `${whose.branch} is fast-forwarded at the end`,
    each: `${whose.branch} is fast-forwarded after each phase`,
    none: `${whose.branch} stays as it is; \`land\` does it later`,
  }
  return [
    ['run', run],
    ['agent', agent.filter((part) => part !== '').join(' · ')],
    ...steps(config),
    ['limits', limits.join(' · ')],
    ...(forecast === undefined ? [] : [['forecast', forecastText(forecast)] as [string, string]]),
    ['contract', contract.join(' · ')],
    ['landing', land[config.land]],
  ]
}

/** Who does which kind of steps with which model, where they are not all alike. */
function steps(config: Config): [string, string][] {
  if (config.models === undefined && config.agents === undefined) return []
  const each = STEP_ROLES.map((role) => {
    const { agent, agentCommand } = agentFor(config, role)
    const name = !isSecond(config, role)
      ? ''
      : agent === 'command'
        ? `command (${agentCommand ?? ''})`
        : agent
    const model = modelFor(config, role)
    return [role, name, model ?? (name === '' ? 'its own model' : '')].filter((part) => part !== '').join(' ')
  })
  return [['steps', each.join(' · ')]]
}

/** A job on a code host decides where it runs: what it requires is all that can be said of it beforehand. */
function cageText(
  { sandbox, uncaged, registries = [], sandboxNetwork }: Config,
  cage: CageStanding | undefined,
  rights: string,
): string {
  const reached = [...registries.map(({ host, file }) => `${host} (${file})`), ...sandboxNetwork]
  const out = [
    ...(uncaged.length === 0 ? [] : [`, but for ${list([...uncaged])}`]),
    ...(reached.length === 0 ? [] : [`, reaching ${list(reached)}`]),
  ].join('')
  if (cage?.held === true) return `caged${out}`
  if (cage !== undefined) return `no cage (${cage.why.replace(/\.$/, '')}): agents run with ${rights}`
  if (sandbox === 'required') return `caged${out}: a job that cannot make a cage stops`
  const accepts = `its repository accepts that (${UNCAGED_VARIABLE})`
  return sandbox === 'off'
    ? `no cage: a job refuses that unless ${accepts}, and agents then run with ${rights}`
    : `caged${out}: a job that cannot make a cage stops unless ${accepts}`
}

/** The phases that would run. */
export const chosen = ({ plan, config }: ExecutionPlan): Phase[] =>
  plan.phases.filter((phase) => config.phases === undefined || config.phases.includes(phase.id))

function cells(phase: Phase, given: ExecutionPlan): string[] {
  const assignment = given.assignments.get(phase.id)
  const done = phase.status === 'completed' ? ' (done)' : phase.status === 'skipped' ? ' (skipped)' : ''
  return [
    phase.id,
    oneLine(`${phase.title}${done}`),
    phase.after.length === 0 ? '–' : phase.after.join(', '),
    work(phase, given.plan, given.config),
    String(phase.files.length),
    oneLine(assignment?.agentType ?? 'general-purpose'),
    oneLine(assignment?.skills.map(({ name }) => name).join(', ') ?? '') || '–',
    given.dispatch.get(phase.id) ?? 'classic',
    given.review.confidence.get(phase.id)?.level ?? '–',
  ]
}

/** How much a phase is: "3 specs", "1 task". */
export function work(phase: Phase, { words }: Pick<Plan, 'words'>, choice: OptionalChoice): string {
  if (phase.specs.length > 0) return count(phase.specs.length, 'spec')
  if (phase.tasks.length === 0) return 'as one'
  const out = leftOutOf(phase, choice).length
  if (out === 0) return count(phase.tasks.length, words.task)
  const done = phase.tasks.length - out
  return `${done === 0 ? '' : `${count(done, words.task)}, `}${out} optional left out`
}

/** Who works on the phases that are open, with what and why; the best score is 10. */
export const assigned = (
  { assignments, plan: { words } }: ExecutionPlan,
  phases: readonly Phase[],
): string[] =>
  phases.filter(isOpen).map(({ id }) => `${words.phase} ${id}: ${assignmentLine(assignments.get(id))}`)

/** What catalogues have, and how it is used. */
export function offered({ assignments, plan: { words } }: ExecutionPlan, phases: readonly Phase[]): string[] {
  const lines = phases
    .filter(isOpen)
    .flatMap(({ id }) => offerLines(assignments.get(id)).map((line) => `${words.phase} ${id}: ${line}`))
  return lines.length === 0 ? [] : [...lines, 'With --install-skills it is used, in this run alone.']
}

const isOpen = ({ status }: Phase): boolean => status !== 'completed' && status !== 'skipped'

/** In which order phases run, a sentence each. */
export function order(plan: Plan, phases: readonly Phase[]): string[] {
  const { words } = plan
  const pairs = sideBySide(phases)
  const how = plan.dependenciesStated
    ? `A ${words.phase} starts as soon as the ${plural(words.phase)} it comes after are merged.`
    : `The plan states no dependency: its ${plural(words.phase)} run in written order.`
  return [how, ...(pairs.length === 0 ? [] : [`Side by side where no file is shared: ${pairs.join('; ')}.`])]
}

/** Why phases are dispatched as they are, a line for each that is still to be done; those alike in one. */
export function dispatchLines({ plan, reasons }: ExecutionPlan, phases: readonly Phase[]): string[] {
  const alike = new Map<string, string[]>()
  for (const { id, status } of phases) {
    const why = reasons?.get(id)
    if (why === undefined || status === 'completed' || status === 'skipped') continue
    alike.set(why, [...(alike.get(why) ?? []), id])
  }
  return [...alike].map(
    ([why, ids]) =>
      `${ids.length === 1 ? plan.words.phase : plural(plan.words.phase)} ${list(ids, 12)} ${why}`,
  )
}

function doubts(phase: Phase, confidence: PhaseConfidence | undefined, noun: string): string[] {
  if (confidence === undefined || confidence.level === 'high') return []
  return [`${noun} ${phase.id} ${confidence.level}: ${list([...confidence.reasons])}`]
}

function checks({ commands }: ExecutionPlan, style: Style): string[] {
  return (['build', 'test'] as const).map((kind) => {
    const found = commands[kind]
    if (found !== undefined) return `${kind.padEnd(5)}  ${oneLine(found.command)}  (${oneLine(found.why)})`
    return style.warn(
      kind === 'build'
        ? 'build  NO BUILD COMMAND FOUND: nothing will be built. Give one with --build-cmd.'
        : 'test   NO TEST COMMAND FOUND: nothing will be tested. Give one with --test-cmd.',
    )
  })
}

/** What is known of the technologies, a line each. */
export function research({ config, cage, research: { sheets, unknown } }: ExecutionPlan): string[] {
  const isJob = cage === undefined
  const more = config.online || isJob ? '' : ' (--online looks it up)'
  const left =
    isJob && config.online
      ? `nothing known about ${list([...unknown])} yet: it is looked up when the run is made, which keeps what it finds`
      : `nothing known about ${list([...unknown])}: agents work from what they know${more}`
  return [
    ...sheets.map(({ technology, from }) => `${technology}: ${from}`),
    ...(unknown.length === 0 ? [] : [left]),
    ...(isJob && config.researchAgent !== 'never' && unknown.length > 0
      ? ['no agent writes cheat sheets here: `research: agent` is for runs on a machine of yours']
      : []),
  ]
}

function warnings({ review, notes }: ExecutionPlan): string[] {
  const hidden = review.diagnostics.filter((found) => /hidden|invisible/.test(found.rule))
  const of = (severity: Diagnostic['severity']) =>
    review.diagnostics.filter((found) => found.severity === severity).length
  const found = [
    of('error') > 0 ? count(of('error'), 'error') : '',
    of('warning') > 0 ? count(of('warning'), 'warning') : '',
  ].filter((text) => text !== '')
  return [
    ...hidden.map(
      ({ file, line }) =>
        `HIDDEN TEXT at ${file}:${line}: it would reach an agent without you having read it.`,
    ),
    ...(found.length === 0 ? [] : [`The review has ${list(found)}: \`orchestrate review\` shows them.`]),
    ...notes,
  ]
}
