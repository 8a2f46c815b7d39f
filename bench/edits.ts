/**
 * npm run bench:edits -- [--quick] DIRECTORY…
 *
 * Makes every edit that the product makes of plan files (statuses of every open phase, entries of progress, what the review proposes)
 * in every plan below each DIRECTORY, with each of the line ends that editors leave, and counts what else changed: bytes that are no
 * mark, lines of other phases, line ends, what the plan says. A plan lies in DIRECTORY/NAME; one of another planner in
 * DIRECTORY/NAME/repo, at the path that DIRECTORY/NAME/SOURCE.json names. Exit code 1 where anything else changed.
 * `--quick`: with line ends other than its own, three phases of a plan: the first, one in the middle, the last.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  editByReview,
  editProgress,
  type Edited,
  editStatus,
  ENDS,
  statusesOf,
  withEnds,
} from '../test/formats/edit-plan.ts'
import { type Files, readIn } from '../test/formats/memory-plan.ts'

const sum = { plans: 0, unread: 0, statuses: 0, entries: 0, revisions: 0, faults: 0 }

function count(where: string, { statuses, entries, revisions, faults }: Edited): void {
  sum.statuses += statuses
  sum.entries += entries
  sum.revisions += revisions
  sum.faults += faults.length
  for (const fault of faults) process.stdout.write(`${where}: ${fault}\n`)
}

async function editAll(where: string, files: Files, path: string, isWhole: boolean): Promise<void> {
  const { plan } = await readIn(files, path)
  if (plan === undefined) {
    sum.unread += 1
    return
  }
  sum.plans += 1
  const open = plan.phases.filter(({ status }) => status !== 'completed')
  const some = new Set([0, Math.floor(open.length / 2), open.length - 1])
  for (const phase of open.filter((_, at) => isWhole || some.has(at))) {
    for (const status of statusesOf(plan)) count(where, await editStatus(files, path, plan, phase, status))
    count(where, editProgress(files, plan, phase))
  }
  count(where, await editByReview(files, path, plan))
}

/** Those that are text: what is no UTF-8 is refused before anything is written. */
const filesBelow = (dir: string): Files =>
  Object.fromEntries(
    readdirSync(dir, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [file.slice(dir.length + 1).replaceAll('\\', '/'), readFileSync(file)] as const)
      .filter(([, bytes]) => Buffer.from(bytes.toString()).equals(bytes))
      .map(([file, bytes]) => [file, bytes.toString()]),
  )

function planAt(dir: string): { files: Files; path: string } {
  if (existsSync(join(dir, 'repo'))) {
    const { path } = JSON.parse(readFileSync(join(dir, 'SOURCE.json'), 'utf8')) as { path: string }
    return { files: filesBelow(join(dir, 'repo')), path }
  }
  const files = Object.entries(filesBelow(dir)).map(([file, text]) => [`plan/${file}`, text] as const)
  return { files: Object.fromEntries(files), path: 'plan' }
}

const isQuick = process.argv.includes('--quick')
const directories = process.argv.slice(2).filter((arg) => !arg.startsWith('--'))
if (directories.length === 0) {
  process.stderr.write('error: no directory of plans was named: npm run bench:edits -- DIRECTORY…\n')
  process.exit(2)
}
const start = performance.now()
for (const directory of directories) {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue
    process.stderr.write(`${entry.name}\n`)
    const { files, path } = planAt(join(directory, entry.name))
    for (const { name, change } of ENDS)
      await editAll(
        `${entry.name} (${name})`,
        withEnds(files, change),
        path,
        !isQuick || name === ENDS[0]?.name,
      )
  }
}
const seconds = Math.round((performance.now() - start) / 1000)
process.stdout.write(
  `${sum.plans} plans (${ENDS.length} kinds of line ends each; ${sum.unread} without a phase), ${sum.statuses} statuses, ${sum.entries} entries of progress and ${sum.revisions} revised files written: ${sum.faults} faults (${seconds} s)\n`,
)
process.exitCode = sum.faults === 0 ? 0 : 1
