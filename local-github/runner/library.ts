/**
 * GitHub's own parser of workflows and evaluator of expressions, loaded so that it works everywhere. Version 0.3.61 imports
 * JSON without the attribute that Node asks for; jest and esbuild do not mind, and for a plain Node process a hook adds it.
 */
import * as nodeModule from 'node:module'

const JSON_ATTRIBUTE = `export const load = (url, context, next) =>
  url.endsWith('.json') ? next(url, { ...context, importAttributes: { type: 'json' } }) : next(url, context)
export const resolve = (specifier, context, next) =>
  next(specifier, specifier.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context)`

// In a bundle this file has another name, and the JSON is part of it.
if (/\/library\.[jt]s$/.test(import.meta.url)) {
  try {
    nodeModule.register(`data:text/javascript,${encodeURIComponent(JSON_ATTRIBUTE)}`)
  } catch {
    // jest refuses hooks, and loads JSON without them.
  }
}

export const expressions = await import('@actions/expressions')
export const workflows = await import('@actions/workflow-parser')
export const actionFiles = await import('@actions/workflow-parser/actions/index')
export const { ensureStatusFunction } = await import('@actions/workflow-parser/model/converter/if-condition')
export const { ErrorPolicy } = await import('@actions/workflow-parser/model/convert')
export const { TokenType } = await import('@actions/workflow-parser/templates/tokens/types')
export const { MappingToken, SequenceToken, BasicExpressionToken, StringToken } =
  await import('@actions/workflow-parser/templates/tokens/index')

export type { TemplateToken } from '@actions/workflow-parser/templates/tokens/index'
export type { EventsConfig } from '@actions/workflow-parser/model/workflow-template'
export type { ExpressionData } from '@actions/expressions/data/expressiondata'
export type { TemplateContext } from '@actions/workflow-parser/templates/template-context'
