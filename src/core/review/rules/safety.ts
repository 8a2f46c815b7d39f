import type { Place } from '../../model/diagnostic.ts'
import type { Phase } from '../../model/plan.ts'
import { list } from '../../text/display.ts'
import { named, openPhases, openTasks, placeOfFile } from '../facts.ts'
import { linesOf } from '../source.ts'
import type { Found, Rule } from './rule.ts'

/** A command stands at the start of something a person can read; what is longer is data. */
const MAX_LINE = 4_000

/** `rm -rf` before what it deletes. */
const RM = String.raw`\brm\s+(?:-[a-z]+\s+)*-[a-z]*(?:rf|fr|r\s+-f|f\s+-r)[a-z]*\s+`
/** What these commands destroy cannot be got back from git. */
const DESTRUCTIVE: readonly (readonly [RegExp, string])[] = [
  [
    new RegExp(String.raw`${RM}(?:(?:(?:~|\$HOME|\.\.?)\/?|\/)\*?|\*|\.git\/?)(?![\w./-])`, 'i'),
    'deletes far more than a phase owns',
  ],
  [new RegExp(String.raw`${RM}(?:~|\$HOME)\/[\w./-]+`, 'i'), 'deletes what lies in a person’s home'],
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
        message: `${named(phase, plan)} wants to change ${list(files, 4)}`,
        ...(!refused && {
          severity: 'info' as const,
          hint: 'Look at this change closely: it runs in CI with secrets.',
        }),
      } satisfies Found
    }),
}

/** A path that no checkout holds: of the home directory, of the system, above the root. Routes ("/api/users") are none. */
const OUTSIDE =
  /(?<![\w./~-])(?:~\/[\w.@-][\w./@-]*|\/(?:etc|usr|var|opt|home|root|Users|bin|sbin|srv|boot|Library)\/[\w./@-]+|[A-Za-z]:\\[\w.\\-]+|(?:\.\.\/)+[\w./@-]+)/
/**
 * The work of a task is there: the path follows the verb. "Save the index to ~/.app" says what the program does, and a path that is
 * only read or mentioned is no matter.
 */
const WRITES =
  /^(?:create|add|write|edit|modify|change|update|install|delete|remove|overwrite|crear|editar|modificar|erstelle|ändere|créer|modifier|создать|изменить|创建|修改|编辑|写入|新建)(?!\p{Script=Latin})\s*(?:(?:a|an|the|new|file|folder|script|el|la|un|una|die|das|文件)\s*)*$/iu

/** The path that a task is to write, outside of the repository. */
function writtenOutside(title: string): string | undefined {
  const match = OUTSIDE.exec(title)
  return match !== null && WRITES.test(title.slice(0, match.index)) ? match[0] : undefined
}

const outsidePath: Rule = {
  id: 'path-outside',
  severity: 'warning',
  why: 'Agents may write below the repository’s root only, so work on this path is refused.',
  fix: 'Use a path from the repository’s root.',
  check: (plan) => [
    ...openPhases(plan).flatMap((phase): Found[] => [
      ...phase.files
        .filter((file) => /^(?:\/|~|[A-Za-z]:[\\/])|(?:^|\/)\.\.(?:\/|$)/.test(file))
        .slice(0, 1)
        .map((file) => outside(placeOfFile(phase, file), file, phase)),
      ...openTasks(phase).flatMap((task) => {
        const path = writtenOutside(task.title)
        return path === undefined ? [] : outside(task.place, path, phase)
      }),
    ]),
    // A reader of paths leaves these out, so the rows of a table of files are looked at as they stand.
    ...linesOf(plan).flatMap(({ file, line, text }) => {
      const cell = /^\s*\|\s*`?([^|`]{2,300}?)`?\s*\|/.exec(text)?.[1] ?? ''
      return OUTSIDE.exec(cell)?.index === 0 ? outside({ file, line }, cell) : []
    }),
  ],
}

const outside = (place: Place, path: string, phase?: Phase): Found => ({
  place,
  message: `${path} lies outside of the repository`,
  ...(phase !== undefined && { phase: phase.id }),
})

export const safety: Rule[] = [destructiveCommand, secret, ciFiles, outsidePath]
