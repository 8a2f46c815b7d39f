import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { formatCommand, parseCommand, parseCommands } from '../../../src/core/gate/command.ts'
import { AGENT_NAMES, LAND_POLICIES } from '../../../src/core/model/config.ts'
import { COMMAND_NAMES, type GateCommand, type GateFlags } from '../../../src/core/model/gate-command.ts'
import { phaseId } from '../../../src/core/model/ids.ts'

const commands = (body: string) => {
  const parsed = parseCommands(body)
  return parsed.kind === 'commands' ? parsed.commands.map(formatCommand) : parsed
}
const refused = (body: string) => {
  const parsed = parseCommands(body)
  return parsed.kind === 'refused'
    ? parsed.failures.map(({ message, hint, line }) => `${line}: ${message} ${hint}`)
    : parsed
}

describe('commands in a comment', () => {
  test('every command is read with its arguments and flags', () => {
    const lines = [
      '/orchestrate plans/login --parallel',
      '/approve',
      '/approve 0123abc --phases 1-3,1.5,3a --parallel --max-cost 5 --model sonnet[1m] --agent codex',
      '/approve --max-parallel 4 --max-parallel-phases 2 --land each --no-team --no-subprocess',
      '/retry 2 --max-cost 10',
      '/resume',
      '/resume 1.5 --model opus',
      '/skip 3a',
      '/fix 2 The last line of the file is lost; see `src/read.ts`.',
      '/continue',
      '/land',
      '/abort',
      '/status',
      '/why-not',
      '/why-not 2',
    ]
    for (const line of lines) expect(commands(line)).toEqual([line])
    expect(commands(lines.join('\n'))).toEqual(lines)
  })

  test('people write it in several ways', () => {
    expect(
      commands('Looks good to me.\n\n/approve --phase 1 --phase 3a --max-cost=$2.50\nThank you!'),
    ).toEqual(['/approve --phases 1,3a --max-cost 2.5'])
    expect(commands('   /approve\t 0123ABC  \r\n')).toEqual(['/approve 0123abc'])
    expect(commands('/orchestrate ./plans/a/')).toEqual(['/orchestrate plans/a'])
    expect(commands('/orchestrate .')).toEqual(['/orchestrate .'])
  })

  test('a finding is the rest of its paragraph, up to the next command', () => {
    expect(commands('/fix 2 The store\nloses *one* link\n/retry 3\n\nNot this.')).toEqual([
      '/fix 2 The store loses *one* link',
      '/retry 3',
    ])
  })

  test.each([
    ['a code fence', '```\n/approve\n```'],
    ['a fence that is never closed', 'so:\n~~~sh\n/approve'],
    ['indented code', 'so:\n\n    /approve'],
    ['an indented line of a paragraph', 'so\n     /approve'],
    ['inline code', 'Write `/approve` here'],
    ['inline code over lines', 'Write `so\n/approve\nhere`'],
    ['a quote', '> /approve\n/approve'],
    ['an HTML comment', '<!--\n/approve\n-->'],
    ['an HTML comment over blank lines', 'Hello <!--\n\n/approve\n\n-->'],
    ['an HTML comment that is never closed', '<!--\n\n/approve'],
    ['a folded part', '<details><summary>Log</summary>\n\n/approve\n\n</details>'],
    ['a quote in HTML', '<blockquote>\n\n/approve\n\n</blockquote>'],
    ['a list', '- one\n- /approve\n  /approve\n\n  /approve'],
    ['a table', '| a |\n| - |\n/approve |'],
    ['a heading', '# /approve\n\n/approve\n==='],
    ['the text of an image', '![so\n/approve\nhere](x.png)'],
    ['a definition', '[x]:\n/approve'],
    ['struck out', '~~so\n/approve\nhere~~'],
    ['the middle of a line', 'please /approve'],
    ['an e-mail quote', 'Thanks\n\nOn Mon, Nov 23, 2026 at 3:45 PM Kim wrote:\n\n/approve'],
    ['a forwarded mail', 'Thanks\n\n-----Original Message-----\nFrom: Kim\n\n/approve'],
    ['a longer word', '/approved\n/approves\n/landing page'],
    ['a path', '/approve/me\n/land/of/hope'],
    ['look-alike letters', '/аpprove\n/approvе\n/ａpprove\n／approve'],
    ['a hidden character in the name', '/app\u200brove\n\u2060/approve\n/approve\u200b'],
    ['commands of others', '/assign kim\n/retest\n/lgtm\n/test all\n/ok-to-test\n/close\n/rebase'],
    ['a file name', '/usr/bin/approve\n/etc'],
  ])('%s says nothing', (_, body) => {
    expect(parseCommands(body)).toEqual({ kind: 'none' })
  })

  test('what is almost a command, or has a flag that is not known, is told', () => {
    expect(refused('Well.\n\n/aprove\n/approve.\n/Approve')).toEqual([
      '3: There is no command /aprove. Did you mean /approve?',
      '4: There is no command /approve.. Did you mean /approve?',
      '5: There is no command /Approve. Did you mean /approve?',
    ])
    expect(refused('/approve --max-costs 5 --frobnicate --team --no-team')).toEqual([
      '1: /approve has no flag --max-costs. Did you mean --max-cost?',
      expect.stringMatching(/^1: \/approve has no flag --frobnicate\. Its flags: --phases, --phase, /),
      '1: --team and --no-team contradict each other. Give one of them.',
    ])
    expect(refused('/approve —max-cost 5')).toEqual([
      '1: /approve has no flag —max-cost. Did you mean --max-cost?',
    ])
    expect(refused('/approve looks good to me')).toEqual([
      '1: /approve takes a commit, 7 to 64 hex digits, and “looks” is none. Write /approve [commit], for example /approve 1a2b3c4; remarks go on a line of their own.',
    ])
    expect(refused('/approve --test-cmd true')).toEqual([
      '1: --test-cmd cannot be given here: it decides what runs on the machine. Set test_cmd in .github/orchestrate.yml on the base branch.',
    ])
    expect(refused('/retry')).toEqual(['1: /retry needs a phase as the plan numbers it. Write /retry PHASE.'])
    expect(refused('/fix 2')).toEqual(['1: /fix needs a text. Write /fix PHASE what is wrong.'])
    expect(refused('/skip 2 --max-cost 3')).toEqual(['1: /skip has no flag --max-cost. Write /skip PHASE.'])
    expect(refused('/approve --agent claud')).toEqual([
      '1: --agent is “claud”; it takes one of claude, codex, gemini, opencode, copilot, command, scripted. Did you mean claude?',
    ])
  })

  test('one wrong command voids the others', () => {
    expect(refused('/approve\n/retry --')).toHaveLength(1)
  })

  test.each([
    "/approve --phase 'a&&id'", '/approve --phase a&&id', '/approve --phase -x', '/approve --phase --land',
    '/approve --phase ../1', '/approve --phase 1/../2', '/approve --phases 1,$(id)', '/approve --phases 1,,2',
    '/approve --phase `id`', '/approve --phase 1;id', '/approve --phase "1"', '/approve --phase=1\u00a02',
    '/approve --model $(id)', '/approve --model ../x', '/approve --model -x', '/approve --model a\u202eb',
    '/approve --max-cost 0', '/approve --max-cost -5', '/approve --max-cost 1e9', '/approve --max-cost 5%0a',
    '/approve --max-parallel 65', '/approve --max-parallel 0', '/approve --land now', '/approve --parallel=yes',
    '/approve --agent claude;id', '/approve 12345', '/approve HEAD', '/approve main', '/approve 0123abc..0123abd',
    '/orchestrate ../plans', '/orchestrate /etc', '/orchestrate plans/../../x', '/orchestrate a//b', '/orchestrate -x',
    '/orchestrate plans/-x', '/orchestrate a\\b', '/orchestrate ${{github.token}}', '/orchestrate a|b', '/orchestrate ...',
    '/retry 1 2', '/retry ${{x}}', '/retry 1..2', '/why-not *', '/abort now', '/approve <!-- --phases 1 -->',
  ])('%s is refused', (line) => {
    expect(parseCommands(line)).toMatchObject({ kind: 'refused' })
  }) // prettier-ignore

  test('a single command is asked for by an input', () => {
    expect(parseCommand('/approve --phases 1-3')).toEqual({
      ok: true,
      value: { name: 'approve', flags: { phases: ['1-3'] } },
    })
    for (const line of ['', 'approve', '/approve\n/land', '> /approve', '/approve\u0000']) {
      expect(parseCommand(line)).toMatchObject({ ok: false })
    }
  })
})

