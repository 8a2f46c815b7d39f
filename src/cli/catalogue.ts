import { AGENT_NAMES, LAND_POLICIES, SANDBOX_MODES } from '../core/model/config.ts'
import { REVIEW_FORMATS, STEPS } from './choices.ts'
import type { DecisionKind } from './commands/decide.ts'
import type { Handler } from './shell.ts'

export interface CommandSpec {
  name: string
  /** As commander writes it: `<dir>` must be given, `[run]` may be. */
  args?: string
  /** How it is called, where arguments alone do not say it. */
  usage?: string
  summary: string
  flags?: readonly FlagSpec[]
  hidden?: boolean
  /** Commands load what they need when they are called: `--help` loads none of them. */
  load: () => Promise<Handler>
}

export interface FlagSpec {
  flag: string
  summary: string
  /** May be given several times. */
  repeatable?: boolean
}

/** "end, each or none". */
function either(values: readonly string[]): string {
  return `${values.slice(0, -1).join(', ')} or ${values.at(-1) ?? ''}`
}

const JSON_FLAG: FlagSpec = { flag: '--json', summary: 'machine output on stdout' }

/** Flags that several commands have; what they take is said once, by the lists that their values are checked with. */
const AGENT: FlagSpec = { flag: '--agent <name>', summary: either(AGENT_NAMES) }
const AGENT_COMMAND: FlagSpec = { flag: '--agent-command <cmd>', summary: 'the program of `--agent command`' }
const MODEL: FlagSpec = {
  flag: '--model <name>',
  summary: 'model asked of the agent: sonnet, opus, haiku or a full name',
}
const MAX_COST: FlagSpec = {
  flag: '--max-cost <usd>',
  summary: 'start no step once the run has cost this much',
}

/** Flags of a run that set how phases are executed; they go over `.github/orchestrate.yml`. */
const CONFIG_FLAGS: FlagSpec[] = [
  ...[AGENT, AGENT_COMMAND, MODEL],
  { flag: '--max-parallel <n>', summary: 'agents at one time in a phase (3)' },
  { flag: '--max-parallel-phases <n>', summary: 'phases at one time (3)' },
  { flag: '--parallel', summary: 'phases without stated dependencies run side by side where files allow' },
  { flag: '--with-optional', summary: 'do the tasks too that the plan calls optional' },
  { flag: '--land <when>', summary: `when your branch is fast-forwarded: ${either(LAND_POLICIES)} (end)` },
  { flag: '--team', summary: 'a lead and workers for every phase' },
  { flag: '--no-team', summary: 'no team for any phase' },
  { flag: '--subprocess', summary: 'every step is its own agent process (default)' },
  { flag: '--no-subprocess', summary: 'one agent does a whole phase, its artifacts are checked afterwards' },
  { flag: '--install-skills', summary: 'use what catalogues offer for a phase, in this run alone' },
  { flag: '--online', summary: 'ask catalogues and documentation sites on the network too' },
  MAX_COST,
  { flag: '--sandbox <mode>', summary: `${either(SANDBOX_MODES)} (auto)` },
  { flag: '--build-cmd <cmd>', summary: 'builds the project; over workflow.md' },
  { flag: '--test-cmd <cmd>', summary: 'tests the project; over workflow.md' },
]
const YES: FlagSpec = { flag: '--yes', summary: 'pass every gate without asking' }

const decide = (name: DecisionKind): (() => Promise<Handler>) => {
  return async () => (await import('./commands/decide.ts')).decideCommand(name)
}

