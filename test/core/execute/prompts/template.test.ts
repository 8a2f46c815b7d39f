import { describe, expect, it } from '@jest/globals'
import type { PromptContext } from '../../../../src/core/execute/prompts/context.ts'
import { renderPrompt } from '../../../../src/core/execute/prompts/render.ts'
import { checkTemplates, renderTemplate } from '../../../../src/core/execute/prompts/template.ts'

const context: PromptContext = {
  step: 'implement',
  run: 'r1',
  phase: { id: '3a', title: 'Search', text: 'Find things.' },
  attempt: 2,
  nonce: 'abc',
  tasks: [
    { id: '3a.1', title: 'Index' },
    { id: '3a.2', title: 'Query' },
  ],
  specs: [{ name: 'index', overview: 'Words to pages' }],
  continuation: { reason: 'red', message: 'tests failed' },
  handoff: 'Read docs first.',
}
const shown = async (template: string) => {
  const text = await renderTemplate('phasePrompt', template, context)
  return text.ok ? text.value : text.error[0]?.message
}

describe('templates of the contract', () => {
  it.each([
    ['{{ phase }} {{ phase.id }} {{ phase.title }} {{ title }} {{phase_number}}', '3a 3a Search Search 3a'],
    [
      '{% for task in tasks %}{{ forloop.index }}. {{ task }} ({{ task.id }}) {% endfor %}',
      '1. Index (3a.1) 2. Query (3a.2)',
    ],
    ['{% for task in phase.tasks %}{{ task.title }};{% endfor %}', 'Index;Query;'],
    ['{% for s in specs %}{{ s.name }}: {{ s.overview }}{% endfor %}', 'index: Words to pages'],
    ['{{ run }} {{ attempt }} {{ error }} {{ handoff }}', 'r1 2 tests failed Read docs first.'],
    ['{% if attempt > 1 %}again{% endif %}{{ unknown.thing }}{{ title | no_such_filter }}', 'againSearch'],
    ['{{ phase.constructor }}{{ phase.valueOf }}{{ tasks.constructor }}|', '|'],
  ])('renders %j', async (template, text) => {
    expect(await shown(template)).toBe(text)
  })

  it('says which template is broken, and where', async () => {
    const prompt = await renderPrompt({ ...context, templates: { continuation: 'Hi\n{% for x in tasks %}' } })
    expect(prompt).toEqual({
      ok: false,
      error: [
        {
          reason: 'invalid-contract',
          message:
            'The template "## Continuation Prompt" of workflow.md cannot be rendered: tag {% for x in tasks %} not closed, line:2, col:1.',
          hint: 'Mend the Liquid template, or take the section out: then the prompt goes without it. Variables are phase, title, tasks, specs, files, criteria, run, attempt, error, handoff.',
          file: 'workflow.md',
        },
      ],
    })
  })

  it('finds broken templates before anything is rendered', async () => {
    const failures = await checkTemplates({ phasePrompt: '{{ title }', continuation: '{% elif %}' })
    expect(failures.map(({ message }) => message)).toEqual([
      'The template "## Phase Prompt" of workflow.md cannot be rendered: output "{{ title }" not closed, line:1, col:1.',
      'The template "## Continuation Prompt" of workflow.md cannot be rendered: tag "elif" not found, line:1, col:1.',
    ])
    expect(await checkTemplates({ phasePrompt: '{{ title }}' })).toEqual([])
  })

  it('reads no file', async () => {
    expect(await shown("{% include 'package.json' %}")).toMatch(/cannot be rendered: ENOENT/)
    expect(await shown("{% render '/etc/passwd' %}")).toMatch(/cannot be rendered: ENOENT/)
  })

  it('stops a template that would run for ever', async () => {
    expect(await shown('{% for a in (1..100000000) %}{{ a }}{% endfor %}')).toMatch(/limit exceeded/)
  })

  it('gives the phase prompt on a second attempt where there is no continuation prompt', async () => {
    const prompt = await renderPrompt({ ...context, templates: { phasePrompt: 'First {{ title }}' } })
    expect(prompt.ok && prompt.value.user).toContain(
      "## The plan's own instructions for this phase\n```md\nFirst Search\n```",
    )
  })

  it('keeps the templates from those who review', async () => {
    const prompt = await renderPrompt({
      ...context,
      step: 'review-code',
      templates: { phasePrompt: 'First {{ title' },
    })
    expect(prompt.ok && prompt.value.user).not.toContain('instructions')
  })
})
