import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { failure } from '../../core/model/failure.ts'
import { pageOf } from '../../core/report/formats.ts'
import { RULES } from '../../core/review/review.ts'
import { similar } from '../../core/text/similar.ts'
import { printFailures } from '../output.ts'
import type { Handler } from '../shell.ts'

/** `orchestrate explain [RULE]`: the page about a rule of the review, or the list of all. */
export const explainCommand: Handler = async ({ args: [asked] }, shell) => {
  const rule = asked ?? 'README'
  const page = pageOf(rule)
  if (page === undefined || (asked !== undefined && !RULES.some(({ id }) => id === asked))) {
    const ids = RULES.map(({ id }) => id)
    const meant = similar(rule.slice(0, 60), ids)
    const hint =
      meant === undefined ? `\`${shell.program} explain\` lists all rules.` : `Did you mean ${meant}?`
    return printFailures([failure('bad-value', `${rule} is no rule of the review.`, hint)], shell)
  }
  shell.stdout.write(await readFile(join(shell.packageRoot, page), 'utf8'))
  return 0
}
