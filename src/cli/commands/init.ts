import { join } from 'node:path'
import { findRoot } from '../../adapters/files/find-root.ts'
import { writeNew } from '../../adapters/files/write-text.ts'
import { CONFIG_FILE } from '../../core/model/forge-names.ts'
import type { Handler } from '../shell.ts'
import { CONFIG_TEXT, PLAN_TEXT } from '../templates.ts'

const PLAN_DIR = 'plans/example'

/** `orchestrate init`: a commented configuration and an example plan, each only where there is none. */
export const initCommand: Handler = async (_input, { cwd, stderr, program }) => {
  const root = await findRoot(cwd)
  const files: [string, string][] = [
    [CONFIG_FILE, CONFIG_TEXT],
    [`${PLAN_DIR}/task_plan.md`, PLAN_TEXT],
  ]
  for (const [path, text] of files) {
    const written = await writeNew(join(root, path), text)
    stderr.write(written ? `Written: ${path}\n` : `Left as it is: ${path}\n`)
  }
  const steps = [
    [`${program} review ${PLAN_DIR}`, 'what is weak about the plan'],
    ['git add -A && git commit', 'a run starts from what is committed'],
    [`${program} run ${PLAN_DIR} --dry-run`, 'what would run'],
  ] as const
  const longest = Math.max(...steps.map(([command]) => command.length))
  stderr.write(
    ['', 'Next', ...steps.map(([command, why]) => `  ${command.padEnd(longest)}  ${why}`), ''].join('\n'),
  )
  return 0
}
