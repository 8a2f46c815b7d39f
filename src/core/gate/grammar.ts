/** One line of the gate's grammar: `/name arguments --flags`. The same for comments, workflow inputs and the command line. */
import { type Failure, failure } from '../model/failure.ts'
import { COMMAND_NAMES, type CommandName, type GateCommand, type GateFlags } from '../model/gate-command.ts'
import { phaseId } from '../model/ids.ts'
import { err, ok, type Result, unreachable } from '../model/result.ts'
import { makeVisible } from '../text/sanitize.ts'
import { similar } from '../text/similar.ts'
import { findInvisible, codePointName } from '../text/invisible.ts'
import { GATE_FLAGS, KINDS, NOT_HERE, type GateFlag, type ValueKind } from './values.ts'

/** Longest finding that `/fix` takes, characters: a dispatch carries 65,535 in all. */
export const MAX_FIX_TEXT = 5_000

interface Shape {
  /** How it is written, for hints. */
  usage: string
  argument?: { kind: ValueKind; required: boolean }
  flags: readonly GateFlag[]
  /** What follows the argument is free text. */
  text?: true
}

const RESUME_FLAGS = GATE_FLAGS.filter(({ flag }) => flag === '--max-cost' || flag === '--model')

export const SHAPES: Readonly<Record<CommandName, Shape>> = {
  orchestrate: {
    usage: '/orchestrate [dir]',
    argument: { kind: KINDS.dir, required: false },
    flags: GATE_FLAGS,
  },
  adjust: { usage: '/adjust', flags: [] },
  approve: { usage: '/approve [commit]', argument: { kind: KINDS.sha, required: false }, flags: GATE_FLAGS },
  retry: { usage: '/retry PHASE', argument: { kind: KINDS.phase, required: true }, flags: RESUME_FLAGS },
  resume: { usage: '/resume [PHASE]', argument: { kind: KINDS.phase, required: false }, flags: RESUME_FLAGS },
  skip: { usage: '/skip PHASE', argument: { kind: KINDS.phase, required: true }, flags: [] },
  fix: {
    usage: '/fix PHASE what is wrong',
    argument: { kind: KINDS.phase, required: false },
    flags: RESUME_FLAGS,
    text: true,
  },
  continue: { usage: '/continue', flags: RESUME_FLAGS },
  land: { usage: '/land', flags: [] },
  abort: { usage: '/abort', flags: [] },
  status: { usage: '/status', flags: [] },
  'why-not': { usage: '/why-not [PHASE]', argument: { kind: KINDS.phase, required: false }, flags: [] },
}

/**
 * The name that a line begins with. `none`: no command of ours, so somebody else's or prose; `unknown`: nearly one of ours,
 * which must not be passed over in silence.
 */
export function nameOf(
  line: string,
): { kind: 'name'; name: CommandName } | { kind: 'none' } | { kind: 'unknown'; word: string } {
  const [, word = ''] = /^\/(\S{1,40})(?:\s|$)/u.exec(line) ?? []
  const name = COMMAND_NAMES.find((one) => one === word)
  if (name !== undefined) return { kind: 'name', name }
  const bare = /^([A-Za-z][A-Za-z-]*)[.,;:!?]*$/.exec(word)?.[1]
  if (bare === undefined) return { kind: 'none' }
  // "/approved" and "/landing" are other words, not slips
  const extended = COMMAND_NAMES.some((one) => bare.length > one.length && bare.toLowerCase().startsWith(one))
  if (extended || similar(bare, COMMAND_NAMES) === undefined) return { kind: 'none' }
  return { kind: 'unknown', word }
}

export const unknownCommand = (word: string): Failure =>
  failure(
    'unknown-command',
    `There is no command /${word}.`,
    `Did you mean /${similar(word.replace(/[^A-Za-z-]/g, ''), COMMAND_NAMES) ?? 'status'}?`,
  )

/** Reads a line that `nameOf` knows. Everything wrong with it is told at once. */
export function readLine(name: CommandName, line: string): Result<GateCommand> {
  const [hidden] = findInvisible(line)
  if (hidden !== undefined) {
    return err([
      failure(
        'bad-value',
        `The line of /${name} holds a character that nobody sees (${codePointName(hidden.codePoint)}).`,
        'Write the line anew by hand.',
      ),
    ])
  }
  const rest = line.slice(name.length + 1).trim()
  const reader = new LineReader(name, rest)
  return reader.read()
}

class LineReader {
  readonly #name: CommandName
  readonly #shape: Shape
  readonly #failures: Failure[] = []
  readonly #flags: GateFlags = {}
  readonly #given = new Set<string>()
  #rest: string

  constructor(name: CommandName, rest: string) {
    this.#name = name
    this.#shape = SHAPES[name]
    this.#rest = rest
  }

