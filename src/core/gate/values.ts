/** What flags and arguments of the gate take, by allow-list: whatever is not listed is refused, so nothing has to be escaped. */
import { AGENT_NAMES, LAND_POLICIES } from '../model/config.ts'
import type { GateFlags } from '../model/gate-command.ts'

export interface ValueKind {
  /** For messages: "takes …". */
  takes: string
  example: string
  matches: (value: string) => boolean
  /** For values of a fixed set. */
  choices?: readonly string[]
}

const whole = (max: number): ValueKind => ({
  takes: `a whole number from 1 to ${max}`,
  example: '2',
  matches: (value) => /^[1-9]\d{0,3}$/.test(value) && Number(value) <= max,
})
const oneOf = (choices: readonly [string, ...string[]]): ValueKind => ({
  takes: `one of ${choices.join(', ')}`,
  example: choices[0],
  matches: (value) => choices.includes(value),
  choices,
})

const ID = '[A-Za-z0-9](?:[A-Za-z0-9]|[._-](?=[A-Za-z0-9])){0,63}'
const phase: ValueKind = {
  takes: 'a phase as the plan numbers it',
  example: '2',
  matches: (value) => new RegExp(`^${ID}$`).test(value),
}
const phases: ValueKind = {
  takes: 'phases with commas and no blanks between',
  example: '1-3,5',
  matches: (value) => value.length <= 2_000 && new RegExp(`^${ID}(?:,${ID})*$`).test(value),
}
const money: ValueKind = {
  takes: 'an amount in US dollars above 0',
  example: '5',
  matches: (value) => /^\$?\d{1,6}(?:\.\d{1,4})?$/.test(value) && Number(value.replace('$', '')) > 0,
}
const model: ValueKind = {
  takes: "a model's name",
  example: 'sonnet',
  matches: (value) => /^[A-Za-z0-9][\w.:/@-]{0,99}(?:\[\w{1,10}\])?$/.test(value) && !value.includes('..'),
}
const sha: ValueKind = {
  takes: 'a commit, 7 to 64 hex digits',
  example: '1a2b3c4',
  matches: (value) => /^[0-9a-fA-F]{7,64}$/.test(value),
}
const dir: ValueKind = {
  takes: 'a directory from the root of the repository',
  example: 'plans/login',
  matches: (value) =>
    value.length <= 300 &&
    value
      .replace(/\/$/, '')
      .split('/')
      .every(
        (part, at) =>
          (part === '.' && at === 0) ||
          (/^[\p{L}\p{N}_.@+][\p{L}\p{N}_.@+-]*$/u.test(part) && !/^\.+$/.test(part)),
      ),
}

export const KINDS = { phase, sha, dir } as const

/** A flag of the gate. Without `value` it takes none. */
export interface GateFlag {
  flag: string
  value?: ValueKind
  /** Sets what the flag means; the value has passed its kind. */
  set: (flags: GateFlags, value: string) => void
  /** Another flag that asks for the opposite. */
  not?: string
  repeatable?: boolean
}

const addPhases = (flags: GateFlags, value: string): void => {
  flags.phases = [...(flags.phases ?? []), ...value.split(',')]
}
const agents = oneOf(AGENT_NAMES)
const lands = oneOf(LAND_POLICIES)

export const GATE_FLAGS: readonly GateFlag[] = [
  { flag: '--phases', value: phases, set: addPhases, repeatable: true },
  { flag: '--phase', value: phase, set: addPhases, repeatable: true },
  { flag: '--parallel', set: (flags) => (flags.parallel = true) },
  { flag: '--with-optional', set: (flags) => (flags.withOptional = true) },
  { flag: '--install-skills', set: (flags) => (flags.installSkills = true) },
  {
    flag: '--max-cost',
    value: money,
    set: (flags, value) => (flags.maxCostUsd = Number(value.replace('$', ''))),
  },
  { flag: '--model', value: model, set: (flags, value) => (flags.model = value) },
  {
    flag: '--agent',
    value: agents,
    set: (flags, value) => {
      const agent = AGENT_NAMES.find((name) => name === value)
      if (agent !== undefined) flags.agent = agent
    },
  },
  { flag: '--max-parallel', value: whole(64), set: (flags, value) => (flags.maxParallel = Number(value)) },
  {
    flag: '--max-parallel-phases',
    value: whole(64),
    set: (flags, value) => (flags.maxParallelPhases = Number(value)),
  },
  {
    flag: '--land',
    value: lands,
    set: (flags, value) => {
      const land = LAND_POLICIES.find((name) => name === value)
      if (land !== undefined) flags.land = land
    },
  },
  { flag: '--team', set: (flags) => (flags.dispatch = 'team'), not: '--no-team' },
  { flag: '--no-team', set: (flags) => (flags.dispatch = 'classic'), not: '--team' },
  { flag: '--subprocess', set: (flags) => (flags.subprocess = true), not: '--no-subprocess' },
  { flag: '--no-subprocess', set: (flags) => (flags.subprocess = false), not: '--subprocess' },
]

/** Flags of the command line that no comment may give, and where they can be said instead. */
export const NOT_HERE: Readonly<Record<string, string>> = {
  '--agent-command': 'Set agent_command in .github/orchestrate.yml on the base branch.',
  '--build-cmd': 'Set build_cmd in .github/orchestrate.yml on the base branch.',
  '--test-cmd': 'Set test_cmd in .github/orchestrate.yml on the base branch.',
  '--online': 'Set online in .github/orchestrate.yml on the base branch.',
  '--sandbox': 'Set sandbox in .github/orchestrate.yml on the base branch.',
}
