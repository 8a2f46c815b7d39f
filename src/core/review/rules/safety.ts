import type { Plan } from '../../model/plan.ts'
import { count, list } from '../../text/display.ts'
import { codePointName, findInvisible } from '../../text/invisible.ts'
import { named, openPhases, placeOfFile } from '../facts.ts'
import type { Found, Rule } from './rule.ts'

interface Line {
  file: string
  line: number
  text: string
}

/** Other places of a finding that is made once per file. */
const MAX_PLACES = 9

/** A command stands at the start of something a person can read; what is longer is data. */
const MAX_LINE = 4_000

const linesOf = (plan: Plan): Line[] =>
  plan.files.flatMap(({ path, text }) =>
    text.split(/\r\n|\r|\n/).map((line, at) => ({ file: path, line: at + 1, text: line })),
  )

/** What these commands destroy cannot be got back from git. */
const DESTRUCTIVE: readonly (readonly [RegExp, string])[] = [
  [
    /\brm\s+(?:-[a-z]+\s+)*-[a-z]*(?:rf|fr|r\s+-f|f\s+-r)[a-z]*\s+(?:\/(?:\s|$|\*)|~|\$HOME|\.\.?(?:\s|$|\/\s)|\*|\.git\b)/i,
    'deletes far more than a phase owns',
  ],
  [/\bgit\s+push\b[^|;&]*\s(?:--force(?!-with-lease)|-f)\b/i, 'overwrites history on the remote'],
  [
    /\bgit\s+(?:reset\s+--hard\s+\S*(?:origin|HEAD~)|clean\s+-[a-z]*d?[a-z]*f[a-z]*x|filter-branch|filter-repo)/i,
    'throws work away',
  ],
  [/\bdrop\s+(?:database|schema|table)\b(?!\s*if\s+exists\s+\w*te?mp)/i, 'deletes data'],
  [/\btruncate\s+table\b|\bdelete\s+from\s+\w+\s*;/i, 'deletes all rows'],
  [/\b(?:mkfs\.\w+|dd\s+[^|]*of=\/dev\/|shred\s)/i, 'overwrites a disk'],
  [/\b(?:curl|wget)\b[^|;]*\|\s*(?:sudo\s+)?(?:ba|z|da)?sh\b/i, 'runs whatever the server sends'],
  [/\bchmod\s+(?:-R\s+)?0?777\b/i, 'opens files to everybody'],
  [
    /\b(?:terraform|pulumi|cdk)\s+destroy\b|\bkubectl\s+delete\s+(?:ns|namespace|pvc|--all)|\bdocker\s+(?:system|volume)\s+prune\b/i,
    'destroys infrastructure',
  ],
]
/** "never run …" is a rule of the plan, not a command. */
const NEGATED =
  /\b(?:never|don['’]?t|do not|must not|mustn['’]?t|avoid|no|without|forbid\w*|prohibit\w*|block\w*|prevent\w*|reject\w*|refuse\w*|instead of|nunca|nie|niemals)\b|禁止|不要|不得|避免|拒绝|拦截/i

const destructiveCommand: Rule = {
  id: 'destructive-command',
  severity: 'warning',
  why: 'Agents run what a plan tells them to, and this cannot be undone from git.',
  fix: 'Narrow the command to what the phase made, or leave it to a person.',
  check: (plan) =>
    linesOf(plan).flatMap(({ file, line, text }) =>
      DESTRUCTIVE.flatMap(([pattern, does]) => {
        const match = pattern.exec(text.slice(0, MAX_LINE))
        if (match === null || NEGATED.test(text.slice(0, match.index))) return []
        return {
          place: { file, line },
          column: match.index + 1,
          endColumn: match.index + 1 + match[0].trimEnd().length,
          message: `“${match[0].trim()}” ${does}`,
        }
      }).slice(0, 1),
    ),
}

