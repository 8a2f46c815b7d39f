import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { orchestrate, packageRoot, TempDirs } from '../support/cli.ts'

const dirs = new TempDirs()
let cwd = ''
beforeAll(async () => {
  cwd = await dirs.make()
})
afterAll(dirs.remove)

/** Commands and what they answer: exit code 2, nothing on stdout, this on stderr. */
const BAD: [string, string][] = [
  [
    'rnu plan',
    'error: There is no command "rnu".\n  hint: Did you mean run? `orchestrate --help` lists all commands.\n',
  ],
  ['fix 2', 'error: `fix` needs TEXT.\n  hint: Usage: orchestrate fix PHASE TEXT\n'],
  ['run a b', 'error: Too many arguments for `run`.\n  hint: Usage: orchestrate run [DIR]\n'],
  [
    'run plan --max-parallel',
    'error: --max-parallel needs a value.\n  hint: `orchestrate run --help` lists what it takes.\n',
  ],
  [
    'run plan --phaze 3 --agnet=claude',
    'error: `run` has no flag --phaze.\n  hint: Did you mean --phase? `orchestrate run --help` lists all flags.\n' +
      'error: `run` has no flag --agnet.\n  hint: Did you mean --agent? `orchestrate run --help` lists all flags.\n',
  ],
  [
    '--hepl',
    'error: There is no flag --hepl.\n  hint: Did you mean --help? `orchestrate --help` lists all flags.\n',
  ],
  [
    'run plan --team --no-team --yes --dry-run --subprocess --no-subprocess',
    'error: --team and --no-team contradict each other.\n' +
      '  hint: Give one of them, or neither: then it is decided per phase.\n' +
      'error: --subprocess and --no-subprocess contradict each other.\n' +
      '  hint: Give one of them, or neither: every step is then its own process.\n' +
      'error: --yes and --dry-run contradict each other.\n' +
      '  hint: --yes passes the gate, --dry-run stops at it. Give one of them.\n',
  ],
  [
    'run plan --resume --dry-run',
    'error: --resume and --dry-run contradict each other.\n' +
      '  hint: A run that is resumed has passed its gate. Use `status` to see where it stands.\n',
  ],
  [
    'run plan --agent claude --agent-command ./a',
    'error: --agent claude and --agent-command contradict each other.\n' +
      '  hint: Use --agent command with --agent-command, or leave --agent-command out.\n',
  ],
  [
    'run plan --max-parallel 0 --max-parallel-phases many --agent cladue --land never --max-cost -1 --sandbox on',
    'error: --agent is "cladue"; it takes one of claude, codex, gemini, opencode, copilot, command and scripted.\n' +
      '  hint: Did you mean claude?\n' +
      'error: --max-parallel is "0"; it takes a whole number from 1 to 64.\n' +
      '  hint: Correct the value and try again.\n' +
      'error: --max-parallel-phases is "many"; it takes a whole number from 1 to 64.\n' +
      '  hint: Correct the value and try again.\n' +
      'error: --land is "never"; it takes one of end, each and none.\n' +
      '  hint: Correct the value and try again.\n' +
      'error: --max-cost is "-1"; it takes an amount in US dollars above 0.\n' +
      '  hint: For example: --max-cost 2.50\n' +
      'error: --sandbox is "on"; it takes one of required, auto and off.\n' +
      '  hint: Correct the value and try again.\n',
  ],
  [
    'phase --step biuld',
    'error: `phase` needs --phase.\n  hint: For example: --phase 2\n' +
      'error: --step is "biuld"; it takes one of implement, build, test, review, fix, commit and merge.\n' +
      '  hint: Did you mean build?\n',
  ],
  [
    'review plan --format xml',
    'error: --format is "xml"; it takes one of text, json, sarif and github.\n  hint: Correct the value and try again.\n',
  ],
  [
    'review plan --format xml --agent cladue --max-cost none',
    'error: --format is "xml"; it takes one of text, json, sarif and github.\n  hint: Correct the value and try again.\n' +
      'error: --agent is "cladue"; it takes one of claude, codex, gemini, opencode, copilot, command and scripted.\n' +
      '  hint: Did you mean claude?\n' +
      'error: --max-cost is "none"; it takes an amount in US dollars above 0.\n' +
      '  hint: For example: --max-cost 2.50\n',
  ],
  ['report r', 'error: `report` needs -o FILE.\n  hint: Usage: orchestrate report RUN -o report.html\n'],
]

describe('a command line that cannot be understood', () => {
  test.each(BAD)('orchestrate %s', async (line, stderr) => {
    expect(await orchestrate(cwd, line.split(' '))).toEqual({ code: 2, stdout: '', stderr })
  })

  test('hints name the command as this person calls it', async () => {
    const { stderr } = await orchestrate(cwd, ['retry'], { env: { npm_lifecycle_event: 'orchestrate' } })
    expect(stderr).toBe('error: `retry` needs PHASE.\n  hint: Usage: npm run -s orchestrate -- retry PHASE\n')
  })
})

describe('help', () => {
  test('lists every command, on stdout', async () => {
    const { code, stdout, stderr } = await orchestrate(cwd, ['--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const commands = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name)
    expect(commands).toEqual([
      ...[
        'ingest',
        'review',
        'explain',
        'run',
        'phase',
        'status',
        'logs',
        'resume',
        'retry',
        'fix',
        'skip',
        'land',
        'abort',
      ],
      ...['verify', 'report', 'init', 'doctor', 'help'],
    ])
  })

  test('without a command it is shown too', async () => {
    expect(await orchestrate(cwd, [])).toEqual(await orchestrate(cwd, ['--help']))
  })

  test('the version is that of the package', async () => {
    const { version } = JSON.parse(await readFile(join(packageRoot, 'package.json'), 'utf8')) as {
      version: string
    }
    expect(await orchestrate(cwd, ['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })
})
