import type { PlanFile } from '../../model/plan.ts'
import { count, list } from '../../text/display.ts'
import { codePointName, findInvisible } from '../../text/invisible.ts'
import { isSilencer } from '../silencer.ts'
import { commentsIn, lineCounter, splitLines, withoutFences } from '../source.ts'
import type { Found, TextRule } from './rule.ts'

/** Other places of a finding that is made once per file. */
const MAX_PLACES = 9

const hiddenText: TextRule = {
  id: 'hidden-text',
  severity: 'warning',
  why: 'Agents read what reviewers cannot see: this is how instructions are smuggled into a plan.',
  fix: 'Delete these characters, or retype the line.',
  check: (plan) =>
    plan.files.flatMap(({ path, text }) => {
      const lines = splitLines(text).flatMap((line, at) => {
        const found = findInvisible(line)
        return found.length > 0 ? [{ line: at + 1, found }] : []
      })
      const [first, ...others] = lines
      const [mark] = first?.found ?? []
      if (first === undefined || mark === undefined) return []
      const all = lines.flatMap(({ found }) => found)
      const kinds = [...new Set(all.map(({ codePoint }) => codePointName(codePoint)))]
      return {
        place: { file: path, line: first.line },
        column: mark.index + 1,
        endColumn: mark.index + 1 + mark.length,
        message: `${count(all.length, 'invisible character')} (${list(kinds, 4)})`,
        related: others
          .slice(0, MAX_PLACES)
          .map(({ line }) => ({ file: path, line, message: 'more of them' })),
        ...(all.some(({ codePoint }) => codePoint === 0) && {
          hint: 'Save the file as UTF-8: this one seems to be UTF-16.',
        }),
      }
    }),
}

/** Comments of this many characters have room for an instruction. */
const LONG_COMMENT = 20

/** A piece of a text, offsets in UTF-16 units. */
interface Span {
  start: number
  end: number
}

/** Of one kind in one file: shown at the first place, the others beside it. `found` in the order of the text. */
function oncePerFile({ path, text }: PlanFile, found: readonly Span[], one: string, many: string): Found[] {
  const [span] = found
  const lineAt = lineCounter(text)
  const lines = [...new Set(found.map(({ start }) => lineAt(start)))]
  const [first, ...others] = lines
  if (span === undefined || first === undefined) return []
  const column = span.start - Math.max(...['\n', '\r'].map((end) => text.lastIndexOf(end, span.start - 1)))
  const length = text.slice(span.start, span.end).search(/[\r\n]|$/)
  return [
    {
      place: { file: path, line: first },
      column,
      endColumn: column + length,
      message: others.length === 0 ? one : `${lines.length} ${many} in ${path}`,
      related: others.slice(0, MAX_PLACES).map((line) => ({ file: path, line, message: 'another one' })),
    },
  ]
}

const hiddenComment: TextRule = {
  id: 'hidden-comment',
  severity: 'info',
  why: 'A comment does not show in the rendered plan, but it is part of what an agent reads.',
  fix: 'Read it in the raw file before you approve, or delete it.',
  check: (plan) =>
    plan.files.flatMap((file) => {
      const found = commentsIn(file.text).filter(
        ({ text }) => text.trim().length >= LONG_COMMENT && !isSilencer(text),
      )
      return oncePerFile(file, found, 'An HTML comment is hidden here', 'HTML comments are hidden')
    }),
}

