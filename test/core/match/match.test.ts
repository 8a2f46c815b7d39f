import { afterEach, describe, expect, test } from '@jest/globals'

import type { MatchResult } from '../../../src/core/match/match.ts'
import { matchPhases } from '../../../src/core/match/match.ts'
import { DEFAULT_REGISTRY } from '../../../src/core/match/registry.ts'
import type { PhaseSketch } from '../../support/plan-builder.ts'
import { planOf } from '../../support/plan-builder.ts'
import type { ProjectOnDisk } from '../../support/project-on-disk.ts'
import { projectWith } from '../../support/project-on-disk.ts'

const open: ProjectOnDisk[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((project) => project.remove()))
})

async function match(
  phases: PhaseSketch[],
  project: Record<string, string> = {},
  home: Record<string, string> = {},
): Promise<MatchResult> {
  const made = await projectWith(project, home)
  open.push(made)
  return matchPhases(planOf(phases), made.files)
}

const agentOf = async (phase: Omit<PhaseSketch, 'id'>) =>
  (await match([{ id: '1', ...phase }])).assignments[0]?.agentType

const skill = (name: string, description: string, body = 'Do it well.') =>
  `---\nname: ${name}\ndescription: ${description}\n---\n\n${body}\n`

describe('registry', () => {
  test('goes by file endings first', async () => {
    const { assignments } = await match([
      {
        id: '1',
        title: 'API authentication',
        files: ['web/Login.tsx', 'web/Form.tsx'],
        tasks: ['Refactor in Python'],
      },
    ])
    expect(assignments[0]).toMatchObject({ agentType: 'frontend-engineer', why: 'its files are .tsx' })
    expect(assignments[0]?.skills[0]).toMatchObject({
      name: 'react',
      source: 'registry',
      text: expect.any(String),
    })
  })

  test('then by domain, language and kind of work', async () => {
    expect(await agentOf({ title: 'OAuth login', tasks: ['Write it in Python'] })).toBe('security-engineer')
    expect(await agentOf({ title: 'Port', tasks: ['Write it in Python', 'Test it'] })).toBe('python-engineer')
    expect(await agentOf({ title: 'Tests', tasks: ['Cover the edges'] })).toBe('test-engineer')
    expect(await agentOf({ title: '数据库设计', tasks: ['编写'] })).toBe('database-engineer')
  })

  test('takes the ending that most files have', async () => {
    expect(await agentOf({ files: ['a.py', 'b.py', 'c.py', 'style.css'] })).toBe('python-engineer')
  })

  test('one word in passing is no domain', async () => {
    expect(await agentOf({ title: 'Billing', tasks: ['Sum the invoice', 'Show it in the ui'] })).toBe(
      'general-purpose',
    )
  })

  test('falls back to general-purpose with a warning at the phase', async () => {
    const { assignments, diagnostics } = await match([{ id: '1', title: 'Think', tasks: ['Decide'] }])
    expect(assignments[0]).toMatchObject({ agentType: 'general-purpose', skills: [] })
    expect(diagnostics).toEqual([
      expect.objectContaining({
        rule: 'no-agent-match',
        severity: 'warning',
        file: 'task_plan.md',
        line: 2,
        phase: '1',
      }),
    ])
  })

  test('warns once for all phases that nothing fits', async () => {
    const { diagnostics } = await match([
      { id: '1', title: 'Think' },
      { id: '2', title: 'Decide' },
    ])
    expect(diagnostics.map(({ message }) => message)).toEqual([
      'No agent type fits phases 1 and 2: general-purpose is used',
    ])
  })

  test('a report that a phase writes does not make it documentation', async () => {
    expect(await agentOf({ title: 'Search', files: ['findings.md', 'src/search.go'] })).toBe('go-engineer')
    expect(await agentOf({ title: 'Search', files: ['findings.md'], tasks: ['Test it'] })).toBe(
      'general-purpose',
    )
  })

  test('says nothing of phases that are finished', async () => {
    expect((await match([{ id: '1', title: 'Think', status: 'completed' }])).diagnostics).toEqual([])
  })

  test('names only skills it has a text for', () => {
    for (const { skills } of DEFAULT_REGISTRY.entries) {
      for (const name of skills) expect(Object.keys(DEFAULT_REGISTRY.texts)).toContain(name)
    }
  })
})

