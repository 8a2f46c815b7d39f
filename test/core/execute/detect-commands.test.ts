import { describe, expect, it } from '@jest/globals'
import picomatch from 'picomatch'
import { detectCommands } from '../../../src/core/execute/checks.ts'

const detect = (files: Record<string, string>) =>
  detectCommands(
    (path) => Promise.resolve(files[path]),
    (pattern) => Promise.resolve(Object.keys(files).filter((path) => picomatch.isMatch(path, pattern))),
  )
const commands = async (files: Record<string, string>) => {
  const { build, test } = await detect(files)
  return [build?.command, test?.command]
}
const scripts = (all: Record<string, unknown>, more: object = {}) => JSON.stringify({ scripts: all, ...more })

describe('detectCommands', () => {
  it('says what in the project told it', async () => {
    expect(await detect({ 'package.json': scripts({ build: 'tsc', test: 'jest' }) })).toEqual({
      build: { command: 'npm run build', why: 'the script "build" of package.json' },
      test: { command: 'npm test', why: 'the script "test" of package.json' },
    })
  })

  it('finds nothing where nothing is', async () => {
    expect(await detect({})).toEqual({})
    expect(await detect({ 'README.md': '# Hi' })).toEqual({})
  })

  it.each([
    ['pnpm-lock.yaml', 'pnpm run build', 'pnpm test'],
    ['yarn.lock', 'yarn run build', 'yarn test'],
    ['bun.lockb', 'bun run build', 'bun run test'],
    ['bun.lock', 'bun run build', 'bun run test'],
    ['package-lock.json', 'npm run build', 'npm test'],
  ])('uses the package manager of %s', async (lockfile, build, test) => {
    const files = { 'package.json': scripts({ build: 'x', test: 'y' }), [lockfile]: '' }
    expect(await commands(files)).toEqual([build, test])
  })

  it('believes the manifest on its package manager before a lockfile', async () => {
    const manifest = scripts({ test: 'x' }, { packageManager: 'pnpm@9.1.0' })
    expect(await commands({ 'package.json': manifest, 'yarn.lock': '' })).toEqual([undefined, 'pnpm test'])
  })

  it.each(['echo "Error: no test specified" && exit 1', "echo 'No test specified'", '', 42])(
    'does not take the script %j for a test',
    async (test) => {
      expect(await commands({ 'package.json': scripts({ test }) })).toEqual([undefined, undefined])
    },
  )

  it('takes a type check for a build where there is no other, and a second name for the tests', async () => {
    const manifest = scripts({ typecheck: 'tsc', test: 'no test specified', 'test:unit': 'vitest run' })
    expect(await commands({ 'package.json': manifest })).toEqual(['npm run typecheck', 'npm run test:unit'])
  })

  it.each(['{', '[]', 'null', '{"scripts": "x"}', '{"scripts": null}'])(
    'survives the package.json %j',
    async (text) => {
      expect(await commands({ 'package.json': text })).toEqual([undefined, undefined])
    },
  )

  it('lets the front end build and the back end test', async () => {
    const files = {
      'package.json': scripts({ build: 'vite build' }),
      'pyproject.toml': '[tool.pytest.ini_options]\n',
    }
    expect(await detect(files)).toEqual({
      build: { command: 'npm run build', why: 'the script "build" of package.json' },
      test: { command: 'python -m pytest', why: 'pyproject.toml names pytest' },
    })
  })

  it.each<[string, Record<string, string>, [string | undefined, string | undefined]]>([
    [
      'a Makefile',
      { Makefile: 'CC := gcc\nbuild: a.o\n\tcc a.o\n.PHONY: test\ntest check:\n\t./t\n' },
      ['make build', 'make test'],
    ],
    [
      'an assignment that looks like a target',
      { Makefile: 'test := yes\nbuild ::= no\n' },
      [undefined, undefined],
    ],
    [
      'a Makefile before the language',
      { Makefile: 'test:\n\tgo test -race ./...\n', 'go.mod': 'module x' },
      ['go build ./...', 'make test'],
    ],
    ['a justfile', { justfile: 'test:\n  cargo test\n' }, [undefined, 'just test']],
    [
      'Rust',
      { 'Cargo.toml': '[package]' },
      ['cargo build --workspace --all-targets', 'cargo test --workspace'],
    ],
    ['Go', { 'go.mod': 'module x' }, ['go build ./...', 'go test ./...']],
    ['pytest.ini', { 'pytest.ini': '' }, [undefined, 'python -m pytest']],
    ['uv', { 'pyproject.toml': 'dev = ["pytest"]', 'uv.lock': '' }, [undefined, 'uv run pytest']],
    ['poetry', { 'pyproject.toml': 'pytest = "^8"', 'poetry.lock': '' }, [undefined, 'poetry run pytest']],
    ['requirements', { 'requirements.txt': 'flask\npytest==8.0\n' }, [undefined, 'python -m pytest']],
    ['a pyproject without tests', { 'pyproject.toml': '[project]\nname = "x"' }, [undefined, undefined]],
    ['tox', { 'tox.ini': '[tox]\n' }, [undefined, 'tox']],
    ['Django', { 'manage.py': '' }, [undefined, 'python manage.py test']],
    ['Maven', { 'pom.xml': '' }, ['mvn -B -q test-compile', 'mvn -B test']],
    ['Maven with its wrapper', { 'pom.xml': '', mvnw: '' }, ['./mvnw -B -q test-compile', './mvnw -B test']],
    ['Gradle', { 'build.gradle.kts': '', gradlew: '' }, ['./gradlew assemble', './gradlew test']],
    ['Composer', { 'composer.json': '{"scripts":{"test":"phpunit"}}' }, [undefined, 'composer test']],
    ['PHPUnit', { 'composer.json': '{}', 'phpunit.xml.dist': '' }, [undefined, 'vendor/bin/phpunit']],
    ['Elixir', { 'mix.exs': '' }, ['mix compile', 'mix test']],
    ['RSpec', { Gemfile: "gem 'rspec-rails'\n" }, [undefined, 'bundle exec rspec']],
    ['Rails', { Gemfile: "gem 'rails'\n", 'bin/rails': '' }, [undefined, 'bin/rails test']],
    ['Rake', { Rakefile: 'Rake::TestTask.new\n' }, [undefined, 'rake test']],
    ['.NET', { 'App.sln': '' }, ['dotnet build', 'dotnet test']],
    [
      'CMake',
      { 'CMakeLists.txt': '' },
      ['cmake -S . -B build && cmake --build build', 'ctest --test-dir build --output-on-failure'],
    ],
    ['Deno', { 'deno.json': '{"tasks":{"build":"x"}}' }, ['deno task build', 'deno test']],
    [
      'Flutter',
      { 'pubspec.yaml': 'dependencies:\n  flutter:\n    sdk: flutter\n' },
      ['flutter analyze', 'flutter test'],
    ],
    ['Swift', { 'Package.swift': '' }, ['swift build', 'swift test']],
  ])('knows %s', async (_, files, expected) => {
    expect(await commands(files)).toEqual(expected)
  })
})
