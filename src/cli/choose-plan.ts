import { relative, resolve } from 'node:path'
import { findPlans, type FoundPlan } from '../adapters/files/find-plans.ts'
import { findRoot } from '../adapters/files/find-root.ts'
import { FORMATS } from '../core/ingest/formats/index.ts'
import { failure, type Failure } from '../core/model/failure.ts'
import { err, ok, type Result } from '../core/model/result.ts'
import { oneLine } from '../core/text/clean.ts'
import { count, list } from '../core/text/display.ts'
import type { Input, Shell } from './shell.ts'

export interface Asking {
  command: string
  /** What the command calls the plan: "DIR", "--plan-dir". */
  argument: string
  /** The command as one would type it for a plan. */
  typed: (path: string) => string
  /** False where a machine reads what is printed: then nobody is asked. */
  ask: boolean
}

/** How a command that takes DIR asks for it. */
export const askingForDir = (command: string, { given }: Input): Asking => ({
  command,
  argument: 'DIR',
  typed: (path) => `${command} ${path}`,
  ask: !given.has('--json'),
})

/** More plans than this are not shown. */
const SHOWN = 20

/**
 * The plan that is meant where none was named: the only one of the repository that has work left and is one for sure. Several, or
 * one that may be a note, are listed for the person at the terminal to take one of; with nobody there, for somebody to name one.
 */
export async function choosePlan(asking: Asking, shell: Shell): Promise<Result<string, Failure[]>> {
  const { command, argument } = asking
  const root = await findRoot(shell.cwd)
  const plans = await findPlans(root)
  const named = (path: string): string => relative(shell.cwd, resolve(root, path)) || '.'
  const [first, ...others] = plans
  if (first === undefined) {
    return err([
      failure(
        'missing-argument',
        `\`${command}\` needs ${argument}: there is no plan here that has work left.`,
        `A plan is ${list(
          FORMATS.map(({ marker }) => marker),
          99,
        )}. \`${shell.program} init\` writes an example.`,
      ),
    ])
  }
  const take = (plan: FoundPlan): Result<string, Failure[]> => {
    shell.stderr.write(`${named(plan.path)}: ${about(plan)}\n`)
    return ok(named(plan.path))
  }
  if (others.length === 0 && first.sure) return take(first)
  const what = others.length === 0 ? 'this may be a plan' : `there are ${count(plans.length, 'plan')}`
  const shown = plans.slice(0, SHOWN).map((plan) => ({ plan, line: `${named(plan.path)}  ${about(plan)}` }))
  const more = plans.length > SHOWN ? `and ${plans.length - SHOWN} more` : ''
  if (asking.ask) {
    const answer = await answered(shown, more, shell)
    if (answer !== undefined) return take(answer)
  }
  const lines = [...shown.map(({ line }) => line), ...(more === '' ? [] : [more])]
  return err([
    failure(
      'missing-argument',
      `\`${command}\` needs ${argument}; ${what}:${lines.map((line) => `\n  ${line}`).join('')}`,
      `Name the one you mean: ${shell.program} ${asking.typed(named(first.path))}`,
    ),
  ])
}

/** What the person at the terminal takes; undefined without one, and for none of them. */
async function answered(
  shown: readonly { plan: FoundPlan; line: string }[],
  more: string,
  shell: Shell,
): Promise<FoundPlan | undefined> {
  if (shell.stdin.isTTY !== true || shell.stderr.isTTY !== true) return undefined
  const { terminalPerson } = await import('../adapters/terminal/person.ts')
  const { signal } = new AbortController()
  const nothing = () => {}
  const person = terminalPerson({ ...shell, beforeQuestion: nothing, onLeave: nothing, signal })
  const choices = shown.map(({ line }, at) => ({ value: String(at), label: line }))
  const none = {
    value: 'none',
    label: more === '' ? 'None of them' : `None of them (there are others: ${more})`,
  }
  const answer = await person.choose('Which plan?', '', [...choices, none])
  return shown[Number(answer)]?.plan
}

/** "kiro · Search · 2 of 5 tasks done". */
const about = ({ mode, title, word, done, of }: FoundPlan): string =>
  [mode, oneLine(title), `${done} of ${count(of, word)} done`].filter((part) => part !== '').join(' · ')