/** Every command there is. What each does in detail stands in the README. */
export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'ingest',
    args: '[dir]',
    summary: 'read a plan directory and print what was understood',
    flags: [JSON_FLAG],
    load: async () => (await import('./commands/ingest.ts')).ingestCommand,
  },
  {
    name: 'review',
    args: '[dir]',
    summary: 'say what is weak about a plan; no network, and an agent only where one is asked for',
    flags: [
      { flag: '--format <format>', summary: `${either(REVIEW_FORMATS)} (text)` },
      { flag: '--fix', summary: 'split phases that are too large, state missing dependencies' },
      { flag: '--yes', summary: 'with --fix: write it without asking' },
      { ...AGENT, summary: 'a coding agent reads it too' },
      ...[AGENT_COMMAND, MODEL],
      { ...MAX_COST, summary: 'what the agent may cost' },
      JSON_FLAG,
    ],
    load: async () => (await import('./commands/review.ts')).reviewCommand,
  },
  {
    name: 'explain',
    args: '[rule]',
    summary: 'what a rule of the review means, with a bad and a good plan',
    load: async () => (await import('./commands/explain.ts')).explainCommand,
  },
  {
    name: 'run',
    args: '[dir]',
    summary: 'all six stages: review, gate, then every phase in its own worktree',
    flags: [
      YES,
      { flag: '--dry-run', summary: 'stop at the gate' },
      { flag: '--phase <n>', summary: 'only this phase', repeatable: true },
      { flag: '--resume', summary: 'go on with the unfinished run of this plan' },
      ...CONFIG_FLAGS,
      JSON_FLAG,
    ],
    load: async () => (await import('./commands/run.ts')).runCommand,
  },
  {
    name: 'phase',
    summary: 'the phase runner alone',
    flags: [
      { flag: '--phase <n>', summary: 'the phase' },
      { flag: '--plan-dir <dir>', summary: 'the plan directory' },
      { flag: '--step <step>', summary: either(STEPS) },
      { flag: '--dry-run', summary: 'show what would run' },
      YES,
      ...CONFIG_FLAGS,
      JSON_FLAG,
    ],
    load: async () => (await import('./commands/phase.ts')).phaseCommand,
  },
  {
    name: 'status',
    args: '[run]',
    summary: 'where a run stands',
    flags: [JSON_FLAG],
    load: async () => (await import('./commands/status.ts')).statusCommand,
  },
  {
    name: 'logs',
    args: '[run]',
    summary: 'what each agent of a run did',
    flags: [
      { flag: '--phase <n>', summary: 'only this phase' },
      { flag: '--step <step>', summary: 'only this step, e.g. implement or review-code' },
      { flag: '--follow', summary: 'go on as it comes, until the run ends' },
      JSON_FLAG,
    ],
    load: async () => (await import('./commands/logs.ts')).logsCommand,
  },
  {
    name: 'resume',
    args: '[run]',
    summary: 'go on with a run that was stopped or killed',
    flags: [YES, ...CONFIG_FLAGS, JSON_FLAG],
    load: async () => (await import('./commands/resume.ts')).resumeCommand,
  },
  ...(
    [
      ['retry', '<phase>', 'start a stopped phase again, then go on'],
      ['fix', '<phase> <text>', 'give a stopped phase a finding of yours, then go on'],
      ['skip', '<phase>', 'leave a phase out, then go on'],
    ] as const
  ).map(([name, args, summary]) => ({
    name,
    args,
    summary,
    flags: [
      { flag: '--run <run>', summary: 'which run, where there are several' },
      YES,
      ...CONFIG_FLAGS,
      JSON_FLAG,
    ],
    load: decide(name),
  })),
  {
    name: 'land',
    args: '[run]',
    summary: 'fast-forward your branch to what is merged so far',
    flags: [JSON_FLAG],
    load: async () => (await import('./commands/land.ts')).landCommand,
  },
  {
    name: 'abort',
    args: '[run]',
    summary: 'end a run; its branches stay',
    flags: [JSON_FLAG],
    load: decide('abort'),
  },
  {
    name: 'verify',
    args: '<run>',
    summary: 'prove from the ledger that no step is missing',
    flags: [
      { flag: '--pull <n>', summary: "ask the App's check on the pull request what it saw of the ledger" },
      { flag: '--app-id <n>', summary: 'the only App whose check counts' },
      JSON_FLAG,
    ],
    load: async () => (await import('./commands/verify.ts')).verifyCommand,
  },
  {
    name: 'report',
    args: '<run>',
    usage: 'RUN -o report.html',
    summary: 'the run as one HTML page',
    flags: [{ flag: '-o, --output <file>', summary: 'where to write it' }],
    load: async () => (await import('./commands/report.ts')).reportCommand,
  },
  {
    name: 'init',
    summary: 'write a commented configuration and an example plan where there are none',
    flags: [
      { flag: '--github', summary: 'also the workflow that gates pull requests and runs phases as jobs' },
    ],
    load: async () => (await import('./commands/init.ts')).initCommand,
  },
  {
    name: 'doctor',
    summary: 'check that everything needed is here',
    flags: [{ ...AGENT, summary: 'the agent to check' }, AGENT_COMMAND, JSON_FLAG],
    load: async () => (await import('./commands/doctor.ts')).doctorCommand,
  },
  {
    name: 'demo',
    summary: 'build a small repository with a plan and run it',
    hidden: true,
    flags: [
      { flag: '--dir <dir>', summary: 'where to build it; must not exist yet' },
      { ...AGENT, summary: 'scripted or a real one (scripted)' },
      ...[MODEL, MAX_COST],
      JSON_FLAG,
    ],
    load: async () => (await import('./commands/demo.ts')).demoCommand,
  },
]
