import type { FileSnapshot, Forge, PullRequest } from '../../forge.ts'
import { aroundPlans } from '../../ingest/plan-dirs.ts'
import { holdsPlan, isFinished } from '../../ingest/ingest.ts'
import type { Config } from '../../model/config.ts'
import { REGISTRY_FILES } from '../../model/registries.ts'
import { ok, type Result } from '../../model/result.ts'
import { MARKETPLACE_FILE, readMarketplace } from '../../match/marketplace.ts'
import { inside } from '../../match/shelf.ts'
import type { Clock, PlanSource, ProjectFiles } from '../../ports.ts'
import { prepare, type Prepared } from '../prepare.ts'
import { proposeRevision } from '../revise.ts'
import type { GateContext } from './context.ts'

/**
 * Everything that the stages look at besides the plan itself: what says how the project is built and tested, which packages it
 * pins, who its agents and skills are. Read in the same request as the plan.
 */
const PROJECT_FILES = [
  ...REGISTRY_FILES,
  'CLAUDE.md',
  'AGENTS.md',
  'README.md',
  'docs/CODEBASE_MAP.md',
  '.orchestrate/skills.json',
  'package.json',
  'bun.lock',
  'bun.lockb',
  'deno.json',
  'deno.jsonc',
  'tsconfig.json',
  'setup.cfg',
  'pytest.ini',
  'conftest.py',
  'tests/conftest.py',
  'tox.ini',
  'noxfile.py',
  'manage.py',
  'pdm.lock',
  'Cargo.toml',
  'go.mod',
  'go.sum',
  'Makefile',
  'makefile',
  'GNUmakefile',
  'justfile',
  'Justfile',
  '.justfile',
  'mvnw',
  'gradlew',
  'phpunit.xml',
  'phpunit.xml.dist',
  'phpunit.dist.xml',
  'gradle.lockfile',
  'Rakefile',
  '.rspec',
  'bin/rails',
  'mix.exs',
  'pubspec.yaml',
  'Package.swift',
  'build.sbt',
  'CMakeLists.txt',
  'meson.build',
  'build.zig',
  'stack.yaml',
] as const
const PROJECT_DIRS = ['.claude/agents', '.claude/skills', '.claude/docs'] as const

/** Plugins of a catalogue in the repository; ten of them are a request. */
const MAX_PLUGINS = 100

/** Directories of the repository that are catalogues, from its root: "" is the root itself. */
const ownCatalogues = ({ catalogues }: Config): string[] =>
  catalogues.flatMap((name) => (name === '.' || name.startsWith('./') ? (inside(name) ?? []) : []))

const listOf = (catalogue: string): string => below(catalogue, MARKETPLACE_FILE)
const below = (directory: string, path: string): string => (directory === '' ? path : `${directory}/${path}`)

/** Where the plugins lie that the catalogues list: known once those are read. */
function pluginDirs(config: Config, { files }: FileSnapshot): string[] {
  const dirs = ownCatalogues(config).flatMap((catalogue) => {
    const read = readMarketplace(files.get(listOf(catalogue))?.text ?? '')
    const sources = typeof read === 'string' ? [] : read.plugins.map(({ source }) => source)
    return sources.slice(0, MAX_PLUGINS).flatMap((source) => {
      const at = typeof source === 'string' ? inside(source) : undefined
      const plugin = at === undefined ? undefined : below(catalogue, at)
      // of the root only what a plugin has, since the rest is the project
      return plugin === '' ? ['.claude-plugin', 'skills', 'agents'] : (plugin?.replace(/\/$/, '') ?? [])
    })
  })
  return [...new Set(dirs)]
}

/** What lies where the plan may be, at the head. */
export interface PlanFiles extends FileSnapshot {
  /** What the project says to agents, at the base: nobody changes it by a pull request that is yet to be read. */
  project: FileSnapshot
}

/** What was found where a plan may lie, at one head on one base. */
export interface PlanAt {
  /** Those of the directories that hold a plan. */
  dirs: string[]
  /** Files of theirs that were not read: no text, or too large. */
  skipped: readonly string[]
  /** Where exactly one of the directories holds a plan. */
  prepared?: Result<Prepared>
}

/** A cheat sheet is fresh by days: what was prepared is the same for as long. */
const DAY_MS = 86_400_000

