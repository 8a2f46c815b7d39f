/** Small looks into the parser's tokens. */
import { BasicExpressionToken, ensureStatusFunction, MappingToken, StringToken } from './library.ts'
import type { TemplateToken } from './library.ts'

export function field(token: TemplateToken | undefined, key: string): TemplateToken | undefined {
  return token instanceof MappingToken ? token.find(key) : undefined
}

export function stringField(token: TemplateToken | undefined, key: string): string | undefined {
  const value = field(token, key)
  return value instanceof StringToken ? value.value : undefined
}

/** The expression of an `if`, with `success() &&` before it where it asks for no status itself. */
export function conditionOf(token: TemplateToken | undefined): string {
  if (token === undefined) return 'success()'
  const written =
    token instanceof BasicExpressionToken
      ? token.expression
      : 'value' in token
        ? String(token.value).trim()
        : ''
  return written === '' ? 'success()' : ensureStatusFunction(written, token.definitionInfo)
}