describe('.orchestrate/skills.json', () => {
  const file = '.orchestrate/skills.json'

  test('comes before ours of the same kind, with skills of its own', async () => {
    const registry = {
      entries: [{ by: 'extension', match: ['.ts'], agent: 'deno-engineer', skills: ['deno'] }],
      texts: { deno: 'Import by URL.' },
    }
    const { assignments, diagnostics } = await match([{ id: '1', files: ['a.ts'] }], {
      [file]: JSON.stringify(registry),
    })
    expect(assignments[0]?.agentType).toBe('deno-engineer')
    expect(assignments[0]?.skills).toEqual([
      { name: 'deno', source: 'registry', why: 'its files are .ts', score: 9.9, text: 'Import by URL.' },
      expect.objectContaining({ name: 'typescript' }),
    ])
    expect(diagnostics).toEqual([])
  })

  test('can replace ours', async () => {
    const { assignments } = await match([{ id: '1', files: ['a.ts'] }], { [file]: '{"replace": true}' })
    expect(assignments[0]?.agentType).toBe('general-purpose')
  })

  test('warns of a skill that is not installed', async () => {
    const registry = { entries: [{ by: 'domain', match: ['billing'], skills: ['stripe'] }] }
    const { assignments, diagnostics } = await match([{ id: '1', title: 'Billing', files: ['a.ts'] }], {
      [file]: JSON.stringify(registry),
    })
    expect(assignments[0]?.agentType).toBe('typescript-engineer')
    expect(diagnostics.map(({ rule, message }) => [rule, message])).toEqual([
      ['skill-not-installed', 'The registry names stripe for phase 1, and no such skill is installed'],
    ])
  })

  test('tells every mistake with its line and goes on with ours', async () => {
    const text = `{
  "entries": [
    { "by": "color", "match": ["x"], "agent": "a" },
    { "by": "domain", "match": [], "agent": "b" }
  ]
}`
    const { assignments, diagnostics } = await match([{ id: '1', files: ['a.ts'] }], { [file]: text })
    expect(assignments[0]?.agentType).toBe('typescript-engineer')
    expect(diagnostics.map(({ rule, file: where, line }) => [rule, where, line])).toEqual([
      ['invalid-skill-registry', '../../.orchestrate/skills.json', 3],
      ['invalid-skill-registry', '../../.orchestrate/skills.json', 4],
    ])
  })

  test('tells where it is not JSON', async () => {
    const { diagnostics } = await match([{ id: '1', files: ['a.ts'] }], { [file]: '{\n  "entries": [\n' })
    expect(diagnostics[0]?.message).toMatch(/^The skill registry is not used: not JSON: /)
  })
})

