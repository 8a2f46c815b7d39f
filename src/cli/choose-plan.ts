import { relative, resolve } from 'node:path'
import { findPlans, type FoundPlan } from '../adapters/files/find-plans.ts'
import { findRoot } from '../adapters/files/find-root.ts'
import { FORMATS } from '../core/ingest/formats/index.ts'
import { failure, type Failure } from '../core/model/failure.ts'
import { err, ok, type Result } from '../core/model/result.ts'
import { oneLine } from '../core/text/clean.ts'
import { count, list } from '../core/text/display.ts'
import type { Shell } from './shell.ts'

/**
 * The plan that is meant where none was named: the only one of the repository that has work left and is one for sure. Several, or
 * one that may be a note, are listed for the person to name one: doubt asks.
 */
export async function choosePlan(command: string, shell: Shell): Promise<Result<string, Failure[]>> {
  const root = await findRoot(shell.cwd)
  const plans = await findPlans(root)
  const named = (path: string): string => relative(shell.cwd, resolve(root, path)) || '.'
  const [first, ...others] = plans
  if (first === undefined) {
    return err([
      failure(
        'missing-argument',
        `\`${command}\` needs DIR: there is no plan here that has work left.`,
        `A plan is ${list(
          FORMATS.map(({ marker }) => marker),
          99,
        )}. \`${shell.program} init\` writes an example.`,
      ),
    ])
  }
  if (others.length === 0 && first.sure) {
    const path = named(first.path)
    shell.stderr.write(`${path}: ${about(first)}\n`)
    return ok(path)
  }
  const what = others.length === 0 ? 'this may be a plan' : `there are ${count(plans.length, 'plan')}`
  const lines = plans.slice(0, 20).map((plan) => `\n  ${named(plan.path)}  ${about(plan)}`)
  const more = plans.length > 20 ? `\n  and ${plans.length - 20} more` : ''
  return err([
    failure(
      'missing-argument',
      `\`${command}\` needs DIR; ${what}:${lines.join('')}${more}`,
      `Name the one you mean: ${shell.program} ${command} ${named(first.path)}`,
    ),
  ])
}

/** "kiro · Search · 2 of 5 tasks done". */
const about = ({ mode, title, word, done, of }: FoundPlan): string =>
  [mode, oneLine(title), `${done} of ${count(of, word)} done`].filter((part) => part !== '').join(' · ')
