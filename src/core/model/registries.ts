/** A host that packages of the project come from, and which of its files says so. */
export interface NamedRegistry {
  /** A name, with a port or without. */
  host: string
  file: string
}

/**
 * Where the package managers that we know fetch from: hosts of the registries and of what they send one on to. All are reached,
 * whichever a project uses: a plan may add a language to it, and a part of it may lie in any folder.
 */
export const REGISTRIES = [
  'registry.npmjs.org',
  'registry.yarnpkg.com',
  'npm.jsr.io',
  'jsr.io',
  'pypi.org',
  'files.pythonhosted.org',
  'crates.io',
  'index.crates.io',
  'static.crates.io',
  'proxy.golang.org',
  'sum.golang.org',
  'repo.maven.apache.org',
  'repo1.maven.org',
  'plugins.gradle.org',
  'services.gradle.org',
  'rubygems.org',
  'index.rubygems.org',
  'repo.packagist.org',
  'api.nuget.org',
] as const

/** Files at the root of a project that say where its packages come from. */
export const REGISTRY_FILES = [
  '.npmrc',
  '.yarnrc',
  '.yarnrc.yml',
  'bunfig.toml',
  'package-lock.json',
  'npm-shrinkwrap.json',
  'yarn.lock',
  'pnpm-lock.yaml',
  'pip.conf',
  'requirements.txt',
  'requirements-dev.txt',
  'dev-requirements.txt',
  'pyproject.toml',
  'Pipfile',
  'uv.toml',
  'uv.lock',
  'poetry.lock',
  '.cargo/config.toml',
  '.cargo/config',
  'Cargo.lock',
  'pom.xml',
  'build.gradle',
  'build.gradle.kts',
  'settings.gradle',
  'settings.gradle.kts',
  'Gemfile',
  'Gemfile.lock',
  'composer.json',
  'nuget.config',
  'NuGet.Config',
] as const
