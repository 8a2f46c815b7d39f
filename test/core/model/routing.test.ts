import { describe, expect, test } from '@jest/globals'
import { merge, refuse } from '../../../src/core/config/merge.ts'
import { parseConfigFile } from '../../../src/core/config/config-file.ts'
import { modelOf, programsOf, withModel } from '../../../src/core/model/routing.ts'

const FILE = `agent: claude
model: sonnet
models: {implement: opus, review: gpt-5, research: haiku}
agents: {review: codex}
`
const file = () => {
  const parsed = parseConfigFile(FILE)
  if (!parsed.ok) throw new Error(parsed.error.map(({ message }) => message).join('\n'))
  return parsed.value
}
const STEPS = ['implement', 'lead', 'review-code', 'verify', 'fix-p2', 'research'] as const
const models = (config: Parameters<typeof modelOf>[0]) => STEPS.map((step) => modelOf(config, step))

describe('models by step', () => {
  test('go over the model of the run, which the rest keeps', () => {
    expect(models(merge({}, file()))).toEqual(['opus', 'opus', 'gpt-5', 'gpt-5', 'sonnet', 'haiku'])
  })

  test('--model goes over them, but for the steps of another agent, whose model it cannot be', () => {
    const given = merge({ model: 'fable' }, file())
    expect(models(given)).toEqual(['fable', 'fable', 'gpt-5', 'gpt-5', 'fable', 'fable'])
    expect(models(withModel(merge({}, file()), 'fable'))).toEqual(models(given))
  })

  test("another agent without a model of its own is not asked for the first one's", () => {
    const { models: _, ...rest } = file()
    expect(modelOf(merge({}, rest), 'review-test')).toBeUndefined()
    expect(modelOf(merge({ agent: 'codex' }, rest), 'review-test')).toBe('sonnet')
  })
})

describe('a second agent', () => {
  test('is told to the job that has to install it', () => {
    expect(programsOf(merge({}, file()))).toBe('claude codex')
    expect(programsOf(merge({ agent: 'codex' }, file()))).toBe('codex')
  })

  test('of the kind command needs its program', () => {
    const parsed = parseConfigFile('agents: {review: command, fix: {agent: command, agent_command: ./fix}}\n')
    expect(parsed).toMatchObject({ value: { agents: { fix: { agent: 'command', agentCommand: './fix' } } } })
    expect(parsed.ok && refuse(merge({}, parsed.value)).map(({ message }) => message)).toEqual([
      'agents.review is the agent "command", which needs the program to start.',
    ])
  })

  test('for a kind of steps that does not exist is refused with those that do', () => {
    expect(parseConfigFile('agents: {reviews: codex}\n')).toMatchObject({
      error: [
        { line: 1, message: 'agents.reviews is no setting of Orchestrate.', hint: 'Did you mean review?' },
      ],
    })
  })
})
