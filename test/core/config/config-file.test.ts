import { describe, expect, test } from '@jest/globals'
import { CONFIG_TEXT } from '../../../src/cli/templates.ts'
import { parseConfigFile, parsePolicy } from '../../../src/core/config/config-file.ts'
import { merge } from '../../../src/core/config/merge.ts'
import { configJsonSchema } from '../../../src/core/config/schema.ts'
import { DEFAULT_CONFIG } from '../../../src/core/model/config.ts'
import { CONFIG_FILE } from '../../../src/core/model/forge-names.ts'
import { DEFAULT_POLICY } from '../../../src/core/model/policy.ts'
import { expectGolden } from '../../support/golden.ts'

const failures = (text: string) => {
  const parsed = parseConfigFile(text)
  return parsed.ok
    ? []
    : parsed.error.map(({ message, hint, file, line }) => `${file}:${line} ${message} ${hint}`)
}

describe('.github/orchestrate.yml', () => {
  test('every setting is read, times as milliseconds', () => {
    const uncommented = CONFIG_TEXT.replace(/^# (?=[a-z_]+:| )/gm, '')
    expect(parseConfigFile(uncommented.replace(/^Settings of.*\nFlags of.*\n/m, ''))).toEqual({
      ok: true,
      value: {
        agent: 'claude',
        agentCommand: 'node my-agent.mjs',
        model: 'sonnet',
        models: { implement: 'opus', review: 'sonnet', fix: 'sonnet', research: 'haiku' },
        agents: { review: { agent: 'codex' } },
        maxParallel: 3,
        maxParallelPhases: 3,
        parallel: false,
        withOptional: false,
        land: 'end',
        maxCostUsd: 5,
        budgets: { run: 10, phase: 4, step: 1 },
        prices: { 'my-model-*': { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3 } },
        sandbox: 'auto',
        sandboxNetwork: [],
        uncaged: [],
        catalogues: [],
        dispatch: 'auto',
        subprocess: true,
        setupCmd: 'npm ci',
        buildCmd: 'npm run build',
        testCmd: 'npm test',
        limits: {
          wallMs: 600_000,
          extraMs: 300_000,
          idleMs: 300_000,
          checkMs: 900_000,
          diskMb: 10_000,
          waitMs: 21_600_000,
        },
        online: false,
        researchAgent: 'missing',
        protectedPaths: ['migrations/**'],
        rules: { 'no-docs': 'off' },
      },
    })
  })

  test('what init writes changes nothing', () => {
    expect(parseConfigFile(CONFIG_TEXT)).toEqual({ ok: true, value: {} })
    expect(parseConfigFile('')).toEqual({ ok: true, value: {} })
  })

  test('everything that is wrong is told at once, with its line', () => {
    const text =
      'agnet: claude\nmax_parallel: lots\nland: never\nlimits:\n  step_secs: 3\n  idle_seconds: 0\nfrobnicate: 1\n'
    expect(failures(text)).toEqual([
      `${CONFIG_FILE}:1 agnet is no setting of Orchestrate. Did you mean agent?`,
      `${CONFIG_FILE}:2 max_parallel is "lots"; it takes a number. Correct the file and commit it.`,
      `${CONFIG_FILE}:3 land is "never"; it takes one of end, each and none. Correct the file and commit it.`,
      `${CONFIG_FILE}:5 limits.step_secs is no setting of Orchestrate. Did you mean step_seconds?`,
      `${CONFIG_FILE}:6 limits.idle_seconds is 0; it takes more than 0. Correct the file and commit it.`,
      expect.stringMatching(
        /^\.github\/orchestrate\.yml:7 frobnicate is no setting of Orchestrate\. Known here: label, approve, agent, /,
      ),
    ])
  })

  test('a file that is no YAML, or no mapping, is refused', () => {
    expect(failures('agent: [claude\n')).toEqual([
      expect.stringMatching(/^\.github\/orchestrate\.yml:\d \.github\/orchestrate\.yml is no valid YAML: /),
    ])
    expect(failures('- agent\n')).toEqual([
      `${CONFIG_FILE}:1 The file is ["agent"]; it takes settings, one per line. Correct the file and commit it.`,
    ])
  })
})

describe('the configuration of a run', () => {
  test('flags go over the file, the file over the defaults', () => {
    const file = { maxParallel: 5, model: 'opus', limits: { idleMs: 1_000 } }
    expect(merge({ maxParallel: 7 }, file)).toEqual({
      ...DEFAULT_CONFIG,
      maxParallel: 7,
      model: 'opus',
      limits: { ...DEFAULT_CONFIG.limits, idleMs: 1_000 },
    })
  })

  test("the file's command belongs to the command agent: another agent leaves it aside", () => {
    const file = { agent: 'command' as const, agentCommand: './agent' }
    expect(merge({}, file)).toMatchObject({ agent: 'command', agentCommand: './agent' })
    expect(merge({ agent: 'claude' }, file)).not.toHaveProperty('agentCommand')
  })

  test('names hosts that the cage lets through, and none that lead into this machine', () => {
    expect(
      parseConfigFile(
        'sandbox: required\nsandbox_network: [api.example.com, "*.example.org:8443"]\nuncaged: [test]\n',
      ),
    ).toEqual({
      ok: true,
      value: {
        sandbox: 'required',
        sandboxNetwork: ['api.example.com', '*.example.org:8443'],
        uncaged: ['test'],
      },
    })
    for (const host of ['*', '*.com', '127.0.0.1', 'localhost', 'https://example.com', 'a b.example'])
      expect([host, parseConfigFile(`sandbox_network: [${JSON.stringify(host)}]\n`).ok]).toEqual([
        host,
        false,
      ])
  })
})

describe('the policy of the gate', () => {
  test('a repository that says nothing has the defaults', () => {
    expect(parsePolicy(undefined)).toEqual({ ok: true, value: { policy: DEFAULT_POLICY, config: {} } })
    expect(parsePolicy('model: opus\n')).toEqual({
      ok: true,
      value: { policy: DEFAULT_POLICY, config: { model: 'opus' } },
    })
  })

  test('every key is read', () => {
    const text =
      'label: plan\napprove:\n  role: maintain\n  other_person: always\n  reviews: true\n  bots: never\n'
    expect(parsePolicy(text)).toEqual({
      ok: true,
      value: {
        policy: {
          label: 'plan',
          approve: { role: 'maintain', otherPerson: 'always', reviews: true, bots: 'never' },
        },
        config: {},
      },
    })
  })

  test('a key or value that is not known fails with its line, for a policy and a run alike', () => {
    const text = 'label: ""\napprove:\n  rol: admin\n  other_person: maybe\n  bots: always\n  role: read\n'
    const expected = [
      `${CONFIG_FILE}:1 label is ""; it takes at least 1 character. Correct the file and commit it.`,
      `${CONFIG_FILE}:3 approve.rol is no setting of Orchestrate. Did you mean role?`,
      `${CONFIG_FILE}:4 approve.other_person is "maybe"; it takes one of auto, always and never. Correct the file and commit it.`,
      `${CONFIG_FILE}:5 approve.bots is "always"; it takes only never. Correct the file and commit it.`,
      `${CONFIG_FILE}:6 approve.role is "read"; it takes one of write, maintain and admin. Correct the file and commit it.`,
    ]
    expect(failures(text)).toEqual(expected)
    expect(parsePolicy(text)).toEqual(parseConfigFile(text))
  })

  test('aliases that multiply are refused, not resolved', () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]']
    for (let at = 0; at < 8; at++) {
      const [name, before] = [String.fromCharCode(98 + at), String.fromCharCode(97 + at)]
      bomb.push(`${name}: &${name} [${Array(9).fill(`*${before}`).join(', ')}]`)
    }
    expect(failures(`${bomb.join('\n')}\n`)).toEqual([
      expect.stringContaining(`${CONFIG_FILE} cannot be read: Excessive alias count`),
    ])
  })
})

test('rules of the review are weighed by their id, and a misspelt one fails', () => {
  const read = parseConfigFile('review:\n  rules:\n    no-docs: off\n    unknown-status: error\n')
  expect(read).toEqual({ ok: true, value: { rules: { 'no-docs': 'off', 'unknown-status': 'error' } } })
  expect(failures('review:\n  rules:\n    no-doc: off\n    no-tests: fatal\n')).toEqual([
    `${CONFIG_FILE}:3 review.rules.no-doc is no setting of Orchestrate. Did you mean no-docs?`,
    `${CONFIG_FILE}:4 review.rules.no-tests is "fatal"; it takes one of off, info, warning and error. Correct the file and commit it.`,
  ])
})

test('docs/orchestrate.schema.json is what the file takes', () => {
  expectGolden(`${JSON.stringify(configJsonSchema(), undefined, 2)}\n`, 'docs/orchestrate.schema.json')
})