/** Tags whose style or attributes keep a browser from showing what they hold, or show it too small to be seen. */
const UNSEEN =
  /<[a-z][a-z0-9]{0,15}\b[^<>\n]{0,400}?(?:\bstyle\s*=\s*["'][^"'<>\n]{0,300}?(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*(?:0|[01](?:\.\d+)?(?:px|pt))\b|font-size\s*:\s*0?\.\d+(?:em|rem|px|pt)|opacity\s*:\s*0(?:\.0\d*)?(?![.\d])|color\s*:\s*(?:white|transparent|#fff(?:fff)?\b)|(?:max-)?(?:height|width)\s*:\s*[01](?:px)?\s*[;"']|(?:left|top|text-indent)\s*:\s*-\d{3,}px)|\s(?:hidden|aria-hidden\s*=\s*["']?true["']?)(?=[\s>/=])|\bsize\s*=\s*["']?[01]["']?(?=[\s>])|\bcolor\s*=\s*["']?(?:white|transparent|#fff(?:fff)?)\b)[^<>\n]{0,400}>/gi
/** A link definition that nothing links to is a comment in Markdown: `[//]: # (…)`, `[comment]: <> (…)`. */
const LINK_COMMENT = /^ {0,3}\[(?:\/\/|comment|_|#|\^_\^)\]:\s*(?:#|<>)\s*["'(].{20,}$/gim

const hiddenMarkup: TextRule = {
  id: 'hidden-markup',
  severity: 'warning',
  why: 'What is styled away does not show in the rendered plan, but an agent reads it like any other line.',
  fix: 'Delete it, or write it so that everybody sees it.',
  check: (plan) =>
    plan.files.flatMap((file) => {
      const visible = withoutFences(file.text)
      const found = [...visible.matchAll(UNSEEN), ...visible.matchAll(LINK_COMMENT)]
        .map(({ index, 0: all }) => ({ start: index, end: index + all.length }))
        .sort((a, b) => a.start - b.start)
      return oncePerFile(file, found, 'This text is styled so that nobody sees it', 'texts are styled away')
    }),
}

/** What only somebody writes who wants an agent to leave its orders, its gates or its reviewers behind. */
const AIMED: readonly (readonly [RegExp, string])[] = [
  [
    /\b(?:ignore|disregard|forget|override|bypass)\s+(?:(?:all|any|every|each|the|of|your|these|those|other)\s+){0,4}(?:previous|prior|above|earlier|preceding|existing|original|system|safety)\s+(?:instructions?|prompts?|rules?|guidelines?|directions?|orders?|constraints?|messages?)/i,
    'tells an agent to drop its instructions',
  ],
  [
    /\b(?:do not|don['’]?t|never|without)\s+(?:tell(?:ing)?|inform(?:ing)?|mention(?:ing)?|report(?:ing)?|notify(?:ing)?|reveal(?:ing)?|show(?:ing)?|alert(?:ing)?)\s+(?:this |it |that |any of this |about this )?(?:to )?(?:the |any |your )?(?:users?|humans?|reviewers?|maintainers?|approvers?|operators?|anyone|anybody)\b/i,
    'tells an agent to keep something from people',
  ],
  [
    /\b(?:you are|act as|behave as|pretend (?:to be|you are))\s+(?:now\s+)?(?:an?\s+)?(?:unrestricted|jailbroken|different|evil|dan\b|root|admin(?:istrator)?\b|developer mode)|\bdeveloper mode\b.{0,20}\benabled\b/i,
    'gives an agent another role',
  ],
  [
    /<\|(?:im_start|im_end|system|user|assistant|endoftext)\|>|\[\/?INST\]|<<\/?SYS>>|^\s*<\/?(?:system|system-reminder|system_prompt)>/i,
    'is a mark by which models tell who speaks',
  ],
  [
    /\b(?:reveal|print|output|repeat|leak|exfiltrate|dump|send|post|upload)\b[^.\n]{0,40}\b(?:your|the)\s+(?:system prompt|hidden prompt|instructions above|initial instructions)|\b(?:send|post|upload|exfiltrate|leak|curl)\b[^.\n]{0,60}\b(?:secrets?|credentials?|api keys?|tokens?|env(?:ironment)? variables?|\.env|ssh keys?)\b[^.\n]{0,40}\b(?:to|at)\s+(?:https?:\/\/|[\w-]+\.(?:com|net|io|org|dev|xyz)\b)/i,
    'asks an agent to give away what it knows',
  ],
  [
    /\b(?:mark|report|set|count)\s+(?:all|every|each|any)\s+(?:of the\s+)?(?:acceptance\s+)?(?:criteria|criterion|findings?|tests?|checks?|reviews?)\s+(?:as\s+)?(?:met|passed|passing|fixed|resolved|clean|approved|green)\b|\b(?:skip|disable|bypass|turn off|circumvent)\s+(?:the\s+|all\s+|any\s+|every\s+)?(?:(?:code|security|human|test)\s+)?(?:reviews?|gates?|approvals?|safety checks?|reviewers?)\b|\bgit\s+commit\b[^|;&\n]{0,80}\s--no-verify\b/i,
    'asks an agent to get round its gates',
  ],
  [
    /忽略(?:之前|以上|上述|先前|所有|前面)(?:的)?(?:所有)?(?:指令|指示|提示|规则)|以前の(?:指示|命令)を無視|ignora (?:todas )?las instrucciones|ignoriere (?:alle )?(?:vorherigen|bisherigen) anweisungen|игнорируй (?:все )?предыдущие/i,
    'tells an agent to drop its instructions',
  ],
]
/** "Reject prompts such as …", "test that … is refused": a plan about defending against it. */
const ABOUT_IT =
  /\b(?:reject\w*|refus\w*|block\w*|detect\w*|prevent\w*|filter\w*|guard\w*|sanitiz\w*|strip\w*|flag\w*|injection|jailbreak\w*|attack\w*|adversarial|malicious|e\.g\.|such as)\b|注入|拦截|检测|防止/i
/** "Never skip the review" is a rule of the plan. */
const NEGATED = /\b(?:never|not|don['’]?t|cannot|can['’]?t|nobody may|without|no)\s+(?:be\s+)?$/i
const MAX_LINE = 4_000
/** "[INST]" */
const LEAST = 6

const agentInstruction: TextRule = {
  id: 'agent-instruction',
  severity: 'warning',
  why: 'A plan says what shall be built; a sentence that speaks to the agent about its orders or its reviewers takes it out of your hands.',
  fix: 'Delete it, and ask who wrote it and why.',
  check: (plan) =>
    plan.files.flatMap(({ path, text }) => {
      const hidden = hiddenLines(text)
      return splitLines(text).flatMap((source, at): Found[] => {
        if (source.length < LEAST) return []
        const line = source.slice(0, MAX_LINE)
        for (const [pattern, does] of AIMED) {
          const match = pattern.exec(line)
          if (match === null || NEGATED.test(line.slice(0, match.index))) continue
          if (ABOUT_IT.test(line.replace(match[0], ''))) continue
          const unseen = hidden.has(at + 1)
          return [
            {
              place: { file: path, line: at + 1 },
              column: match.index + 1,
              endColumn: match.index + 1 + match[0].length,
              message: `“${match[0].trim()}” ${does}${unseen ? ', in a comment that nobody sees' : ''}`,
              ...(unseen && { severity: 'error' as const }),
            },
          ]
        }
        return []
      })
    }),
}

/** The lines that comments take. */
function hiddenLines(text: string): Set<number> {
  const lines = new Set<number>()
  for (const comment of commentsIn(text)) {
    const last = comment.line + splitLines(comment.text).length - 1
    for (let line = comment.line; line <= last; line++) lines.add(line)
  }
  return lines
}

export const hidden: TextRule[] = [hiddenText, hiddenComment, hiddenMarkup, agentInstruction]
