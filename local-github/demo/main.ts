/**
 * `npm start`: a plan pull request on a GitHub on this machine, from its label to its landing. The App, the workflow, the
 * Action's bundle, git, builds, tests, gates and commits are real; GitHub is local, and a scripted agent replays its edits.
 */
import path from 'node:path'
import { CONFIG_FILE, GATE_CHECK } from '../../src/core/model/forge-names.ts'
import { COLOURED, PLAIN, type Style } from '../../src/core/text/style.ts'
import { filesOf, PEOPLE, startWorld, type GateWorld, type Person } from '../world.ts'
import { forTerminal } from './markdown.ts'
import { lineOfLog, watchGate } from './watch.ts'

const { stdout, argv, env } = process
const root = argv[2] ?? ''
const keep = argv.includes('--keep')
const coloured = stdout.isTTY === true && env['NO_COLOR'] === undefined && env['TERM'] !== 'dumb'
const style: Style = coloured ? COLOURED : PLAIN
const columns = Math.min(stdout.columns ?? 110, 140)
const began = Date.now()

const say = (line = ''): void => void stdout.write(`${line}\n`)
const indented = (text: string): string =>
  text
    .split('\n')
    .map((line) => (line === '' ? '' : `    ${line}`))
    .join('\n')
const shown = (markdown: string): string => indented(forTerminal(markdown, columns - 4))
const seconds = (): string => `${((Date.now() - began) / 1_000).toFixed(0).padStart(3)} s`
const tell = (line: string): void => say(`    ${style.dim(seconds())}  ${line}`)
let steps = 0
const step = (title: string): void => say(`\n${style.bold(`${++steps}. ${title}`)}`)

async function demo(world: GateWorld, head: string): Promise<number> {
  const { github, repository } = world
  const pull = await world.openPull('author', 'plan/tally', 'Plan: where the money went')
  say(
    `    ${github.url}/${repository}/pull/${pull} by author, from the branch plan/tally: a page to watch it on`,
  )

  step('A maintainer labels it `orchestrate`: the App reads the plan and answers')
  await world.label('maintainer', pull)
  await world.settled()
  const gate = await newestGate(world, head)
  say(`    check "Orchestrate": ${style.warn(gate.title)}\n`)
  say(shown(await sticky(world, pull)))

  step('The maintainer approves, by a comment')
  const approval = `/approve ${head.slice(0, 12)}`
  say(`    ${style.accent(approval)}`)
  const stop = watchGate(github, GATE_CHECK, tell)
  await world.comment('maintainer', pull, approval)
  step('Phases run as jobs, each on its own branch; what they finish is merged and checked')
  await world.settled()
  stop()

  step('The end, as the pull request shows it')
  say(shown(await sticky(world, pull)))
  return pull
}

async function newestGate(world: GateWorld, sha: string): Promise<{ title: string; conclusion: string }> {
  const { check_runs: checks } = (await world.api('reader', 'GET', `/commits/${sha}/check-runs`)) as {
    check_runs: { name: string; conclusion: string | null; output: { title: string | null } }[]
  }
  const gate = checks.find(({ name }) => name === 'Orchestrate')
  return { title: gate?.output.title ?? 'none', conclusion: gate?.conclusion ?? '' }
}

/** The one comment that the gate keeps. */
async function sticky(world: GateWorld, pull: number): Promise<string> {
  const comments = (await world.api('reader', 'GET', `/issues/${pull}/comments`)) as { body: string }[]
  return comments.find(({ body }) => body.startsWith('<!-- orchestrate:comment'))?.body ?? '(no comment)'
}

async function lookAround(world: GateWorld, pull: number): Promise<void> {
  const { github, repository, tokens } = world
  const api = `${github.url}/repos/${repository}`
  const landed = await world.git('rev-parse', 'refs/heads/plan/tally')
  const gate = await newestGate(world, landed)
  say(`\n${style.bold('The commits that reviewers read')}`)
  say(
    indented(
      await world.git('log', '--graph', '--oneline', '--topo-order', '-40', 'main..refs/heads/plan/tally'),
    ),
  )
  const verdict = gate.conclusion === 'success' ? style.good(gate.title) : style.bad(gate.title)
  say(`\n${style.bold('Check on the landed commit')}  ${verdict}`)
  if (!keep) {
    say(`
${style.bold('Look around')}
    npm start -- --keep     leaves it running: the pull request, its checks, jobs and commits in a browser, with people to
                            push, comment and approve as
    npm start -- --local    the same plan with the command line alone, in worktrees
    docs/hosting.md         the App on your own GitHub`)
    return
  }
  const page = `${github.url}/${repository}`
  const comments = `${api}/issues/${pull}/comments`
  const people = Object.entries(PEOPLE) as [Person, string][]
  say(`
${style.bold('Look around')} (it stays up until Ctrl-C)
    ${page}/pull/${pull}    the conversation, the checks, the commits of each phase, the files
    ${page}/actions   the workflow's runs: jobs with their steps, summaries and logs
    git clone ${github.cloneUrl(repository, tokens.author)}
    git ls-remote ${github.cloneUrl(repository)} 'refs/orchestrate/*'    the ledger of the run
    curl -s ${comments}
    curl -s -H 'Authorization: Bearer ${tokens.maintainer}' ${comments} -d '{"body":"/status"}'

${style.bold('People')}, each with a token for git and curl
${people.map(([name, role]) => `    ${name.padEnd(12)}${role.padEnd(10)}${tokens[name]}`).join('\n')}`)
}

const agent = path.join(root, 'build', 'scripted-agent.js')
const files = await filesOf(path.join(root, 'demo', 'project'))
const plan = await filesOf(path.join(root, 'demo', 'plan'), 'plan')
const begunJobs = new Set<string>()
const world = await startWorld({
  root,
  app: true,
  action: true,
  log(line) {
    const told = lineOfLog(line, begunJobs)
    if (told !== undefined) tell(told)
  },
  files,
  config: `# ${CONFIG_FILE}: read from the base branch.\nagent: command\nagent_command: ORCHESTRATE_SCRIPT=plan/scripted.json node ${agent}\n`,
})
let interrupted = false
const untilInterrupted = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      interrupted = true
      resolve()
    })
})

try {
  say(style.bold('Orchestrate: a plan pull request, gated, approved, run phase by phase and landed.'))
  say(
    `    GitHub   ${world.github.url}, on this machine only: an emulator with our corrections, and a runner for workflows
    Real     the App, .github/workflows/orchestrate.yml, the Action's bundle, git, builds, tests, gates, commits, merges
    Agent    scripted: it replays edits and findings from plan/scripted.json; no model is called and nothing is paid`,
  )
  step('Somebody opens a pull request with a plan')
  const head = await world.push('author', 'plan/tally', plan, 'Plan how to tally')
  const done = await Promise.race([demo(world, head), untilInterrupted])
  if (typeof done === 'number') {
    await lookAround(world, done)
    const landed = await newestGate(world, await world.git('rev-parse', 'refs/heads/plan/tally'))
    process.exitCode = landed.conclusion === 'success' ? 0 : 1
    say(`\n${seconds().trim()} in all.`)
    if (keep) await untilInterrupted
  }
} finally {
  await world.close()
}
if (interrupted && !keep) process.exitCode = 130
