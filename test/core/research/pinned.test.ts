import { afterEach, describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { research } from '../../../src/core/research/research.ts'
import { type Pinned, readPinned } from '../../../src/core/research/pinned.ts'
import { planOf } from '../../support/plan-builder.ts'
import { type ProjectOnDisk, projectWith } from '../../support/project-on-disk.ts'

const open: ProjectOnDisk[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((project) => project.remove()))
})

/** Written by npm 10, pnpm 9 and yarn 1 for one package.json; without addresses. */
const fixture = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../fixtures/lockfiles/${name}`, import.meta.url)), 'utf8')

async function project(files: Record<string, string>): Promise<ProjectOnDisk> {
  const made = await projectWith(files)
  open.push(made)
  return made
}

async function pins(files: Record<string, string>): Promise<string[]> {
  const found = await readPinned((await project(files)).files)
  const shown = ({ ecosystem, name, version, lockfile }: Pinned) =>
    `${ecosystem} ${name} ${version} ${lockfile}`
  return [...found.values()].map(shown).sort()
}

describe('what a project depends on', () => {
  test.each(['package-lock.json', 'pnpm-lock.yaml', 'yarn.lock'])(
    '%s, as its program writes it',
    async (lock) => {
      expect(await pins({ 'package.json': fixture('package.json'), [lock]: fixture(lock) })).toEqual([
        `npm debug 4.4.3 ${lock}`,
        `npm ms 2.1.3 ${lock}`,
        `npm zod 3.25.76 ${lock}`,
      ])
    },
  )

  test('is declared by manifests: exact where they are, of no version where they name a range', async () => {
    const files = {
      'package.json': '{"dependencies":{"a":"^1.0.0","b":"2.0.1"},"devDependencies":{"c":"workspace:*"}}',
      'pyproject.toml': [
        '[project]',
        'name = "x"',
        'keywords = ["not-one"]',
        'dependencies = [',
        '  "httpx[http2]>=0.27 ; python_version > \'3.9\'", # why',
        '  "rich==13.7.1",',
        ']',
        '[dependency-groups]',
        'dev = ["pytest"]',
        '[tool.poetry.dependencies]',
        'python = "^3.12"',
        'attrs = "23.2.0"',
        'click = { version = "^8.1", extras = ["x"] }',
        '[tool.ruff]',
        'select = ["E"]',
      ].join('\r\n'),
      'requirements.txt': '# all\n-r other.txt\nDjango==5.0.1  # web\ncelery>=5\ngit+https://x.example/y\n',
      'Cargo.toml':
        '[package]\nversion = "0.1.0"\n[dependencies]\nserde = { version = "1.0", features = ["derive"] }\nanyhow = "=1.0.80"\nlocal = { path = "../l" }\n[dev-dependencies.tokio]\nversion = "1"\n',
      'build.gradle.kts':
        'dependencies {\n  // implementation("no.no:no:1.0")\n  implementation("com.squareup.okio:okio:3.9.0")\n  testImplementation("org.junit.jupiter:junit-jupiter")\n}\n',
      Gemfile: "source 'https://rubygems.example'\ngem 'rails', '~> 7.1'\n  gem \"puma\"\n",
    }
    expect(await pins(files)).toEqual([
      'cargo anyhow 1.0.80 Cargo.toml',
      'cargo local  Cargo.toml',
      'cargo serde  Cargo.toml',
      'cargo tokio  Cargo.toml',
      'gem puma  Gemfile',
      'gem rails  Gemfile',
      'maven com.squareup.okio:okio 3.9.0 build.gradle.kts',
      'maven org.junit.jupiter:junit-jupiter  build.gradle.kts',
      'npm a  package.json',
      'npm b 2.0.1 package.json',
      'npm c  package.json',
      'pypi Django 5.0.1 requirements.txt',
      'pypi attrs 23.2.0 pyproject.toml',
      'pypi celery  requirements.txt',
      'pypi click  pyproject.toml',
      'pypi httpx  pyproject.toml',
      'pypi pytest  pyproject.toml',
      'pypi rich 13.7.1 pyproject.toml',
    ])
  })

  test('and what is installed says which version it is where no lockfile does', async () => {
    const files = {
      'package.json': '{"dependencies":{"frob-js":"^2.0.0"}}',
      'node_modules/frob-js/package.json': '{"name":"frob-js","version":"2.4.1"}',
      'node_modules/frob-js/README.md': '# Frob\n\n## Use\n\n```js\nfrob(thing, { twice: true })\n```\n',
      'pyproject.toml': '[project]\ndependencies = ["mist-kit>=1"]\n',
      '.venv/lib/python3.12/site-packages/mist_kit-1.9.0.dist-info/METADATA':
        'Name: mist-kit\nVersion: 1.9.0\nSummary: Mist\n\n# Mist\n\n## Use\n\n```python\nmist_kit.go(at=1, to=2)\n```\n',
      'src/run.py': 'import mist_kit\n',
    }
    const plan = planOf([{ id: '1', tasks: ['Use `frob-js`'], files: ['src/run.py'] }])
    const { sheets } = await research(plan, [], (await project(files)).files, { now: () => 0 })
    expect(sheets.map(({ tech, version, source }) => [tech, version, source])).toEqual([
      ['frob-js', '2.4.1', 'package'],
      ['mist-kit', '1.9.0', 'package'],
    ])
    expect(sheets[0]?.text).toContain('version 2.4.1 from node_modules/frob-js/package.json.')
  })

  test('a manifest of any size and form is read in time', async () => {
    const lines = '\n'.repeat(50_000) + '[[[['.repeat(20_000) + '"a'.repeat(20_000)
    const names = [
      'pyproject.toml',
      'Cargo.toml',
      'Gemfile',
      'build.gradle',
      'requirements.txt',
      'package.json',
    ]
    const started = performance.now()
    await pins(Object.fromEntries(names.map((name) => [name, `[project]\ndependencies = [${lines}`])))
    expect(performance.now() - started).toBeLessThan(5_000)
  })
})
