import * as z from 'zod'

/** A command, and what in the project says so, as words for the gate: 'the script "test" of package.json'. */
export interface Found {
  command: string
  why: string
}
export interface Detected {
  build?: Found
  test?: Found
}

type Read = (path: string) => Promise<string | undefined>
type Glob = (pattern: string) => Promise<string[]>
interface Project {
  read: Read
  glob: Glob
  has(path: string): Promise<boolean>
  /** The first of these files that is there. */
  first(...paths: string[]): Promise<string | undefined>
}

/**
 * How the project builds and tests itself. What its owners wrote down (scripts, targets, tasks) comes before what its language does
 * by habit; build and test are looked for apart, so a front end may build and a back end test. Undefined is "nothing found", which
 * callers have to say loudly. `glob` is only asked for names that cannot be known (*.sln).
 */
export async function detectCommands(read: Read, glob: Glob = () => Promise.resolve([])): Promise<Detected> {
  const project: Project = {
    read,
    glob,
    has: async (path) => (await read(path)) !== undefined,
    first: async (...paths) => {
      for (const path of paths) if ((await read(path)) !== undefined) return path
      return undefined
    },
  }
  let build: Found | undefined
  let test: Found | undefined
  for (const detect of DETECTORS) {
    const found = await detect(project)
    build ??= found.build
    test ??= found.test
    if (build !== undefined && test !== undefined) break
  }
  return optional(build, test)
}

const scripts = z.record(z.string(), z.unknown()).catch({})
const packageJson = z.object({
  scripts: scripts.optional(),
  packageManager: z.string().optional().catch(undefined),
})
const composerJson = z.object({ scripts: scripts.optional() })
const denoJson = z.object({ tasks: scripts.optional() })

function parse<T>(schema: z.ZodType<T>, text: string | undefined): T | undefined {
  if (text === undefined) return undefined
  try {
    return schema.safeParse(JSON.parse(text.replace(/^\uFEFF/, ''))).data
  } catch {
    return undefined
  }
}

/** What `npm init` writes is no test: it prints this and fails. */
const PLACEHOLDER = /no test specified/i

const BUILD_NAMES = ['build', 'compile', 'typecheck', 'type-check', 'check-types', 'types', 'tsc']
const TEST_NAMES = ['test', 'tests', 'test:unit', 'test:ci', 'unit']

async function node(project: Project): Promise<Detected> {
  const manifest = parse(packageJson, await project.read('package.json'))
  if (manifest === undefined) return {}
  const manager = await packageManager(project, manifest.packageManager)
  const found = (names: readonly string[]): Found | undefined => {
    const name = names.find((one) => {
      const script = manifest.scripts?.[one]
      return typeof script === 'string' && script.trim() !== '' && !PLACEHOLDER.test(script)
    })
    if (name === undefined) return undefined
    const command = name === 'test' && manager !== 'bun' ? `${manager} test` : `${manager} run ${name}`
    return { command, why: `the script "${name}" of package.json` }
  }
  return optional(found(BUILD_NAMES), found(TEST_NAMES))
}

async function packageManager(project: Project, stated: string | undefined): Promise<string> {
  const named = /^(npm|pnpm|yarn|bun)@/.exec(stated ?? '')?.[1]
  if (named !== undefined) return named
  const lockfiles = { 'pnpm-lock.yaml': 'pnpm', 'yarn.lock': 'yarn', 'bun.lock': 'bun', 'bun.lockb': 'bun' }
  for (const [file, manager] of Object.entries(lockfiles)) if (await project.has(file)) return manager
  return 'npm'
}

async function deno(project: Project): Promise<Detected> {
  const file = await project.first('deno.json', 'deno.jsonc')
  if (file === undefined) return {}
  const tasks = parse(denoJson, await project.read(file))?.tasks ?? {}
  const task = (name: string): Found | undefined =>
    name in tasks ? { command: `deno task ${name}`, why: `the task "${name}" of ${file}` } : undefined
  return optional(task('build'), task('test') ?? { command: 'deno test', why: `${file} is there` })
}

/** Makefile and justfile: a line that begins with the target's name and a colon, and is no assignment. */
function targets(files: readonly string[], command: (target: string) => string) {
  return async (project: Project): Promise<Detected> => {
    const file = await project.first(...files)
    if (file === undefined) return {}
    const names = new Set<string>()
    for (const [, list = ''] of ((await project.read(file)) ?? '').matchAll(
      /^([\w./ -]+?)\s*::?(?![:=])/gm,
    )) {
      for (const name of list.split(/\s+/)) names.add(name)
    }
    const found = (wanted: readonly string[]): Found | undefined => {
      const name = wanted.find((one) => names.has(one))
      return name === undefined
        ? undefined
        : { command: command(name), why: `the target "${name}" of ${file}` }
    }
    return optional(found(['build', 'compile', 'all']), found(['test', 'tests', 'check']))
  }
}

