import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findRoot } from '../../adapters/files/find-root.ts'
import { writeNew } from '../../adapters/files/write-text.ts'
import { CONFIG_FILE, WORKFLOW } from '../../core/model/forge-names.ts'
import type { Handler } from '../shell.ts'
import { CONFIG_TEXT, GITHUB_NEXT, OUR_PLACE, PLAN_TEXT } from '../templates.ts'

const PLAN_DIR = 'plans/example'
const WORKFLOW_FILE = `.github/workflows/${WORKFLOW}`

/**
 * `orchestrate init`: a commented configuration and an example plan, each only where there is none. With `--github` the
 * workflow too, as it stands in the package.
 */
export const initCommand: Handler = async ({ given }, { cwd, stderr, program, packageRoot }) => {
  const root = await findRoot(cwd)
  const github = given.has('--github')
  const files = new Map([
    [CONFIG_FILE, CONFIG_TEXT],
    [`${PLAN_DIR}/task_plan.md`, PLAN_TEXT],
  ])
  if (github) files.set(WORKFLOW_FILE, await readFile(join(packageRoot, WORKFLOW_FILE), 'utf8'))
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
  const here = steps.map(([command, why]) => `  ${command.padEnd(longest)}  ${why}`)
  // A workflow that stood there before may name us already.
  const named = github && !(await readFile(join(root, WORKFLOW_FILE), 'utf8')).includes(OUR_PLACE)
  const next = github
    ? ['Next, on GitHub', ...GITHUB_NEXT.slice(named ? 1 : 0).map(indented)]
    : ['Next', ...here]
  stderr.write(['', ...next, ''].join('\n'))
  return 0
}

const indented = (step: string, at: number): string => `  ${at + 1}. ${step.replaceAll('\n', '\n       ')}`
