import { AGENT_NAMES, LAND_POLICIES, SANDBOX_MODES, type Config } from '../core/model/config.ts'
import { failure, type Failure } from '../core/model/failure.ts'
import { phaseId } from '../core/model/ids.ts'
import { err, ok, type Result } from '../core/model/result.ts'
import { list } from '../core/text/display.ts'
import { similar } from '../core/text/similar.ts'
import type { Input } from './shell.ts'

/** Pairs that ask for opposite things. */
const CONTRADICTIONS: readonly [string, string, string][] = [
  ['--team', '--no-team', 'Give one of them, or neither: then it is decided per phase.'],
  ['--subprocess', '--no-subprocess', 'Give one of them, or neither: every step is then its own process.'],
  ['--yes', '--dry-run', '--yes passes the gate, --dry-run stops at it. Give one of them.'],
  ['--fix', '--format', '--fix shows a patch and writes it. Leave --format out, or review without --fix.'],
  ['--fix', '--json', '--fix shows a patch and writes it. Leave --json out, or review without --fix.'],
  [
    '--resume',
    '--dry-run',
    'A run that is resumed has passed its gate. Use `status` to see where it stands.',
  ],
]

/** Collects what is wrong with the values of flags, so that all of it is told at once. */
export class Flags {
  readonly failures: Failure[] = []
  readonly #input: Input

  constructor(input: Input) {
    this.#input = input
    for (const [a, b, hint] of CONTRADICTIONS) {
      if (input.given.has(a) && input.given.has(b)) {
        this.failures.push(failure('contradicting-flags', `${a} and ${b} contradict each other.`, hint))
      }
    }
  }

  has(flag: string): boolean {
    return this.#input.given.has(flag)
  }

  text(flag: string): string | undefined {
    const value = this.#raw(flag)
    if (value === undefined || value.trim() !== '') return value
    this.#bad(flag, value, 'some text', '')
    return undefined
  }

  texts(flag: string): string[] | undefined {
    const value = this.#input.options[camel(flag)]
    return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : undefined
  }

  one<T extends string>(flag: string, choices: readonly T[]): T | undefined {
    const value = this.#raw(flag)
    if (value === undefined) return undefined
    const found = choices.find((choice) => choice === value)
    if (found !== undefined) return found
    const meant = similar(value, choices)
    this.#bad(
      flag,
      value,
      `one of ${list([...choices], 99)}`,
      meant === undefined ? '' : `Did you mean ${meant}?`,
    )
    return undefined
  }

  whole(flag: string, min: number, max: number): number | undefined {
    const value = this.#raw(flag)
    if (value === undefined) return undefined
    const number = Number(value)
    if (/^\d+$/.test(value) && number >= min && number <= max) return number
    this.#bad(flag, value, `a whole number from ${min} to ${max}`, '')
    return undefined
  }

  money(flag: string): number | undefined {
    const value = this.#raw(flag)
    if (value === undefined) return undefined
    const usd = Number(value.replace(/^\$/, ''))
    if (/^\$?\d+(\.\d+)?$/.test(value) && usd > 0) return usd
    this.#bad(flag, value, 'an amount in US dollars above 0', `For example: ${flag} 2.50`)
    return undefined
  }

  /** `value` when nothing is wrong, else everything that is. */
  result<T>(value: T): Result<T> {
    return this.failures.length === 0 ? ok(value) : err(this.failures)
  }

  #raw(flag: string): string | undefined {
    const value = this.#input.options[camel(flag)]
    return typeof value === 'string' ? value : undefined
  }

  #bad(flag: string, value: string, takes: string, hint: string): void {
    this.failures.push(
      failure(
        'bad-value',
        `${flag} is "${value}"; it takes ${takes}.`,
        hint || 'Correct the value and try again.',
      ),
    )
  }
}

/** What the flags say about the configuration; only what was given. */
export function configFlags(flags: Flags): Partial<Config> {
  const agentCommand = flags.text('--agent-command')
  const agent = flags.one('--agent', AGENT_NAMES)
  if (agentCommand !== undefined && agent !== undefined && agent !== 'command') {
    flags.failures.push(
      failure(
        'contradicting-flags',
        `--agent ${agent} and --agent-command contradict each other.`,
        'Use --agent command with --agent-command, or leave --agent-command out.',
      ),
    )
  }
  const buildCmd = flags.text('--build-cmd')
  const testCmd = flags.text('--test-cmd')
  const model = flags.text('--model')
  const maxParallel = flags.whole('--max-parallel', 1, 64)
  const maxParallelPhases = flags.whole('--max-parallel-phases', 1, 64)
  const land = flags.one('--land', LAND_POLICIES)
  const maxCostUsd = flags.money('--max-cost')
  const sandbox = flags.one('--sandbox', SANDBOX_MODES)
  const phases = flags.texts('--phase')?.map(phaseId)
  return {
    ...(agentCommand === undefined ? {} : { agent: 'command', agentCommand }),
    ...(agent === undefined ? {} : { agent }),
    ...(model === undefined ? {} : { model }),
    ...(maxParallel === undefined ? {} : { maxParallel }),
    ...(maxParallelPhases === undefined ? {} : { maxParallelPhases }),
    ...(flags.has('--parallel') ? { parallel: true } : {}),
    ...(flags.has('--with-optional') ? { withOptional: true } : {}),
    ...(flags.has('--install-skills') ? { installSkills: true } : {}),
    ...(flags.has('--online') ? { online: true } : {}),
    ...(land === undefined ? {} : { land }),
    ...(maxCostUsd === undefined ? {} : { maxCostUsd }),
    ...(sandbox === undefined ? {} : { sandbox }),
    ...(flags.has('--team') ? { dispatch: 'team' } : flags.has('--no-team') ? { dispatch: 'classic' } : {}),
    ...(flags.has('--no-subprocess')
      ? { subprocess: false }
      : flags.has('--subprocess')
        ? { subprocess: true }
        : {}),
    ...(buildCmd === undefined ? {} : { buildCmd }),
    ...(testCmd === undefined ? {} : { testCmd }),
    ...(phases === undefined ? {} : { phases }),
  }
}

const camel = (flag: string): string =>
  flag.replace(/^--/, '').replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