/** Formats that their issuers publish, so that a match is a key and not prose. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_[A-Za-z0-9_]{60,}\b/, 'GitHub token'],
  [/\bglpat-[A-Za-z0-9_-]{20,}\b/, 'GitLab token'],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/, 'AWS access key'],
  [/\bsk-ant-[A-Za-z0-9_-]{30,}/, 'Anthropic key'],
  [/\bsk-(?:proj-)?[A-Za-z0-9_-]{40,}/, 'OpenAI key'],
  [/\bAIza[A-Za-z0-9_-]{35}\b/, 'Google key'],
  [/\bxox[abprs]-[A-Za-z0-9-]{20,}/, 'Slack token'],
  [/\b[rs]k_live_[A-Za-z0-9]{20,}/, 'Stripe live key'],
  [/\bnpm_[A-Za-z0-9]{36}\b/, 'npm token'],
  [/-----BEGIN (?:RSA |EC |OPENSSH |DSA |PGP )?PRIVATE KEY(?: BLOCK)?-----/, 'private key'],
  [/\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{20,}/, 'signed token (JWT)'],
  [
    /\b(?:postgres(?:ql)?|mysql|mongodb(?:\+srv)?|redis|amqp):\/\/[^\s:@/]+:(?!password\b|pass\b|postgres\b|secret\b|root\b|example\b|changeme\b|user\b|\*|<|\$|\[|x{3,}|\.{3})[^\s:@/]{8,}@(?!localhost|127\.|db\b|host\b|postgres\b|redis\b|example)[\w.-]+/i,
    'database password',
  ],
]
const EXAMPLE = /example|sample|dummy|placeholder|x{6,}|0{8,}|1234567|abcdef|\.\.\.|your[-_]/i

const secret: Rule = {
  id: 'secret-in-plan',
  severity: 'error',
  why: 'A plan is committed, shown in the pull request and sent to a model provider: a key in it is public.',
  fix: 'Revoke the key, remove it from the plan and its history, and name the environment variable instead.',
  check: (plan) =>
    linesOf(plan).flatMap(({ file, line, text }) =>
      SECRETS.flatMap(([pattern, name]) => {
        const match = pattern.exec(text)
        if (match === null || EXAMPLE.test(match[0])) return []
        const [start, end] = [match.index + 1, match.index + 1 + match[0].length]
        return {
          place: { file, line },
          column: start,
          endColumn: end,
          message: `This looks like a real ${name}`,
        }
      }).slice(0, 1),
    ),
}

const hiddenText: Rule = {
  id: 'hidden-text',
  severity: 'warning',
  why: 'Agents read what reviewers cannot see: this is how instructions are smuggled into a plan.',
  fix: 'Delete these characters, or retype the line.',
  check: (plan) =>
    plan.files.flatMap(({ path, text }) => {
      const lines = text.split(/\r\n|\r|\n/).flatMap((line, at) => {
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

const hiddenComment: Rule = {
  id: 'hidden-comment',
  severity: 'info',
  why: 'A comment does not show in the rendered plan, but it is part of what an agent reads.',
  fix: 'Read it in the raw file before you approve, or delete it.',
  check: (plan) =>
    plan.files.flatMap(({ path, text }) => {
      const places = commentsIn(text).map((line) => ({ file: path, line }))
      const [first, ...others] = places
      if (first === undefined) return []
      return {
        place: first,
        message:
          places.length === 1
            ? 'An HTML comment is hidden here'
            : `${places.length} HTML comments are hidden in ${path}`,
        related: others.slice(0, MAX_PLACES).map((place) => ({ ...place, message: 'another one' })),
      }
    }),
}

/** Lines on which comments start, those inside code fences left out: they show there. */
function commentsIn(text: string): number[] {
  const visible = withoutFences(text)
  const lines: number[] = []
  let line = 1
  let at = 0
  for (const match of visible.matchAll(/<!--([\s\S]*?)(?:-->|$)/g)) {
    for (; at < match.index; at++) if (visible.charCodeAt(at) === 10) line++
    if ((match[1] ?? '').trim().length >= LONG_COMMENT) lines.push(line)
  }
  return lines
}

/** The same lines, those of code fences empty. */
function withoutFences(text: string): string {
  let fence = ''
  return text
    .split('\n')
    .map((line) => {
      const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1] ?? ''
      if (fence === '') {
        fence = mark
        return mark === '' ? line : ''
      }
      if (mark.startsWith(fence) && line.trim() === mark) fence = ''
      return ''
    })
    .join('\n')
}

const PROTECTED =
  /^(?:\.\/)?(?:\.github\/|\.gitlab-ci\.ya?ml$|\.circleci\/|azure-pipelines\.ya?ml$|Jenkinsfile$|\.buildkite\/|(?:docs\/)?CODEOWNERS$|\.git\/|\.orchestrate\/)/i

const ciFiles: Rule = {
  id: 'ci-files',
  severity: 'warning',
  why: 'CI files run with the repository’s secrets, so no agent may change `.github/**` and CODEOWNERS: its edit is refused.',
  fix: 'Take the file out of the plan and write it by hand, before the run or after it.',
  check: (plan) =>
    openPhases(plan).flatMap((phase) => {
      const files = phase.files.filter((file) => PROTECTED.test(file))
      const [first] = files
      if (first === undefined) return []
      const refused = /^(?:\.\/)?(?:\.github\/|(?:docs\/)?CODEOWNERS$|\.git\/)/i.test(first)
      return {
        place: placeOfFile(phase, first),
        phase: phase.id,
        message: `${named(phase)} wants to change ${list(files, 4)}`,
        ...(!refused && {
          severity: 'info' as const,
          hint: 'Look at this change closely: it runs in CI with secrets.',
        }),
      } satisfies Found
    }),
}

const outsidePath: Rule = {
  id: 'path-outside',
  severity: 'warning',
  why: 'Agents may write below the repository’s root only, so work on this path is refused.',
  fix: 'Use a path from the repository’s root.',
  check: (plan) =>
    openPhases(plan).flatMap((phase) => {
      const outside = phase.files.filter((file) => /^(?:\/|~|[A-Za-z]:[\\/])|(?:^|\/)\.\.(?:\/|$)/.test(file))
      const [first] = outside
      if (first === undefined) return []
      return {
        place: placeOfFile(phase, first),
        phase: phase.id,
        message: `${named(phase)} names ${list(outside, 4)}, outside of the repository`,
      }
    }),
}

export const safety: Rule[] = [destructiveCommand, secret, hiddenText, hiddenComment, ciFiles, outsidePath]
