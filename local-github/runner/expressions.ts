/** Evaluates `${{ }}` and the templates around it, as the real runner does. */
import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { globSync } from './files.ts'
import { BasicExpressionToken, expressions, MappingToken, SequenceToken, TokenType } from './library.ts'
import type { ExpressionData, TemplateToken } from './library.ts'

const { data, Evaluator, Lexer, Parser } = expressions

/** What the functions `success()`, `failure()`, `cancelled()` answer; `always()` is always true. */
export interface Status {
  success: boolean
  failure: boolean
  cancelled: boolean
}

export const SUCCEEDING: Status = { success: true, failure: false, cancelled: false }

export interface Scope {
  /** By name: `github`, `needs`, … A context that is not there is null. */
  contexts: Readonly<Record<string, unknown>>
  status: Status
  /** Where `hashFiles` looks; undefined where there is no workspace yet. */
  workspace?: string
}

const CONTEXTS = [
  ...['github', 'env', 'vars', 'job', 'jobs', 'steps', 'runner', 'secrets', 'strategy', 'matrix', 'needs'],
  'inputs',
]
const STATUS_FUNCTIONS = ['success', 'failure', 'cancelled', 'always'] as const

const toData = (value: unknown): ExpressionData => JSON.parse(JSON.stringify(value ?? null), data.reviver)
const fromData = (value: ExpressionData): unknown => {
  // JSON knows no NaN.
  if (value instanceof data.NumberData) return value.number()
  return JSON.parse(JSON.stringify(value, data.replacer))
}

function functions(scope: Scope) {
  const answers = { ...scope.status, always: true }
  return [
    ...STATUS_FUNCTIONS.map((name) => ({
      name,
      minArgs: 0,
      maxArgs: 0,
      call: (): ExpressionData => new data.BooleanData(answers[name]),
    })),
    {
      name: 'hashfiles',
      minArgs: 1,
      maxArgs: 255,
      call: (...patterns: ExpressionData[]): ExpressionData =>
        new data.StringData(
          hashFiles(
            scope.workspace,
            patterns.map((p) => p.coerceString()),
          ),
        ),
    },
  ]
}

/** The value of an expression (without `${{ }}`). Throws with GitHub's words where it is none. */
export function evaluate(expression: string, scope: Scope): unknown {
  const own = functions(scope)
  const tree = new Parser(new Lexer(expression).lex().tokens, CONTEXTS, own).parse()
  const context = new data.Dictionary(...CONTEXTS.map((key) => ({ key, value: toData(scope.contexts[key]) })))
  return fromData(new Evaluator(tree, context, new Map(own.map((f) => [f.name, f]))).evaluate())
}

/** Whether a condition holds: everything but false, 0, -0, "", null and NaN. */
export function holds(condition: string, scope: Scope): boolean {
  const value = evaluate(condition, scope)
  return Boolean(value)
}

/** A template with its expressions replaced by their values. */
export function resolve(token: TemplateToken | undefined, scope: Scope): unknown {
  if (token === undefined) return undefined
  if (token instanceof SequenceToken) return [...token].map((item) => resolve(item, scope))
  if (token instanceof MappingToken) {
    const result: Record<string, unknown> = {}
    for (const { key, value } of token) {
      if (key.templateTokenType === TokenType.InsertExpression) Object.assign(result, resolve(value, scope))
      else result[text(resolve(key, scope))] = resolve(value, scope)
    }
    return result
  }
  if (token instanceof BasicExpressionToken) return evaluate(token.expression, scope)
  return 'value' in token ? token.value : null
}

/** A value as the runner writes it into a string. Objects and lists have no such form. */
export function text(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'object')
    throw new Error(`A ${Array.isArray(value) ? 'sequence' : 'mapping'} was not expected`)
  return String(value)
}

export const resolveText = (token: TemplateToken | undefined, scope: Scope): string =>
  text(resolve(token, scope))

/** A mapping of texts, as `env` and `with` are. */
export function resolveTexts(token: TemplateToken | undefined, scope: Scope): Record<string, string> {
  return texts(resolve(token, scope))
}

export function texts(value: unknown): Record<string, string> {
  if (value === undefined || value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value)) throw new Error('A mapping was expected')
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, text(item)]))
}

/** SHA-256 over the SHA-256 of each file that a pattern matches; "" where there is none. */
function hashFiles(workspace: string | undefined, patterns: string[]): string {
  if (workspace === undefined) return ''
  const whole = createHash('sha256')
  const files = globSync(workspace, patterns).filter((file) => statSync(file).isFile())
  for (const file of files) whole.update(createHash('sha256').update(readFileSync(file)).digest())
  return files.length === 0 ? '' : whole.digest('hex')
}
