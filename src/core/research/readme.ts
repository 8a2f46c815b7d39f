import type { Code, RootContent } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { toString } from 'mdast-util-to-string'

/** A worked example of a README. */
export interface Pattern {
  title: string
  /** The sentence before it. */
  lead: string
  lang: string
  code: string
}

export interface ReadmeFacts {
  patterns: Pattern[]
  /** What it warns of, one sentence or two each. */
  pitfalls: string[]
}

const MAX_PATTERNS = 5
const MAX_CODE_LINES = 30
const MAX_PITFALLS = 6
/** Parsing more of a README brings nothing that would fit a sheet. */
const MAX_README = 200_000

const SHELL = /^(?:sh|bash|shell|zsh|console|terminal|powershell|bat|cmd|text|txt|diff|log)$/i
const INSTALLS =
  /^\s*\$?\s*(?:npm (?:i|install|init|create)|pnpm (?:add|i|install|create)|yarn (?:add|create)|bun (?:add|create)|npx|pip3? install|uv add|poetry add|cargo (?:add|install)|go get|brew install)\b/m
const WARNS =
  /^\s*(?:\[!(?:WARNING|CAUTION|IMPORTANT|NOTE)\]|(?:⚠️?|❗)|note\b|warning\b|caution\b|important\b|beware\b|deprecat|breaking|security\b)|\b(?:do not|don't|must not|never|deprecated|not supported|be careful|gotcha|will be removed|is required to)\b/i
/** Sections that are about the package, not about its use. */
const ASIDE =
  /\b(?:licen[cs]e|contribut|sponsor|backers?|badges?|install|development|acknowledg|author|team|support us|related|people|benchmarks?|release)/i

/** Examples and warnings of a README in Markdown, already without hidden text. */
export function readReadme(text: string): ReadmeFacts {
  const { children } = fromMarkdown(text.slice(0, MAX_README))
  const patterns: Pattern[] = []
  const pitfalls: string[] = []
  let heading = ''
  let lead = ''
  for (const node of children) {
    if (node.type === 'heading') {
      heading = oneLine(toString(node))
      lead = ''
    } else if (node.type === 'code') {
      if (isExample(node) && !ASIDE.test(heading)) patterns.push(pattern(node, heading, lead))
      lead = ''
    } else {
      if (node.type === 'paragraph') lead = firstSentence(oneLine(toString(node)))
      if (!ASIDE.test(heading)) pitfalls.push(...warnings(node))
    }
  }
  return { patterns: choose(patterns), pitfalls: [...new Set(pitfalls)].slice(0, MAX_PITFALLS) }
}

/** A line of a block that shows nothing but what to import. */
const IMPORT_ONLY = /^\s*(?:$|\/\/|#|import\b|from\b|use\b|\}|[\w$, ]+,?$|(?:const|var|let) .*= require\()/

const isExample = ({ lang, value }: Code): boolean =>
  !SHELL.test(lang ?? '') &&
  !INSTALLS.test(value) &&
  value.trim().length > 20 &&
  (lang != null || /[({=;]/.test(value)) &&
  !value.split('\n').every((line) => IMPORT_ONLY.test(line))

function pattern({ lang, value }: Code, title: string, lead: string): Pattern {
  const lines = value.trimEnd().split('\n')
  const code =
    lines.length > MAX_CODE_LINES ? `${lines.slice(0, MAX_CODE_LINES).join('\n')}\n…` : lines.join('\n')
  return { title: title === '' ? 'Example' : title, lead, lang: lang ?? '', code }
}

/** One per heading first, so that they show different things, in the order of the README. */
function choose(patterns: Pattern[]): Pattern[] {
  const seen = new Set<string>()
  const firsts = patterns.filter(({ title }) => !seen.has(title) && seen.add(title))
  const others = patterns.filter((one) => !firsts.includes(one))
  const chosen = new Set([...firsts, ...others].slice(0, MAX_PATTERNS))
  return patterns.filter((one) => chosen.has(one))
}

function warnings(node: RootContent): string[] {
  if (node.type === 'list') return node.children.flatMap((item) => warningIn(toString(item)))
  return node.type === 'paragraph' || node.type === 'blockquote' ? warningIn(toString(node)) : []
}

function warningIn(text: string): string[] {
  const line = oneLine(text)
  return line.length > 30 && WARNS.test(line) ? [clipSentence(line.replace(/^\[!\w+\]\s*/, ''), 240)] : []
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()
/** "" for what only says that an example follows. */
function firstSentence(text: string): string {
  const sentence = /^.*?[.:!?](?=\s|$)/.exec(text)?.[0] ?? text
  return sentence.length < 25 ? '' : clipSentence(sentence, 160)
}
const clipSentence = (text: string, max: number): string =>
  text.length <= max ? text : `${text.slice(0, max).replace(/\s+\S*$/, '')} …`
