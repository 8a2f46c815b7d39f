import { Command, CommanderError, Option } from 'commander'
import { failure, type Failure } from '../core/model/failure.ts'
import { similar } from '../core/text/similar.ts'
import { COMMANDS, type CommandSpec } from './catalogue.ts'
import type { Input } from './shell.ts'

export type Parsed =
  | { kind: 'command'; command: CommandSpec; input: Input }
  /** Help or the version: `text` is to be printed. */
  | { kind: 'text'; text: string }
  | { kind: 'failures'; failures: Failure[] }

/** Reads the command line. Nothing is run and nothing is printed; every unknown flag is reported, not only the first. */
export function parse(argv: readonly string[], version: string, program: string): Parsed {
  const failures: Failure[] = []
  let rest = [...argv]
  for (;;) {
    const once = attempt(rest, version, program)
    if (once.kind !== 'error') return failures.length > 0 ? { kind: 'failures', failures } : once
    const { error, command } = once
    const flag = /^error: unknown option '([^']+)'/.exec(error.message)?.[1]
    // The value of an unknown flag looks like an argument too many.
    if (failures.length === 0 || error.code !== 'commander.excessArguments') {
      failures.push(explain(error, command, program))
    }
    if (flag === undefined) return { kind: 'failures', failures }
    const at = rest.findIndex((word) => word === flag || word.startsWith(`${flag}=`))
    if (at === -1) return { kind: 'failures', failures }
    rest = rest.toSpliced(at, 1)
  }
}

type Attempt =
  Exclude<Parsed, { kind: 'failures' }> | { kind: 'error'; error: CommanderError; command: string }

function attempt(argv: readonly string[], version: string, program: string): Attempt {
  let text = ''
  let found: Attempt | undefined
  let current = ''
  const commander = new Command('orchestrate')
    .description('Runs a written plan through six gated stages, with coding agents doing the edits.')
    .version(version, '-V, --version')
    .usage('<command> [flags]')
    .exitOverride()
    .configureOutput({ writeOut: (part) => (text += part), writeErr: () => {}, outputError: () => {} })
    .addHelpText('after', `\nEvery command has its own help: ${program} run --help`)
  for (const spec of COMMANDS) {
    const given = new Set<string>()
    const command = commander.command(spec.name, { hidden: spec.hidden === true })
    command.summary(spec.summary).description(`${spec.summary[0]?.toUpperCase()}${spec.summary.slice(1)}.`)
    if (spec.args !== undefined) command.arguments(spec.args)
    command.allowExcessArguments(false)
    for (const flag of spec.flags ?? []) {
      const option = new Option(flag.flag, flag.summary)
      if (flag.repeatable === true) {
        option.argParser((value: string, all: string[] | undefined) => [...(all ?? []), value])
      }
      command.addOption(option)
      command.on(`option:${option.name()}`, () => given.add(option.long ?? option.flags))
    }
    command.action((...called: unknown[]) => {
      const args = called.slice(0, -2) as (string | undefined)[]
      found = { kind: 'command', command: spec, input: { args, options: command.opts(), given } }
    })
  }
  try {
    current = argv.find((word) => COMMANDS.some(({ name }) => name === word)) ?? ''
    commander.parse(argv.length === 0 ? ['--help'] : [...argv], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? { kind: 'text', text } : { kind: 'error', error, command: current }
  }
  return found ?? { kind: 'text', text: text || commander.helpInformation() }
}

const visible = COMMANDS.flatMap(({ name, hidden }) => (hidden === true ? [] : [name]))

function suggest(word: string, known: readonly string[]): string {
  const meant = similar(word, known)
  return meant === undefined ? '' : `Did you mean ${meant}? `
}

/** Commander's words in the form of ours: what was found, and what to do next. */
function explain({ code, message }: CommanderError, command: string, program: string): Failure {
  const name = /'([^']+)'/.exec(message)?.[1] ?? ''
  const called = `${program}${command === '' ? '' : ` ${command}`}`
  const spec = COMMANDS.find((one) => one.name === command)
  const args = spec?.usage ?? spec?.args?.replace(/[<>]/g, '').toUpperCase()
  const form = args === undefined ? called : `${called} ${args}`
  switch (code) {
    case 'commander.unknownOption': {
      const [flag = name] = name.split('=')
      const flags = (spec?.flags ?? []).flatMap((one) => /--[\w-]+/.exec(one.flag) ?? [])
      return failure(
        'unknown-flag',
        command === '' ? `There is no flag ${flag}.` : `\`${command}\` has no flag ${flag}.`,
        `${suggest(flag, [...flags, '--help', ...(command === '' ? ['--version'] : [])])}\`${called} --help\` lists all flags.`,
      )
    }
    case 'commander.unknownCommand':
      return failure(
        'unknown-command',
        `There is no command "${name}".`,
        `${suggest(name, visible)}\`${program} --help\` lists all commands.`,
      )
    case 'commander.missingArgument':
      return failure('missing-argument', `\`${command}\` needs ${name.toUpperCase()}.`, `Usage: ${form}`)
    case 'commander.optionMissingArgument':
      return failure(
        'missing-argument',
        `${/--[\w-]+/.exec(name)?.[0] ?? name} needs a value.`,
        `\`${called} --help\` lists what it takes.`,
      )
    case 'commander.excessArguments':
      return failure('bad-value', `Too many arguments for \`${command}\`.`, `Usage: ${form}`)
    default:
      return failure('bad-value', message.replace(/^error: /, ''), `\`${called} --help\` lists all flags.`)
  }
}