/** The plan as it stands at the pull request's head. It follows from the two commits alone, so one look is enough for each. */
export async function planAt(
  forge: Forge,
  pull: Pick<PullRequest, 'head' | 'base'>,
  dirs: readonly string[],
  config: Config,
  ctx: GateContext,
): Promise<Result<PlanAt>> {
  const day = Math.floor(ctx.clock.now() / DAY_MS)
  const key = JSON.stringify([forge.url, pull.head.sha, pull.base.sha, dirs, config, day])
  const known = ctx.plans?.get(key)
  if (known !== undefined) return ok(known)
  const read = await readFiles(forge, pull, dirs, config)
  if (!read.ok) return read
  const found = await ctx.prepare(read.value, dirs, config)
  ctx.plans?.set(key, found)
  return ok(found)
}

/**
 * The files of the plan and those of the project: a request each, side by side, however many specs there are; another one where
 * the project has a catalogue of skills.
 */
async function readFiles(
  forge: Forge,
  { head, base }: Pick<PullRequest, 'head' | 'base'>,
  plans: readonly string[],
  config: Config,
): Promise<Result<PlanFiles>> {
  const paths = [...plans, ...aroundPlans(plans)]
  const [plan, project] = await Promise.all([
    // a plan may be a directory or a file: what it is, the answer says
    forge.files(head.sha, { dirs: [...paths], paths: paths.filter((path) => path !== '') }),
    forge.files(base.sha, {
      dirs: [...PROJECT_DIRS],
      paths: [...PROJECT_FILES, ...ownCatalogues(config).map(listOf)],
    }),
  ])
  if (!plan.ok) return plan
  if (!project.ok) return project
  const dirs = pluginDirs(config, project.value)
  if (dirs.length === 0) return ok({ ...plan.value, project: project.value })
  const plugins = await forge.files(base.sha, { dirs, paths: [] })
  if (!plugins.ok) return plugins
  const files = new Map([...project.value.files, ...plugins.value.files])
  const skipped = [...project.value.skipped, ...plugins.value.skipped]
  return ok({ ...plan.value, project: { ...project.value, files, skipped } })
}

/** Opens the files of a commit, as they were read from the forge, for the stages. */
export type OpenSnapshot = (
  snapshot: FileSnapshot,
  planDir: string,
) => { source: PlanSource; files: ProjectFiles }

/** Where the plan is in what was read, and stages 1 to 4 over it. Pure but for the clock; takes plain data and gives plain data. */
export async function preparePlan(
  files: PlanFiles,
  candidates: readonly string[],
  config: Config,
  ports: { clock: Clock; open: OpenSnapshot },
): Promise<PlanAt> {
  const sources = candidates.map((dir) => ({ dir, source: ports.open(files, dir).source }))
  const dirs = (await openOnes(await those(sources, holdsPlan))).map(({ dir }) => dir)
  const found = { dirs, skipped: files.skipped }
  const [dir] = dirs
  return dir === undefined || dirs.length > 1
    ? found
    : { ...found, prepared: await prepareIn(files, dir, config, ports) }
}

interface Place {
  dir: string
  source: PlanSource
}

async function those(
  places: readonly Place[],
  are: (source: PlanSource) => Promise<boolean>,
): Promise<Place[]> {
  const yes = await Promise.all(places.map(({ source }) => are(source)))
  return places.filter((_, at) => yes[at])
}

/** Of several plans those that have something left to do, where one has: a finished one is not what is meant. */
async function openOnes(plans: Place[]): Promise<Place[]> {
  if (plans.length < 2) return plans
  const open = await those(plans, async (source) => !(await isFinished(source)))
  return open.length === 0 ? plans : open
}

async function prepareIn(
  snapshot: PlanFiles,
  dir: string,
  config: Config,
  { clock, open }: { clock: Clock; open: OpenSnapshot },
): Promise<Result<Prepared>> {
  const { source: plan } = open(snapshot, dir)
  // As in the job, which reads both from checkouts.
  const { source: project, files } = open(snapshot.project, '')
  const source: PlanSource = {
    shown: plan.shown,
    dir: plan.dir,
    read: (path) => plan.read(path),
    list: (depth) => plan.list(depth),
    ...(plan.file === undefined ? {} : { file: plan.file }),
    documents: () => project.documents(),
  }
  // The packages themselves are not in git: what is installed is known in the job.
  const prepared = await prepare(source, config, { files, clock, reporter: { emit: () => undefined } })
  if (!prepared.ok) return prepared
  const { research } = prepared.value
  const diagnostics = research.diagnostics.filter(({ rule }) => rule !== 'package-not-installed')
  const proposed = await proposeRevision(source, prepared.value.plan, async () => ({
    files: await files.glob('**/*'),
  }))
  const revision = proposed.ok && proposed.value.changes.length > 0 ? { revision: proposed.value } : {}
  return ok({ ...prepared.value, research: { ...research, diagnostics }, ...revision })
}
