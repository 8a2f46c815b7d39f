/** GitHub's published descriptions as judges of answers and webhooks. */
import { createRequire } from 'node:module'

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

/** What GitHub publishes, or a part of it. */
export interface Description {
  /** OpenAPI 3.0: `paths` and `components`. */
  api: unknown
  /** JSON Schema, a definition for each action of each webhook. */
  hooks: unknown
}

export interface Answer {
  method: string
  path: string
  status: number
  body: unknown
}

export interface Judge {
  /** What is wrong with an answer, each line with the route that it is for; empty where it is as described. */
  answer(answer: Answer): string[]
  webhook(event: string, payload: unknown): string[]
}

export function judgeBy(description: Description): Judge {
  const { default: Validator } = createRequire(import.meta.url)('ajv') as {
    default: new (options: Schema) => Ajv
  }
  const ajv = new Validator({ strict: false, allErrors: true, validateFormats: false, logger: false })
  const api = nullable(description.api)
  ajv.addSchema(api, 'api')
  ajv.addKeyword('tsAdditionalProperties')
  ajv.addSchema(description.hooks, 'hooks')
  const compiled = new Map<string, Check>()
  const check = (ref: string): Check => {
    const made = compiled.get(ref) ?? ajv.compile({ $ref: ref })
    compiled.set(ref, made)
    return made
  }
  const routes = routesOf(api)
  return {
    answer: (answer) => checkAnswer(check, api, routes, answer),
    webhook: (event, payload) => checkWebhook(check, description.hooks, event, payload),
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

function checkAnswer(
  check: (ref: string) => Check,
  api: Schema,
  routes: ApiRoute[],
  answer: Answer,
): string[] {
  const { status, body } = answer
  const method = answer.method.toLowerCase()
  const plain = answer.path.split('?')[0] ?? answer.path
  const route = routes.find(
    ({ path: name, pattern }) => pattern.test(plain) && at(api, 'paths', name, method) !== undefined,
  )
  if (!route) return [`${answer.method} ${plain}: is no route that is described`]
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
  if (name === undefined) return [`${event}: is no webhook that is described`]
  const valid = check(`hooks#/definitions/${encodeURIComponent(name)}`)
  return valid(payload) ? [] : lines(name, valid.errors)
}