  read(): Result<GateCommand> {
    const { text } = this.#shape
    let argument: string | undefined
    for (;;) {
      // free text begins after the argument and its flags: from then on dashes are dashes
      if (text && argument !== undefined && !/^--[a-z]/.test(this.#rest)) break
      const word = this.#word()
      if (word === undefined) break
      if (/^[-\u2010-\u2015\u2212]/.test(word)) this.#flag(word)
      else if (argument === undefined) argument = this.#argument(word)
      else this.#tooMuch(word)
    }
    const { argument: wanted, usage } = this.#shape
    if (wanted?.required === true && argument === undefined && this.#failures.length === 0) {
      this.#fail('missing-argument', `/${this.#name} needs ${wanted.kind.takes}.`, `Write ${usage}.`)
    }
    const fix = text && argument !== undefined ? this.#text() : ''
    if (this.#failures.length > 0) return err(this.#failures)
    return ok(command(this.#name, argument, fix, this.#flags))
  }

  #fail(reason: Failure['reason'], message: string, hint: string): void {
    this.#failures.push(failure(reason, message, hint))
  }

  #word(): string | undefined {
    const found = /^\S+/u.exec(this.#rest)?.[0]
    if (found === undefined) return undefined
    this.#rest = this.#rest.slice(found.length).trimStart()
    return found
  }

  #argument(word: string): string {
    const { argument, usage } = this.#shape
    if (argument === undefined) this.#tooMuch(word)
    else if (!argument.kind.matches(word)) {
      this.#fail(
        'bad-value',
        `/${this.#name} takes ${argument.kind.takes}, and “${shown(word)}” is none.`,
        `Write ${usage}, for example /${this.#name} ${argument.kind.example}; remarks go on a line of their own.`,
      )
    }
    return word
  }

  /** Told once: what follows is the rest of the same remark. */
  #tooMuch(word: string): void {
    if (this.#failures.length > 0) return
    this.#fail(
      'bad-value',
      `/${this.#name} does not take “${shown(word)}”.`,
      `Write ${this.#shape.usage}; remarks go on a line of their own.`,
    )
  }

  #flag(word: string): void {
    const at = word.indexOf('=')
    const flag = at === -1 ? word : word.slice(0, at)
    const known = this.#shape.flags.find((one) => one.flag === flag)
    if (known === undefined) return this.#unknown(flag, at !== -1)
    if (this.#given.has(flag) && known.repeatable !== true) {
      return this.#fail('contradicting-flags', `${flag} is given twice.`, 'Give it once.')
    }
    if (known.not !== undefined && this.#given.has(known.not)) {
      return this.#fail(
        'contradicting-flags',
        `${known.not} and ${flag} contradict each other.`,
        'Give one of them.',
      )
    }
    this.#given.add(flag)
    if (known.value === undefined) {
      if (at !== -1) return this.#fail('bad-value', `${flag} takes no value.`, `Write ${flag}.`)
      return known.set(this.#flags, '')
    }
    const { takes, example, matches, choices } = known.value
    const value = at === -1 ? this.#word() : word.slice(at + 1)
    if (value === undefined || value === '') {
      return this.#fail('missing-argument', `${flag} needs ${takes}.`, `For example: ${flag} ${example}`)
    }
    if (!matches(value)) {
      const meant = choices === undefined ? undefined : similar(value, choices)
      return this.#fail(
        'bad-value',
        `${flag} is “${shown(value)}”; it takes ${takes}.`,
        meant === undefined ? `For example: ${flag} ${example}` : `Did you mean ${meant}?`,
      )
    }
    known.set(this.#flags, value)
  }

  #unknown(flag: string, hasValue: boolean): void {
    // what follows is probably its value, and no argument
    if (!hasValue && !this.#rest.startsWith('-')) this.#word()
    const elsewhere = NOT_HERE[flag]
    const flags = this.#shape.flags.map((one) => one.flag)
    const meant = similar(flag.replace(/^[^A-Za-z0-9]+/, '--'), flags)
    this.#fail(
      'unknown-flag',
      elsewhere === undefined
        ? `/${this.#name} has no flag ${shown(flag)}.`
        : `${flag} cannot be given here: it decides what runs on the machine.`,
      elsewhere ??
        (meant !== undefined
          ? `Did you mean ${meant}?`
          : flags.length === 0
            ? `Write ${this.#shape.usage}.`
            : `Its flags: ${flags.join(', ')}.`),
    )
  }

  #text(): string {
    const text = this.#rest.replace(/\s+/gu, ' ').trim()
    if (text === '') {
      this.#fail('missing-argument', `/${this.#name} needs a text.`, `Write ${this.#shape.usage}.`)
    } else if (text.length > MAX_FIX_TEXT) {
      this.#fail(
        'bad-value',
        `The text of /${this.#name} has ${text.length} characters; ${MAX_FIX_TEXT} is the most.`,
        'Say it shorter, or as several findings.',
      )
    }
    return text
  }
}

/** What was written, bounded, nothing hidden in it. */
const shown = (word: string): string => makeVisible(word.length > 60 ? `${word.slice(0, 60)}…` : word)

function command(
  name: CommandName,
  argument: string | undefined,
  text: string,
  flags: GateFlags,
): GateCommand {
  const phase = phaseId(argument ?? '')
  const optional = argument === undefined ? {} : { phase }
  switch (name) {
    case 'orchestrate':
      return {
        name,
        ...(argument === undefined ? {} : { dir: argument.replace(/(?<=.)\/$/, '').replace(/^\.\//, '') }),
        flags,
      }
    case 'approve':
      return { name, ...(argument === undefined ? {} : { head: argument.toLowerCase() }), flags }
    case 'retry':
      return { name, phase, flags }
    case 'resume':
      return { name, ...optional, flags }
    case 'skip':
      return { name, phase }
    case 'fix':
      return { name, ...optional, text, flags }
    case 'continue':
      return { name, flags }
    case 'adjust':
    case 'land':
    case 'abort':
    case 'status':
      return { name }
    case 'why-not':
      return { name, ...optional }
    default:
      return unreachable(name)
  }
}