// ── properties ───────────────────────────────────────────────────────────────────────────────────────────────────

const id = fc.stringMatching(/^[A-Za-z0-9]([._-]?[A-Za-z0-9]){0,5}$/)
const phase = id.map(phaseId)
const model = fc.stringMatching(/^[A-Za-z0-9][a-z0-9:@/-]{0,12}$/)
const cost = fc.integer({ min: 1, max: 9_999_999 }).map((cents) => cents / 100)
const only = <T extends object>(of: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(of, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>
const slots = fc.integer({ min: 1, max: 64 })
const resumeFlags = only<{ maxCostUsd: number; model: string }>({ maxCostUsd: cost, model })
const flags: fc.Arbitrary<GateFlags> = only<Required<GateFlags>>({
  phases: fc.array(id, { minLength: 1, maxLength: 4 }),
  parallel: fc.constant(true as const),
  withOptional: fc.constant(true as const),
  installSkills: fc.constant(true as const),
  maxCostUsd: cost,
  model,
  agent: fc.constantFrom(...AGENT_NAMES),
  maxParallel: slots,
  maxParallelPhases: slots,
  land: fc.constantFrom(...LAND_POLICIES),
  dispatch: fc.constantFrom('team', 'classic'),
  subprocess: fc.boolean(),
})
const anyCommand: fc.Arbitrary<GateCommand> = fc.oneof(
  fc.record({ name: fc.constant('orchestrate' as const), flags }),
  fc.record({
    name: fc.constant('orchestrate' as const),
    dir: fc.stringMatching(/^[a-z_.][a-z_]{1,8}(\/[a-z][a-z_-]{0,8}){0,3}$/),
    flags,
  }),
  fc.record({ name: fc.constant('approve' as const), flags }),
  fc.record({ name: fc.constant('approve' as const), head: fc.stringMatching(/^[0-9a-f]{7,40}$/), flags }),
  fc.record({ name: fc.constantFrom('retry' as const, 'resume' as const), phase, flags: resumeFlags }),
  fc.record({ name: fc.constant('skip' as const), phase }),
  fc.record({
    name: fc.constant('fix' as const),
    phase,
    text: fc
      .stringMatching(/^[A-Za-z][\w .,;:'"!?()/+-]{0,60}[a-z.]$/)
      .map((text) => text.replace(/ +/g, ' ')),
    flags: resumeFlags,
  }),
  fc.record({ name: fc.constant('continue' as const), flags: resumeFlags }),
  fc.record({ name: fc.constant('fix' as const), text: fc.constant(''), flags: resumeFlags }),
  fc.record({
    name: fc.constantFrom('adjust' as const, 'land' as const, 'abort' as const, 'status' as const),
  }),
  fc.record({ name: fc.constant('why-not' as const), phase }),
)

/** Pieces that mean something in a comment, mixed with anything. */
const body = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...COMMAND_NAMES.map((name) => `/${name}`), ' --phases ', '--max-cost', ' 1', '-3', ',', '\n', '\n\n', '    ', '> ', '- ', '```\n',
        '`', '<!--', '-->', '<details>', '</details>', '~~', '| a |\n|-|\n', '[x](', ')', '![', '\u200b', '\u0000', '\ufeff', '\t', '#', '=',
      ), // prettier-ignore
      fc.string({ unit: 'grapheme', maxLength: 6 }),
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''))

describe('the grammar', () => {
  test('reads back what it writes', () => {
    fc.assert(
      fc.property(anyCommand, (command) => {
        const line = formatCommand(command)
        expect(line).not.toMatch(/[\r\n]/)
        expect(parseCommand(line)).toEqual({ ok: true, value: command })
        expect(commands(`Well then.\n\n${line}\n\nThanks.`)).toEqual([line])
      }),
      { numRuns: 1_000 },
    )
  })

  test('never throws, and what it reads anywhere has a canonical line', () => {
    fc.assert(
      fc.property(body, (text) => {
        const parsed = parseCommands(text)
        if (parsed.kind === 'refused') expect(parsed.failures.length).toBeGreaterThan(0)
        if (parsed.kind !== 'commands') return
        for (const command of parsed.commands) {
          expect(parseCommand(formatCommand(command))).toEqual({ ok: true, value: command })
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('takes time in proportion to the length', () => {
    const pieces = [
      'x\n',
      '/approve\n',
      '[',
      '![\n',
      '`\n``',
      '*a ',
      '> ',
      '<a>\n',
      '<!-- ',
      '|\n',
      '/a\n',
      '/fix 1 a\n',
    ]
    for (const piece of pieces) {
      const text = `/approve\n${piece.repeat(Math.floor(30_000 / piece.length))}`
      const start = performance.now()
      parseCommands(text)
      // a tenth of a second is usual; what is quadratic takes minutes
      expect({ piece, slow: performance.now() - start > 15_000 }).toEqual({ piece, slow: false })
    }
  })
})
