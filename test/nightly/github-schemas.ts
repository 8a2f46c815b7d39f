/** GitHub's published descriptions as judges of answers and webhooks: `@octokit/openapi` and `@octokit/webhooks-schemas`. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

type Schema = Record<string, unknown>
interface Problem {
  instancePath: string
  keyword: string
  message?: string
}
interface Check {
  (value: unknown): boolean
  errors?: Problem[] | null
}
interface Ajv {
  addSchema(schema: unknown, key: string): void
  addKeyword(keyword: string): void
  compile(schema: Schema): Check
}

const isRecord = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export interface Schemas {
  /** What is wrong with an answer, each line with the route that it is for; empty where it is as described. */
  response(method: string, path: string, status: number, body: unknown): string[]
  webhook(event: string, payload: unknown): string[]
}

export function installedSchemas(): Schemas {
  const script = fileURLToPath(new URL('../../scripts/install-github-schemas.mjs', import.meta.url))
  const { stdout, status } = spawnSync(process.execPath, [script], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (status !== 0) throw new Error("GitHub's schemas are not installed")
  const dir = stdout.trim()
  const require = createRequire(path.join(dir, 'package.json'))
  const { default: Validator } = require('ajv') as { default: new (options: Schema) => Ajv }
  const ajv = new Validator({ strict: false, allErrors: true, validateFormats: false, logger: false })
  const api = nullable(
    JSON.parse(
      readFileSync(path.join(dir, 'node_modules/@octokit/openapi/generated/api.github.com.json'), 'utf8'),
    ),
  )
  ajv.addSchema(api, 'api')
  const hooks: unknown = require('@octokit/webhooks-schemas/schema.json')
  ajv.addKeyword('tsAdditionalProperties')
  ajv.addSchema(hooks, 'hooks')
  const compiled = new Map<string, Check>()
  const check = (ref: string): Check => {
    const made = compiled.get(ref) ?? ajv.compile({ $ref: ref })
    compiled.set(ref, made)
    return made
  }
  const routes = routesOf(api)
  return {
    response: (method, where, status_, body) =>
      checkResponse(check, api, routes, { method, where, status: status_, body }),
    webhook: (event, payload) => checkWebhook(check, hooks, event, payload),
  }
}

/** OpenAPI 3.0 says `nullable`, JSON Schema a type `null`. */
function nullable(node: unknown): Schema {
  const mend = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(mend)
    if (!isRecord(value)) return value
    const mended: Schema = {}
    for (const [key, inner] of Object.entries(value))
      mended[key] = ['example', 'examples', 'default'].includes(key) ? inner : mend(inner)
    if (mended['nullable'] !== true) return mended
    delete mended['nullable']
    if (typeof mended['type'] !== 'string') return { anyOf: [mended, { type: 'null' }] }
    mended['type'] = [mended['type'], 'null']
    if (Array.isArray(mended['enum'])) mended['enum'] = [...(mended['enum'] as unknown[]), null]
    return mended
  }
  const mended = mend(node)
  if (!isRecord(mended)) throw new Error('the API description is no object')
  return mended
}

const at = (value: unknown, ...keys: string[]): unknown =>
  keys.reduce<unknown>((found, key) => (isRecord(found) ? found[key] : undefined), value)

interface ApiRoute {
  path: string
  pattern: RegExp
  literals: number
}

function routesOf(api: Schema): ApiRoute[] {
  const paths = api['paths']
  return Object.keys(isRecord(paths) ? paths : {})
    .map((route) => ({
      path: route,
      pattern: new RegExp(
        `^${route.replace(/\{(\w+)\}/g, (_, name: string) => (['ref', 'path', 'basehead'].includes(name) ? '(.+)' : '([^/]+)'))}$`,
      ),
      literals: route.split('/').filter((part) => part !== '' && !part.includes('{')).length,
    }))
    .sort((a, b) => b.literals - a.literals)
}

const pointer = (...parts: string[]): string =>
  parts.map((part) => `/${encodeURIComponent(part.replace(/~/g, '~0').replace(/\//g, '~1'))}`).join('')

function lines(subject: string, errors: Problem[] | null | undefined): string[] {
  const said = (errors ?? [])
    .filter(({ keyword }) => keyword !== 'anyOf' && keyword !== 'oneOf')
    .map(
      ({ instancePath, message }) =>
        `${subject}: ${instancePath.replace(/\/\d+(?=\/|$)/g, '/*')} ${message ?? ''}`,
    )
  return [...new Set(said)]
}

function checkResponse(
  check: (ref: string) => Check,
  api: Schema,
  routes: ApiRoute[],
  answer: { method: string; where: string; status: number; body: unknown },
): string[] {
  const { where, status, body } = answer
  const method = answer.method.toLowerCase()
  const plain = where.split('?')[0] ?? where
  const route = routes.find(
    ({ path: name, pattern }) => pattern.test(plain) && at(api, 'paths', name, method) !== undefined,
  )
  if (!route) return [`${answer.method} ${plain}: is no route of GitHub`]
  const subject = `${answer.method} ${route.path} ${status}`
  const responses = at(api, 'paths', route.path, method, 'responses')
  let response = at(responses, String(status))
  let where_ = `api#${pointer('paths', route.path, method, 'responses', String(status))}`
  if (response === undefined) return [`${subject}: is no status that is documented`]
  const ref = at(response, '$ref')
  if (typeof ref === 'string') {
    where_ = `api${ref}`
    response = at(api, ...ref.slice(2).split('/'))
  }
  if (at(response, 'content', 'application/json', 'schema') === undefined) return []
  const valid = check(`${where_}/content/application~1json/schema`)
  return valid(body) ? [] : lines(subject, valid.errors)
}

function checkWebhook(
  check: (ref: string) => Check,
  hooks: unknown,
  event: string,
  payload: unknown,
): string[] {
  const action = at(payload, 'action')
  const names = [`${event}$${typeof action === 'string' ? action : ''}`, `${event}$event`, `${event}_event`]
  const name = names.find((one) => at(hooks, 'definitions', one) !== undefined)
  if (name === undefined) return [`${event}: is no webhook of GitHub`]
  const valid = check(`hooks#/definitions/${encodeURIComponent(name)}`)
  return valid(payload) ? [] : lines(name, valid.errors)
}
