import { createHash, randomBytes } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { createAgent } from '../adapters/agents/create-agent.ts'
import { modelEndpoints } from '../adapters/agents/endpoints.ts'
import { gatewayOnDemand } from '../adapters/gateway/on-demand.ts'
import { fileSpendJournal } from '../adapters/files/spend-journal.ts'
import { openPlanSource } from '../adapters/files/plan-source.ts'
import { openSheetCache } from '../adapters/files/sheet-cache.ts'
import { openProjectFiles } from '../adapters/files/project-files.ts'
import type { Hold } from '../adapters/git/hooks.ts'
import { openRepository, type OpenRepository } from '../adapters/git/repository.ts'
import { stateFolder, worktreeRoot } from '../adapters/git/worktree-root.ts'
import { webOnDemand } from '../adapters/http/on-demand.ts'
import { createCommandRunner } from '../adapters/process/command-runner.ts'
import { type BoundLimits, boundsOf } from '../adapters/process/bounds.ts'
import { createSweeper } from '../adapters/process/sweep.ts'
import { hostsOf } from '../adapters/sandbox/build-profile.ts'
import { cageDoor } from '../adapters/sandbox/door.ts'
import { holdBehind } from '../adapters/sandbox/hold.ts'
import { heldAgent } from '../adapters/sandbox/held-agent.ts'
import { jsonReporter } from '../adapters/reporters/json.ts'
import { plainReporter } from '../adapters/reporters/plain.ts'
import { fileTranscripts } from '../adapters/transcripts/file-transcripts.ts'
import { NOBODY, terminalPerson } from '../adapters/terminal/person.ts'
import { planFolder } from '../core/model/plan-path.ts'
import type { Config } from '../core/model/config.ts'
import { ok, type Result } from '../core/model/result.ts'
import { redactor, secretsIn } from '../core/text/redact.ts'
import type { Agent, Clock, CommandRunner, Person, PlanSource, Reporter } from '../core/ports.ts'
import type { Ports } from '../core/pipeline-types.ts'
import { onInterrupt, type Interrupt } from './interrupt.ts'
import { hasColor } from './output.ts'
import type { Shell } from './shell.ts'

export const clock: Clock = { now: () => Date.now() }

/** A repository with all that runs in it need, but for the agent: which one is known only with the configuration. */
export interface Session {
  repository: OpenRepository
  ports(workers: Workers): Ports
  /** Gives the screen back for text that stays, once nothing is reported any more. */
  release(): void
  /** This process only looks on: an interrupt ends nothing, and says nothing. */
  lookOn(): void
  /** Gives screen, signals and helper processes back. */
  close(): Promise<void>
}

/** Opens the repository around `path` (a plan directory, or the working directory). */
export async function openSession(path: string, json: boolean, shell: Shell): Promise<Result<Session>> {
  const asked = resolve(shell.cwd, path)
  const isDirectory = await stat(asked).then(
    (found) => found.isDirectory(),
    () => false,
  )
  // A directory that is not there is for the plan reader to say, with what it looked for.
  const opened = await openRepository({
    cwd: isDirectory ? asked : shell.cwd,
    env: shell.env,
    clock,
    ...(shell.look === undefined ? {} : { look: shell.look }),
    workspacesRoot: (place) => worktreeRoot(place, shell.env, shell.env['HOME'] ?? homedir()),
  })
  if (!opened.ok) return opened
  const repository = opened.value
  const screen = await openScreen(json, shell)
  let onlyLooks = false
  const interrupt = onInterrupt((text) => {
    screen.pause()
    if (!onlyLooks) shell.stderr.write(`${text}\n`)
  })
  const hired: Workers[] = []
  const portsFor = ({ agent, commands, sources }: Workers): Ports => ({
    repository,
    ledger: repository.ledger,
    lock: repository.lock,
    sweeper: createSweeper(),
    files: openProjectFiles({ root: repository.root, home: shell.env['HOME'] ?? homedir() }),
    ...networkOf(sources, shell),
    agent,
    commands,
    transcripts: fileTranscripts({
      dir: join(repository.commonDir, 'orchestrate', 'logs'),
      clock,
      redact: redactor(secretsIn(shell.env)),
    }),
    spent: fileSpendJournal(join(repository.commonDir, 'orchestrate', 'logs')),
    reporter: screen.reporter,
    person: personOf(screen.pause, interrupt, shell),
    clock,
    random: { hex: (bytes) => randomBytes(bytes).toString('hex') },
    signal: interrupt.signal,
  })
  return ok({
    repository,
    ports(workers) {
      hired.push(workers)
      repository.holdHooks(workers.hold)
      return portsFor(workers)
    },
    release: () => screen.close(),
    lookOn: () => {
      onlyLooks = true
    },
    async close() {
      screen.close()
      interrupt.dispose()
      await Promise.all(hired.map((workers) => workers.close()))
      await repository.close()
    },
  })
}

