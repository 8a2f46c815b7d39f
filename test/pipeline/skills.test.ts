import { describe, expect, test } from '@jest/globals'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { FakeCall } from '../support/fake-agent.ts'
import { answerWell } from '../support/fake-agent.ts'
import { taskPlan, workflow } from '../support/plans.ts'
import { runRig } from '../support/run-rig.ts'

const text = (name: string, description: string, body: string) =>
  `---\nname: ${name}\ndescription: ${description}\n---\n\n${body}\n`

const FILES = {
  '.claude/agents/scribe.md': text('scribe', 'Writes things', 'You are the scribe of this project.'),
  '.claude/skills/ink/SKILL.md': text('ink', 'How we write', 'Write with blue ink.'),
  '.gitignore': 'kit/\n',
}

/** Not in git: it may change under a run. */
const KIT = {
  'kit/.claude-plugin/marketplace.json': JSON.stringify({
    name: 'kit',
    plugins: [{ name: 'paper', source: './paper' }],
  }),
  'kit/paper/skills/paper-folding/SKILL.md': text(
    'paper-folding',
    'Folding paper cranes from square sheets',
    'Fold along the diagonal first.',
  ),
}

const PLAN = {
  'task_plan.md': taskPlan([
    { id: '1', body: 'Use the `ink` skill, agent: scribe.' },
    { id: '2', after: ['1'], body: 'Fold paper cranes from square sheets.' },
  ]),
  'workflow.md': workflow(),
}

const promptsOf = (calls: readonly FakeCall[], phase: string, step = 'implement') =>
  calls.filter((call) => call.phase === phase && call.step === step).map(({ prompt }) => prompt)

describe('skills and agents', () => {
  test('of a phase reach its agents, shown at the gate; a catalogue’s only with consent, kept by the run', async () => {
    const rig = await runRig({ plan: PLAN, files: FILES, config: { catalogues: ['./kit'] } })
    for (const [path, content] of Object.entries(KIT)) rig.repo.write(path, content)
    let stop = false
    rig.agent.auto((call) =>
      stop && call.phase === '2' && call.step === 'implement' ? call.finish({ exit: 1 }) : answerWell(call),
    )
    const shown = () =>
      rig.events
        .flatMap((event) => (event.type === 'execution-plan' ? [event.text] : []))
        .at(-1)
        ?.replaceAll(/\s+/g, ' ')

    await rig.run({ dryRun: true })
    expect(shown()).toContain(
      'phase 1: scribe (10.0 in .claude/agents/scribe.md: the phase names it); skills ink (10.0',
    )
    expect(shown()).toContain(
      'Offered by catalogues, not used - phase 2: skill paper-folding (0.9 in paper of ./kit:',
    )
    expect(shown()).toContain('With --install-skills it is used, in this run alone.')

    stop = true
    await rig.run({ config: { ...rig.config, installSkills: true } })
    expect(shown()).not.toContain('Offered by catalogues')
    expect(shown()).toContain('skills paper-folding (0.9 in paper of ./kit:')
    const [first = ''] = promptsOf(rig.agent.calls, '1')
    expect(first).toContain('## You work as: scribe\n```md\nYou are the scribe of this project.\n```')
    expect(first).toContain('### ink\n```md\nWrite with blue ink.\n```')
    expect(first).not.toContain('Fold along the diagonal')
    const [review = ''] = promptsOf(rig.agent.calls, '1', 'review-code')
    expect(review).toContain('Write with blue ink.')
    expect(review).not.toContain('You are the scribe')

    // The catalogue is gone, and the run goes on with what it took.
    rmSync(join(rig.repo.path, 'kit'), { recursive: true })
    stop = false
    const ended = await rig.resume()
    expect(ended.failures).toEqual([])
    expect(ended.view?.state).toBe('landed')
    for (const prompt of promptsOf(rig.agent.calls, '2'))
      expect(prompt).toContain('Fold along the diagonal first.')
    const [ref = ''] = rig.repo
      .git('for-each-ref', '--format=%(refname)', 'refs/orchestrate/*/run')
      .split('\n')
    expect(rig.repo.git('show', `${ref}:skills/skill-paper-folding.md`)).toBe(
      'Fold along the diagonal first.',
    )
    expect(rig.repo.git('ls-files', '.claude/skills')).toBe('.claude/skills/ink/SKILL.md')
    await rig.verify()
  }, 60_000)
})
