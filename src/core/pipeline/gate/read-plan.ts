import type { FileSnapshot, Forge } from '../../forge.ts'
import type { Config } from '../../model/config.ts'
import type { Sha } from '../../model/ids.ts'
import { ok, type Result } from '../../model/result.ts'
import { prepare, type Prepared } from '../prepare.ts'
import type { GateContext } from './context.ts'

/**
 * Everything that the stages look at besides the plan itself: what says how the project is built and tested, which packages it
 * pins, who its agents and skills are. Read in the same request as the plan.
 */
const PROJECT_FILES = [
  'CLAUDE.md',
  'AGENTS.md',
  'README.md',
  'docs/CODEBASE_MAP.md',
  '.orchestrate/skills.json',
  'package.json',
  'package-lock.json',
  'npm-shrinkwrap.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'bun.lock',
  'bun.lockb',
  'deno.json',
  'deno.jsonc',
  'tsconfig.json',
  'requirements.txt',
  'requirements-dev.txt',
  'dev-requirements.txt',
  'pyproject.toml',
  'setup.cfg',
  'pytest.ini',
  'conftest.py',
  'tests/conftest.py',
  'tox.ini',
  'noxfile.py',
  'manage.py',
  'Pipfile',
  'uv.lock',
  'poetry.lock',
  'pdm.lock',
  'Cargo.toml',
  'Cargo.lock',
  'go.mod',
  'go.sum',
  'Makefile',
  'makefile',
  'GNUmakefile',
  'justfile',
  'Justfile',
  '.justfile',
  'pom.xml',
  'mvnw',
  'build.gradle',
  'build.gradle.kts',
  'settings.gradle',
  'settings.gradle.kts',
  'gradlew',
  'composer.json',
  'phpunit.xml',
  'phpunit.xml.dist',
  'phpunit.dist.xml',
  'Gemfile',
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

/** The files of the plan and the project at a commit: one request, however many specs there are. */
export async function readFiles(
  forge: Forge,
  head: Sha,
  dirs: readonly string[],
): Promise<Result<FileSnapshot>> {
  return await forge.files(head, {
    dirs: [...dirs, ...PROJECT_DIRS],
    paths: [...PROJECT_FILES],
  })
}

/** Stages 1 to 4 over what was read. Pure but for the clock. */
export async function preparePlan(
  snapshot: FileSnapshot,
  dir: string,
  config: Config,
  ctx: GateContext,
): Promise<Result<Prepared>> {
  const { source, files } = ctx.open(snapshot, dir)
  // The packages themselves are not in git: what is installed is known in the job.
  const prepared = await prepare(source, config, {
    files,
    clock: ctx.clock,
    reporter: { emit: () => undefined },
  })
  if (!prepared.ok) return prepared
  const { research } = prepared.value
  const diagnostics = research.diagnostics.filter(({ rule }) => rule !== 'package-not-installed')
  return ok({ ...prepared.value, research: { ...research, diagnostics } })
}