/** What matching and research may ask, where the configuration lets them; who named an address may mean this machine. */
function networkOf(
  sources: Workers['sources'],
  { env }: Shell,
): Pick<Ports, 'web' | 'sheets' | 'githubApi' | 'context7'> {
  const { CONTEXT7_API_URL: url = 'https://context7.com/api', CONTEXT7_API_KEY: key } = env
  const { GITHUB_API_URL: github = 'https://api.github.com' } = env
  const named = [...Object.values(sources), url, github]
  return {
    web: webOnDemand({ trusted: named.filter((one) => URL.canParse(one)) }),
    sheets: openSheetCache(join(stateFolder(env, env['HOME'] ?? homedir()), 'sheets')),
    githubApi: github,
    context7: { url, ...(key === undefined ? {} : { key }) },
  }
}

interface Screen {
  reporter: Reporter
  pause(): void
  close(): void
}

async function openScreen(json: boolean, shell: Shell): Promise<Screen> {
  const nothing = () => {}
  if (json) return { reporter: jsonReporter(shell.stdout), pause: nothing, close: nothing }
  if (shell.stderr.isTTY !== true || shell.env['TERM'] === 'dumb') {
    return { reporter: plainReporter(shell.stderr), pause: nothing, close: nothing }
  }
  const { liveReporter } = await import('../adapters/reporters/live.ts')
  const live = liveReporter(shell.stderr, { clock, color: hasColor(shell.stderr, shell) })
  return { reporter: live, pause: () => live.pause(), close: () => live.close() }
}

/** Who sits at the terminal, or nobody. */
export function personOf(
  beforeQuestion: () => void,
  { signal, stop }: Pick<Interrupt, 'signal' | 'stop'>,
  { stdin, stderr }: Shell,
): Person {
  if (stdin.isTTY !== true || stderr.isTTY !== true) return NOBODY
  return terminalPerson({ stdin, stderr, beforeQuestion, onLeave: stop, signal })
}

/** Who does the work of a run: the agent that the configuration names, and the project's own commands, caged as it says. */
export interface Workers {
  /** Documentation that the configuration names. */
  sources: Config['researchSources']
  agent: Agent
  commands: CommandRunner
  /** What the project's hooks run in. */
  hold: Hold
  /** Looks for the cage, which takes a moment, before somebody waits for it. */
  getReady(): void
  close(): Promise<void>
}

/** `planDir`: where the scripted agent finds its script, from the root. */
export function workersOf(
  config: Pick<
    Config,
    'agent' | 'agentCommand' | 'agents' | 'prices' | 'sandbox' | 'sandboxNetwork' | 'registries' | 'uncaged'
  > &
    Partial<Pick<Config, 'researchSources'>> & { limits?: BoundLimits },
  planDir: string,
  repository: Pick<OpenRepository, 'root'> & Partial<Pick<OpenRepository, 'commonDir'>>,
  shell: Shell,
): Result<Workers> {
  const { env } = shell
  const endpoints = modelEndpoints(env)
  const gateway = gatewayOnDemand({ endpoints, env, now: clock.now, random: Math.random })
  const state = stateFolder(env, env['HOME'] ?? homedir())
  const { commonDir } = repository
  const door = cageDoor({
    mode: config.sandbox,
    env,
    ...(shell.load === undefined ? {} : { load: shell.load }),
    hide: [state, ...(commonDir === undefined ? [] : [join(commonDir, 'orchestrate')])],
    ...(commonDir === undefined ? {} : { gitDir: commonDir }),
  })
  const hosts = hostsOf(config)
  const bounds = boundsOf(config.limits)
  const agent = heldAgent(
    ({ cage, tmpDir }) =>
      createAgent(config, {
        ...{
          env,
          tmpDir,
          cage,
          hosts,
          bounds,
          gateway,
          endpoints,
          redact: redactor(secretsIn(env)),
          prices: config.prices,
        },
        cwd: repository.root,
        node: process.execPath,
        scripted: {
          script: join(repository.root, planFolder(planDir), 'scripted.json'),
          program: join(shell.packageRoot, 'build', 'scripted-agent.js'),
        },
      }),
    door,
  )
  if (!agent.ok) return agent
  const home = join(
    state,
    'homes',
    createHash('sha256')
      .update(commonDir ?? '')
      .digest('hex')
      .slice(0, 12),
  )
  return ok({
    sources: config.researchSources ?? {},
    agent: agent.value,
    commands: createCommandRunner(env, { door, home, hosts, bounds, uncaged: config.uncaged }),
    hold: holdBehind(door, hosts, bounds, home),
    getReady: () => void door.open().catch(() => {}),
    close: () => door.close(),
  })
}

/** Who approves and decides: as git knows this person, else by login. */
export async function actorOf(repository: Pick<OpenRepository, 'author'>, { env }: Shell): Promise<string> {
  const author = await repository.author()
  if (author !== undefined) return `${author.name} <${author.email}>`
  return env['USER'] ?? env['USERNAME'] ?? 'unknown'
}

/** How a plan of this repository is opened again, by its directory from the root. */
export const sourceOf =
  ({ root }: Pick<OpenRepository, 'root'>, { cwd }: Shell) =>
  (planDir: string): Promise<Result<PlanSource>> =>
    openPlanSource({ path: join(root, planDir), cwd, root })