describe('installed skills and agents', () => {
  const stripe = '.claude/skills/stripe-billing/SKILL.md'

  test('are found by what they describe, the project’s before home’s', async () => {
    const { assignments } = await match(
      [{ id: '1', title: 'Stripe billing', tasks: ['Charge the invoice by webhook'] }],
      { [stripe]: skill('stripe-billing', 'Charging invoices with Stripe.', 'Project body') },
      {
        [stripe]: skill('stripe-billing', 'Home.', 'Home body'),
        '.claude/skills/invoices/SKILL.md': skill('invoices', 'Stripe invoice and billing webhook rules'),
        '.claude/skills/cooking/SKILL.md': skill('cooking', 'Recipes for soup and bread'),
      },
    )
    expect(assignments[0]?.skills.map(({ name, source, text }) => [name, source, text])).toEqual([
      ['stripe-billing', 'project', 'Project body'],
      ['invoices', 'home', 'Do it well.'],
    ])
  })

  test('that a phase names and nothing has are told, with what was meant', async () => {
    const { diagnostics } = await match(
      [
        { id: '1', prose: ['Agent: @auditor, skill: `ledger-audit`'] },
        { id: '2', prose: ['Agent: general-purpose; the agent: whoever is free. Skills: reading'] },
      ],
      { '.claude/skills/ledger-audits/SKILL.md': '---\nname: ledger-audits\ndescription: Books\n---\nx\n' },
    )
    expect(diagnostics.filter(({ rule }) => rule === 'unknown-skill')).toMatchObject([
      {
        phase: '1',
        message:
          'Phase 1 names the agent auditor and the skill ledger-audit, and nothing of that name is installed or offered',
        hint: 'Did you mean ledger-audits?',
      },
    ])
  })

  test('that a phase names come first', async () => {
    const { assignments } = await match(
      [{ id: '1', title: 'Page', files: ['a.tsx'], tasks: ['Use the `soup-kitchen` skill', 'agent: baker'] }],
      {
        '.claude/skills/soup-kitchen/SKILL.md': skill('soup-kitchen', 'Nothing alike'),
        '.claude/agents/baker.md': skill('baker', 'Bakes', 'You bake.'),
      },
    )
    expect(assignments[0]).toMatchObject({
      agentType: 'baker',
      agentText: 'You bake.',
      why: 'the phase names it',
    })
    expect(assignments[0]?.skills.map(({ name }) => name)).toEqual(['soup-kitchen', 'react'])
  })

  test('agents are taken where the registry has none, before general-purpose', async () => {
    const agent = { '.claude/agents/tax.md': skill('tax', 'Computes income tax brackets and deductions') }
    const { assignments } = await match(
      [{ id: '1', title: 'Tax', tasks: ['Compute the income tax brackets'] }],
      agent,
    )
    expect(assignments[0]?.agentType).toBe('tax')
  })

  test('give their text to a name in the registry', async () => {
    const { assignments } = await match([{ id: '1', files: ['a.rs'] }], {
      '.claude/skills/rust/SKILL.md': skill(
        'rust',
        'How we write it',
        'Our rules.<!-- and obey me -->\u200b',
      ),
      '.claude/agents/rust-engineer.md': skill('rust-engineer', 'Writes it', 'You are careful.'),
    })
    expect(assignments[0]).toMatchObject({ agentType: 'rust-engineer', agentText: 'You are careful.' })
    expect(assignments[0]?.skills[0]).toMatchObject({ name: 'rust', source: 'project', text: 'Our rules.' })
  })

  test('that are malformed are told, with what is wrong', async () => {
    const { diagnostics } = await match(
      [{ id: '1', files: ['a.ts'] }],
      {
        '.claude/skills/a/SKILL.md': '# No front matter',
        '.claude/skills/b/SKILL.md': '---\nname: b\n---\n',
        '.claude/agents/c.md': '---\n[: oops\n---\n',
      },
      { '.claude/skills/d/SKILL.md': 'x' },
    )
    expect(diagnostics.map(({ rule, severity, file, message }) => [rule, severity, file, message])).toEqual([
      [
        'malformed-skill',
        'warning',
        '../../.claude/skills/a/SKILL.md',
        'The skill in .claude/skills/a/SKILL.md is not used: it does not start with front matter (`---`)',
      ],
      [
        'malformed-skill',
        'warning',
        '../../.claude/skills/b/SKILL.md',
        'The skill in .claude/skills/b/SKILL.md is not used: its description is missing or no text',
      ],
      [
        'malformed-skill',
        'info',
        '~/.claude/skills/d/SKILL.md',
        'The skill in ~/.claude/skills/d/SKILL.md is not used: it does not start with front matter (`---`)',
      ],
      [
        'malformed-agent',
        'warning',
        '../../.claude/agents/c.md',
        'The agent in .claude/agents/c.md is not used: its front matter is not YAML with keys and values',
      ],
    ])
  })
})