async function python(project: Project): Promise<Detected> {
  const file = await project.first('tox.ini', 'noxfile.py')
  if (file === 'tox.ini' && /^\[(?:tox|testenv)/m.test((await project.read(file)) ?? '')) {
    return { test: { command: 'tox', why: 'tox.ini is there' } }
  }
  if (file === 'noxfile.py') return { test: { command: 'nox', why: 'noxfile.py is there' } }
  const run = (await project.has('uv.lock'))
    ? 'uv run '
    : (await project.has('poetry.lock'))
      ? 'poetry run '
      : (await project.has('pdm.lock'))
        ? 'pdm run '
        : 'python -m '
  const said = await firstThat(project, [
    ['pytest.ini'],
    ['conftest.py'],
    ['tests/conftest.py'],
    ['pyproject.toml', /pytest/],
    ['setup.cfg', /\[tool:pytest\]|pytest/],
    ['requirements-dev.txt', /^pytest\b/m],
    ['requirements.txt', /^pytest\b/m],
    ['dev-requirements.txt', /^pytest\b/m],
    ['Pipfile', /^pytest\b/m],
  ])
  if (said !== undefined) {
    return {
      test: {
        command: `${run}pytest`,
        why: /pytest\.ini|conftest/.test(said) ? `${said} is there` : `${said} names pytest`,
      },
    }
  }
  if (await project.has('manage.py')) {
    const python = run === 'python -m ' ? 'python' : `${run}python`
    return { test: { command: `${python} manage.py test`, why: 'manage.py is there' } }
  }
  return {}
}

/** The first file whose text matches; no pattern is enough that it is there. */
async function firstThat(
  project: Project,
  wanted: readonly (readonly [path: string, pattern?: RegExp])[],
): Promise<string | undefined> {
  for (const [path, pattern] of wanted) {
    const text = await project.read(path)
    if (text !== undefined && pattern?.test(text) !== false) return path
  }
  return undefined
}

async function jvm(project: Project): Promise<Detected> {
  if (await project.has('pom.xml')) {
    const maven = (await project.has('mvnw')) ? './mvnw' : 'mvn'
    return by('pom.xml', `${maven} -B -q test-compile`, `${maven} -B test`)
  }
  const file = await project.first(
    'build.gradle.kts',
    'build.gradle',
    'settings.gradle.kts',
    'settings.gradle',
  )
  if (file === undefined) return {}
  const gradle = (await project.has('gradlew')) ? './gradlew' : 'gradle'
  return by(file, `${gradle} assemble`, `${gradle} test`)
}

async function php(project: Project): Promise<Detected> {
  const manifest = parse(composerJson, await project.read('composer.json'))
  if (manifest === undefined) return {}
  const script = (name: string): Found | undefined =>
    name in (manifest.scripts ?? {})
      ? {
          command: `composer ${name === 'test' ? 'test' : `run ${name}`}`,
          why: `the script "${name}" of composer.json`,
        }
      : undefined
  const unit = await project.first('phpunit.xml', 'phpunit.xml.dist', 'phpunit.dist.xml')
  const phpunit = unit === undefined ? undefined : { command: 'vendor/bin/phpunit', why: `${unit} is there` }
  return optional(script('build'), script('test') ?? phpunit)
}

async function ruby(project: Project): Promise<Detected> {
  const gemfile = await project.read('Gemfile')
  const prefix = gemfile === undefined ? '' : 'bundle exec '
  if ((await project.has('.rspec')) || /^\s*gem\s+["']rspec/m.test(gemfile ?? '')) {
    return {
      test: {
        command: `${prefix}rspec`,
        why: gemfile === undefined ? '.rspec is there' : 'the project uses rspec',
      },
    }
  }
  if (await project.has('bin/rails'))
    return { test: { command: 'bin/rails test', why: 'bin/rails is there' } }
  const rakefile = (await project.read('Rakefile')) ?? ''
  const task = /\b(?:task\s*\(?\s*:?["']?(test|spec)\b|(TestTask))/.exec(rakefile)
  if (task === null) return {}
  const name = task[1] ?? 'test'
  return { test: { command: `${prefix}rake ${name}`, why: `the task "${name}" of Rakefile` } }
}

async function dotnet(project: Project): Promise<Detected> {
  const [solution] = [
    ...(await project.glob('*.sln')),
    ...(await project.glob('*.slnx')),
    ...(await project.glob('*.csproj')),
  ]
  return solution === undefined ? {} : by(solution, 'dotnet build', 'dotnet test')
}

async function dart(project: Project): Promise<Detected> {
  const pubspec = await project.read('pubspec.yaml')
  if (pubspec === undefined) return {}
  const tool = /^\s*sdk:\s*flutter\b/m.test(pubspec) ? 'flutter' : 'dart'
  return by('pubspec.yaml', `${tool} analyze`, `${tool} test`)
}

const by = (file: string, build: string, test: string): Detected => ({
  build: { command: build, why: `${file} is there` },
  test: { command: test, why: `${file} is there` },
})

/** A language whose tool has one command for each, known by one file. */
const plain =
  (file: string, build: string, test: string) =>
  async (project: Project): Promise<Detected> =>
    (await project.has(file)) ? by(file, build, test) : {}

const optional = (build: Found | undefined, test: Found | undefined): Detected => ({
  ...(build && { build }),
  ...(test && { test }),
})

/** In this order. Rust's and Go's own commands cover all packages of a workspace. */
const DETECTORS: readonly ((project: Project) => Promise<Detected>)[] = [
  node,
  deno,
  targets(['Makefile', 'makefile', 'GNUmakefile'], (target) => `make ${target}`),
  targets(['justfile', 'Justfile', '.justfile'], (target) => `just ${target}`),
  plain('Cargo.toml', 'cargo build --workspace --all-targets', 'cargo test --workspace'),
  plain('go.mod', 'go build ./...', 'go test ./...'),
  python,
  jvm,
  php,
  plain('mix.exs', 'mix compile', 'mix test'),
  ruby,
  dotnet,
  plain(
    'CMakeLists.txt',
    'cmake -S . -B build && cmake --build build',
    'ctest --test-dir build --output-on-failure',
  ),
  plain('meson.build', 'meson setup --reconfigure build && meson compile -C build', 'meson test -C build'),
  plain('Package.swift', 'swift build', 'swift test'),
  plain('build.zig', 'zig build', 'zig build test'),
  plain('stack.yaml', 'stack build', 'stack test'),
  plain('build.sbt', 'sbt compile', 'sbt test'),
  dart,
]
