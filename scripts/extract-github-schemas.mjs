// Takes out of GitHub's published descriptions what test/local-github/contract/asked.json names, into published.json beside it:
// the answers of those routes and the payloads of those webhooks, with every schema that they refer to. Text for people is
// dropped, nothing that a validator looks at. With --check nothing is written: fails where the file is not current.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const contract = fileURLToPath(new URL('../test/local-github/contract/', import.meta.url))
/** What says nothing about whether a value fits; `default` and the like among it. */
const PROSE = new Set(
  'title description summary example examples default deprecated readOnly externalDocs format'.split(' '),
)
/** Keywords whose members are named by GitHub: a property `title` is no keyword. */
const NAMED = new Set(['properties', 'patternProperties', 'definitions'])
/** Keywords with values in them, not schemas. */
const VALUES = new Set(['enum', 'const', 'required'])

const read = (file) => JSON.parse(readFileSync(file, 'utf8'))
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)

function pruned(schema) {
  if (Array.isArray(schema)) return schema.map(pruned)
  if (!isObject(schema)) return schema
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => !PROSE.has(key) && !key.startsWith('x-'))
      .map(([key, value]) => {
        if (VALUES.has(key)) return [key, value]
        if (!NAMED.has(key) || !isObject(value)) return [key, pruned(value)]
        return [key, Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, pruned(inner)]))]
      }),
  )
}

/** Every `$ref` in a tree. */
function* refs(node) {
  if (Array.isArray(node)) for (const one of node) yield* refs(one)
  else if (isObject(node))
    for (const [key, value] of Object.entries(node))
      if (key === '$ref' && typeof value === 'string') yield value
      else yield* refs(value)
}

const at = (tree, pointer) =>
  pointer
    .slice(2)
    .split('/')
    .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((found, part) => found?.[part], tree)

/** What `roots` refer to, by pointer, each pruned; in the order of their names, so that a difference is short. */
function closure(tree, roots) {
  const found = new Map()
  const open = [...refs(roots)]
  for (let ref = open.pop(); ref !== undefined; ref = open.pop()) {
    if (found.has(ref)) continue
    const target = at(tree, ref)
    if (target === undefined) throw new Error(`${ref} is not described`)
    found.set(ref, pruned(target))
    open.push(...refs(found.get(ref)))
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1))
}

function extractApi(api, routes) {
  const paths = {}
  for (const route of routes) {
    const [method, path] = route.split(' ')
    const responses = api.paths[path]?.[method.toLowerCase()]?.responses
    if (!responses) throw new Error(`${route} is no route of GitHub`)
    const told = Object.entries(responses).map(([status, response]) => [status, onlyJson(response)])
    paths[path] = { ...paths[path], [method.toLowerCase()]: { responses: Object.fromEntries(told) } }
  }
  const components = {}
  for (const [ref, target] of closure(api, paths)) {
    const [, , kind, name] = ref.split('/')
    components[kind] = { ...components[kind], [name]: kind === 'responses' ? onlyJson(target) : target }
  }
  return { paths, components }
}

function onlyJson(response) {
  if (response.$ref !== undefined) return response
  const schema = response.content?.['application/json']?.schema
  return schema === undefined ? {} : { content: { 'application/json': { schema: pruned(schema) } } }
}

function extractHooks(hooks, events) {
  const roots = events.map((name) => {
    if (!hooks.definitions[name]) throw new Error(`${name} is no webhook of GitHub`)
    return { $ref: `#/definitions/${name}` }
  })
  const all = closure(hooks, roots).map(([ref, target]) => [ref.slice('#/definitions/'.length), target])
  return { definitions: Object.fromEntries(all) }
}

/** One line for each schema. */
function printed({ source, api, hooks }) {
  const lines = (tree) =>
    `{\n${Object.entries(tree)
      .map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`)
      .join(',\n')}\n}`
  const kinds = Object.entries(api.components).map(([kind, all]) => `${JSON.stringify(kind)}: ${lines(all)}`)
  return `{
"source": ${JSON.stringify(source)},
"api": {"paths": ${lines(api.paths)},
"components": {${kinds.join(',\n')}}},
"hooks": {"definitions": ${lines(hooks.definitions)}}
}
`
}

function main() {
  const installed = spawnSync(process.execPath, [join(import.meta.dirname, 'install-github-schemas.mjs')], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (installed.status !== 0) return 1
  const packages = join(installed.stdout.trim(), 'node_modules', '@octokit')
  const { routes, webhooks } = read(join(contract, 'asked.json'))
  const version = (name) => `@octokit/${name}@${read(join(packages, name, 'package.json')).version}`
  const text = printed({
    source: [version('openapi'), version('webhooks-schemas')],
    api: extractApi(read(join(packages, 'openapi', 'generated', 'api.github.com.json')), routes),
    hooks: extractHooks(read(join(packages, 'webhooks-schemas', 'schema.json')), webhooks),
  })
  const file = join(contract, 'published.json')
  if (!process.argv.includes('--check')) {
    writeFileSync(file, text)
    console.error(
      `${routes.length} routes, ${webhooks.length} webhooks: ${Math.ceil(text.length / 1024)} KiB.`,
    )
    return 0
  }
  if (readFileSync(file, 'utf8') === text) return 0
  console.error(
    'error: test/local-github/contract/published.json is not what asked.json and the descriptions give.\n' +
      '  hint: node scripts/extract-github-schemas.mjs, and commit it.',
  )
  return 1
}

process.exitCode = main()
