import { describe, expect, test } from '@jest/globals'
import { merge, refuse } from '../../src/cli/config.ts'
import { CONFIG_FILE, parseConfigFile } from '../../src/cli/config-file.ts'
import { CONFIG_TEXT } from '../../src/cli/templates.ts'
import { DEFAULT_CONFIG } from '../../src/core/model/config.ts'

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
        maxParallel: 3,
        maxParallelPhases: 3,
        parallel: false,
        land: 'end',
        maxCostUsd: 5,
        sandbox: 'auto',
        dispatch: 'auto',
        subprocess: true,
        setupCmd: 'npm ci',
        buildCmd: 'npm run build',
        testCmd: 'npm test',
        limits: { wallMs: 600_000, extraMs: 300_000, idleMs: 300_000, checkMs: 900_000 },
        protectedPaths: ['migrations/**'],
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
        /^\.github\/orchestrate\.yml:7 frobnicate is no setting of Orchestrate\. Known here: agent, /,
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

  test('a required sandbox is refused, since there is none', () => {
    expect(refuse({ agent: 'claude', sandbox: 'required' }).map(({ reason }) => reason)).toEqual([
      'sandbox-not-available',
    ])
    expect(refuse({ agent: 'claude', sandbox: 'auto' })).toEqual([])
  })
})
