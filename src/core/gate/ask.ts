import type { Config } from '../model/config.ts'
import { withModel } from '../model/routing.ts'
import { unreachable } from '../model/result.ts'
import { optionalTasksOf } from '../model/optional-tasks.ts'
import type { Plan } from '../model/plan.ts'
import type { Person } from '../ports.ts'
import { count } from '../text/display.ts'

export type GateAnswer =
  | { kind: 'approve' }
  /** The configuration is another one now: show the plan again and ask again. */
  | { kind: 'changed'; config: Config }
  | { kind: 'stop' }
  /** There is nobody to ask. */
  | { kind: 'nobody' }

/** Asks at the gate. `shown` is the whole execution plan. */
export async function askAtGate(
  person: Person,
  shown: string,
  config: Config,
  phases: readonly string[],
): Promise<GateAnswer> {
  const answer = await person.choose('Run it?', shown, [
    { value: 'all', label: 'Run what stands here' },
    { value: 'some', label: 'Run some of the phases' },
    { value: 'adjust', label: 'Adjust: agents, cost, order, commands' },
    { value: 'stop', label: 'Stop here' },
  ])
  switch (answer) {
    case undefined:
      return { kind: 'nobody' }
    case 'all':
      return { kind: 'approve' }
    case 'stop':
      return { kind: 'stop' }
    case 'some': {
      const text = await person.ask(`Which phases? (${phases.join(', ')})`, phases.join(', '))
      const chosen = (text ?? '').split(/[\s,]+/).filter((id) => id !== '')
      return { kind: 'changed', config: { ...config, phases: chosen as NonNullable<Config['phases']> } }
    }
    case 'adjust':
      return await adjust(person, config)
    default:
      return unreachable(answer)
  }
}

async function adjust(person: Person, config: Config): Promise<GateAnswer> {
  const what = await person.choose('Adjust what?', '', [
    {
      value: 'order',
      label: config.parallel ? 'Run phases in written order' : 'Run phases side by side where files allow',
    },
    { value: 'cost', label: 'Stop at a cost' },
    { value: 'model', label: 'Use another model' },
    {
      value: 'skills',
      label: config.installSkills
        ? 'Leave out what catalogues offer'
        : 'Use what catalogues offer, in this run alone',
    },
    { value: 'build', label: 'Set the build command' },
    { value: 'test', label: 'Set the test command' },
    { value: 'back', label: 'Back' },
  ])
  const line = (question: string, now: string | undefined): Promise<string | undefined> =>
    person.ask(question, now ?? '')
  switch (what) {
    case undefined:
    case 'back':
      return { kind: 'changed', config }
    case 'order':
      return { kind: 'changed', config: { ...config, parallel: !config.parallel } }
    case 'skills':
      return { kind: 'changed', config: { ...config, installSkills: !config.installSkills } }
    case 'cost': {
      const usd = Number(await line('Stop at how many US dollars?', config.maxCostUsd?.toString()))
      return { kind: 'changed', config: usd > 0 ? { ...config, maxCostUsd: usd } : config }
    }
    case 'model': {
      const model = await line('Which model?', config.model)
      return { kind: 'changed', config: model ? withModel(config, model) : config }
    }
    case 'build': {
      const buildCmd = await line('Build command?', config.buildCmd)
      return { kind: 'changed', config: buildCmd ? { ...config, buildCmd } : config }
    }
    case 'test': {
      const testCmd = await line('Test command?', config.testCmd)
      return { kind: 'changed', config: testCmd ? { ...config, testCmd } : config }
    }
    default:
      return unreachable(what)
  }
}

/** Whether the tasks are done too that the plan leaves to the approver; asked where there are some and nobody has said it yet. */
export async function askAboutOptional(person: Person, plan: Plan, config: Config): Promise<Config> {
  const tasks = optionalTasksOf(plan)
  if (tasks.length === 0 || config.withOptional !== undefined) return config
  const named = tasks.map(({ id, title }) => `${id} ${title}`).join('\n')
  const answer = await person.choose(
    `Do what the plan calls optional too (${count(tasks.length, 'task')})?`,
    named,
    [
      { value: 'no', label: 'Leave them out; their boxes stay open' },
      { value: 'yes', label: 'Do them too' },
    ],
  )
  return { ...config, withOptional: answer === 'yes' }
}
