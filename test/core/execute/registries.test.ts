import { describe, expect, test } from '@jest/globals'
import { namedRegistries } from '../../../src/core/execute/registries.ts'

const look = (files: Record<string, string>) => namedRegistries((path) => Promise.resolve(files[path]))
const hosts = async (file: string, text: string): Promise<string[]> =>
  (await look({ [file]: text })).named.map(({ host }) => host)

describe('registries that a project names', () => {
  test.each([
    [
      '.npmrc',
      'registry=https://npm.corp.example/\n@a:registry = https://a.example:8443/npm/\n# registry=https://no.example',
      ['npm.corp.example', 'a.example:8443'],
    ],
    ['.yarnrc', 'registry "https://yarn.example/"', ['yarn.example']],
    [
      '.yarnrc.yml',
      'npmRegistryServer: "https://npm.example"\nnpmScopes:\n  a:\n    npmRegistryServer: https://scoped.example\nyarnPath: https://no.example',
      ['npm.example', 'scoped.example'],
    ],
    [
      'package-lock.json',
      '{"packages":{"a":{\n"resolved": "https://tarballs.example/a.tgz",\n"funding": {"url": "https://no.example"}}}}',
      ['tarballs.example'],
    ],
    ['yarn.lock', 'a@1:\n  resolved "https://packages.example/a.tgz#1"', ['packages.example']],
    ['pnpm-lock.yaml', '  resolution: {integrity: x, tarball: https://tar.example/a.tgz}', ['tar.example']],
    [
      'requirements.txt',
      '--index-url https://pip.example/simple\nflask @ https://no.example/flask.whl',
      ['pip.example'],
    ],
    [
      'pip.conf',
      '[global]\nextra-index-url = https://one.example/simple\n  https://two.example/simple',
      ['one.example', 'two.example'],
    ],
    [
      'pyproject.toml',
      '[project.urls]\nurl = "https://no.example"\n[[tool.poetry.source]]\nname = "x"\nurl = "https://poetry.example/simple"\n[project]\nurl = "https://no.example"\n[[tool.uv.index]]\nurl = "https://uv.example"',
      ['poetry.example', 'uv.example'],
    ],
    ['uv.lock', 'source = { registry = "https://uv.example/simple" }', ['uv.example']],
    [
      '.cargo/config.toml',
      '[registries.mine]\nindex = "sparse+https://cargo.example/index/"\n[http]\nproxy = "https://no.example"',
      ['cargo.example'],
    ],
    ['Cargo.lock', 'source = "registry+https://crates.example/index"', ['crates.example']],
    [
      'pom.xml',
      '<url>https://no.example</url>\n<repository>\n<url>https://maven.example/repo</url>\n</repository>\n<scm><url>https://no.example</url></scm>',
      ['maven.example'],
    ],
    [
      'build.gradle.kts',
      'repositories {\n maven("https://one.example/m2")\n maven {\n  url = uri("https://two.example/m2")\n }\n}\npom { url = "https://no.example" }',
      ['one.example', 'two.example'],
    ],
    ['Gemfile', "source 'https://gems.example'\ngem 'a', git: 'https://no.example'", ['gems.example']],
    [
      'composer.json',
      '{"repositories":[{"type":"composer",\n"url": "https://php.example"}],"homepage":"https://no.example"}',
      ['php.example'],
    ],
    ['nuget.config', '<add key="x" value="https://nuget.example/v3/index.json" />', ['nuget.example']],
  ])('%s', async (file, text, expected) => {
    expect(await hosts(file, text)).toEqual(expected)
  })

  test('are told with their file, each once, without those that everybody reaches', async () => {
    const { named, notes } = await look({
      '.npmrc': 'registry=https://npm.example/',
      'package-lock.json': '"resolved": "https://npm.example/a"\n"resolved": "https://registry.npmjs.org/b"',
    })
    expect({ named, notes }).toEqual({ named: [{ host: 'npm.example', file: '.npmrc' }], notes: [] })
  })

  test.each([
    'http://localhost:4873/',
    'http://127.0.0.1:4873',
    'http://[::1]:1/',
    'http://npm/',
    'http://2130706433/',
  ])('are not reached by an address of this machine or network: %s', async (url) => {
    const { named, notes } = await look({ '.npmrc': `registry=${url}` })
    expect(named).toEqual([])
    expect(notes).toEqual([expect.stringContaining('without a public name')])
  })

  test('say where a key of one is needed, or lies in the tree', async () => {
    const inTree = await look({
      '.npmrc': 'registry=https://npm.example/\n//npm.example/:_authToken=npm_0123456789',
    })
    expect(inTree.notes).toEqual([expect.stringMatching(/^\.npmrc holds a key .* take it out/)])
    expect(JSON.stringify(inTree)).not.toContain('npm_0123456789')
    const inAddress = await look({ 'requirements.txt': '-i https://me:secret@pip.example/simple' })
    expect(inAddress.named).toEqual([{ host: 'pip.example', file: 'requirements.txt' }])
    expect(inAddress.notes).toEqual([expect.stringMatching(/holds a key/)])
    const outside = await look({ '.npmrc': '//npm.example/:_authToken=${NPM_TOKEN}' })
    expect(outside.notes).toEqual([expect.stringContaining('takes a key from NPM_TOKEN')])
  })
})
