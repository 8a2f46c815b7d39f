import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Plan } from '../../../../src/core/model/plan.ts'
import { findPlanDirs } from '../../../../src/core/ingest/plan-dirs.ts'
import { type Files, readIn } from '../../../formats/memory-plan.ts'
import { writeBackFaults, written } from '../../../formats/write-back.ts'

const DIR = '.taskmaster'
const INDEX = `${DIR}/tasks/tasks.json`

const repo = (tasks: unknown, state?: unknown): Files => ({
  [INDEX]: typeof tasks === 'string' ? tasks : `${JSON.stringify(tasks, null, 2)}\n`,
  ...(state === undefined ? {} : { [`${DIR}/state.json`]: JSON.stringify(state) }),
})
const read = async (files: Files, path = DIR): Promise<Plan> => {
  const { plan, failures } = await readIn(files, path)
  if (plan === undefined) throw new Error(failures.map(({ message }) => message).join())
  return plan
}

const SEARCH = {
  id: 5,
  title: 'Build the index',
  description: 'A trie over all titles.',
  details: 'Put it into src/index/trie.ts.',
  testStrategy: 'Ten thousand titles in one second.',
  status: 'in-progress',
  dependencies: [2, '3.1'],
  subtasks: [
    { id: 1, title: 'Insert', description: 'Add a title.', dependencies: [], status: 'done' },
    { id: 2, title: 'Look up', details: 'By prefix.', dependencies: [1], status: 'pending' },
    { id: '5.3', title: 'Remove', dependencies: ['5.1', 2] },
  ],
}
const plan = (...tasks: object[]): unknown => ({ master: { tasks, metadata: { version: 1 } } })
const task = (id: number | string, rest: object = {}): object => ({
  id,
  title: `Task ${id}`,
  status: 'pending',
  ...rest,
})

describe('a plan of Task Master', () => {
  test('has a phase for each task, its dependencies, and its subtasks with theirs', async () => {
    const { mode, phases } = await read(repo(plan(task(2), task(3), SEARCH)))
    expect(mode).toBe('task-master')
    expect(phases.map(({ id, title, status, dependsOn }) => [id, title, status, dependsOn])).toEqual([
      ['2', 'Task 2', 'pending', []],
      ['3', 'Task 3', 'pending', []],
      ['5', 'Build the index', 'in_progress', ['2', '3']],
    ])
    expect(phases[2]?.tasks.map(({ id, title, done, after }) => [id, title, done, after])).toEqual([
      ['5.1', 'Insert', true, []],
      ['5.2', 'Look up', false, ['5.1']],
      ['5.3', 'Remove', false, ['5.1', '5.2']],
    ])
    expect(phases[0]?.tasks.map(({ id, title, done }) => [id, title, done])).toEqual([
      ['2.1', 'Task 2', false],
    ])
  })

  test('gives description, details and test strategy to the agents of task and subtask', async () => {
    const files = { ...repo(plan(SEARCH)), [`${DIR}/docs/prd.txt`]: 'People search.\n' }
    const { phases, context } = await read(files)
    expect(phases[0]?.text).toBe(
      'A trie over all titles.\n\nPut it into src/index/trie.ts.\n\nTest strategy: Ten thousand titles in one second.',
    )
    expect(phases[0]?.files).toEqual(['src/index/trie.ts'])
    expect(phases[0]?.tasks[1]?.context?.map(({ title, text }) => [title, text])).toEqual([
      ['Subtask 5.2', 'By prefix.'],
    ])
    expect(context.map(({ path, text }) => [path, text])).toEqual([['docs/prd.txt', 'People search.\n']])
  })

  test.each([
    ['done', 'completed'],
    ['completed', 'completed'],
    ['review', 'in_progress'],
    ['in-progress', 'in_progress'],
    ['blocked', 'blocked'],
    ['deferred', 'skipped'],
    ['cancelled', 'skipped'],
  ])('reads %s as %s', async (status, expected) => {
    expect((await read(repo(plan(task(1, { status }))))).phases[0]?.status).toBe(expected)
  })

  test('is the tag that state.json names, else master, else the first', async () => {
    const tags = { old: { tasks: [task(1)] }, master: { tasks: [task(2)] }, search: { tasks: [task(3)] } }
    const ids = async (tasks: unknown, state?: unknown): Promise<string[]> =>
      (await read(repo(tasks, state))).phases.map(({ id }) => id)
    expect(await ids(tags, { currentTag: 'search' })).toEqual(['3'])
    expect(await ids(tags, { currentTag: 'gone' })).toEqual(['2'])
    expect(await ids(tags)).toEqual(['2'])
    expect(await ids({ old: tags.old, search: tags.search })).toEqual(['1'])
  })

  test('may be older than tags, and lie in tasks/ without .taskmaster', async () => {
    const files = { 'tasks/tasks.json': JSON.stringify({ tasks: [task(1)], metadata: {} }) }
    const { mode, phases } = await read(files, 'tasks')
    expect([mode, phases.length]).toEqual(['task-master', 1])
    expect((await readIn({ 'tasks/tasks.json': '{"tasks": []}' }, 'tasks')).mode).toBe('invalid')
  })

  test('is found by its directory, its file, and the changed files of a pull request', async () => {
    const files = repo(plan(task(1)), { currentTag: 'master' })
    for (const path of [DIR, INDEX, `${DIR}/tasks`])
      expect((await read(files, path)).mode).toBe('task-master')
    expect(findPlanDirs([{ path: INDEX, change: 'modified' }])).toEqual([{ dir: DIR, sure: true }])
  })

  test('counts everything but statuses and times into the digest', async () => {
    const { digest } = await read(repo(plan(task(1))))
    expect((await read(repo(plan(task(1, { status: 'done', updatedAt: 'now' }))))).digest).toBe(digest)
    expect((await read(repo(plan(task(1, { details: 'More' }))))).digest).not.toBe(digest)
    const tags = { master: { tasks: [task(1)] }, two: { tasks: [task(1)] } }
    const on = async (currentTag: string): Promise<string> => (await read(repo(tags, { currentTag }))).digest
    expect(await on('two')).not.toBe(await on('master'))
  })

  test('says with lines what contradicts itself, what is unknown and what is no JSON', async () => {
    const odd = task(1, {
      status: 'done',
      dependencies: [9],
      subtasks: [{ id: 1, title: 'A', status: 'pending' }],
    })
    const foreign = task(2, {
      status: 'someday',
      subtasks: [{ id: 1, title: 'B', dependencies: ['1.1'] }],
      dependencies: [2],
    })
    const result = await read(repo(plan(odd, foreign)))
    expect(result.diagnostics.map(({ rule, line, message }) => [rule, line, message])).toEqual([
      [
        'contradicting-status',
        7,
        'Task 1 is done in line 7, and its subtask 1.1 is pending in line 15; the task counts as done.',
      ],
      [
        'unknown-status',
        22,
        'Task 2 has the status "someday", which is none of Task Master\'s; it counts as pending.',
      ],
      [
        'dependency-not-understood',
        24,
        'Subtask 2.1 depends on 1.1, and task 2 does not depend on task 1; it does not change the order.',
      ],
      ['self-dependency', 19, 'Task 2 depends on itself; that is passed over.'],
    ])
    expect(result.phases[0]?.unknownDependencies).toEqual([
      { text: '9', place: { file: 'tasks/tasks.json', line: 4 } },
    ])
    const broken = await read(repo('{"master": {"tasks": [\n{"id": 1, "title": "A"}\n<<<<<<< HEAD\n]}}'))
    expect(broken.diagnostics.map(({ rule, line }) => [rule, line])).toEqual([['not-json', 3]])
  })

  test('gets the statuses of a task and of what was open below it', async () => {
    const files = repo(plan(task(1), SEARCH))
    const before = files[INDEX] ?? ''
    const found = await read(files)
    expect(written(files, found, 1, 'completed')[INDEX]).toBe(
      before
        .replace('"status": "in-progress"', '"status": "done"')
        .replace(/("By prefix[^}]*)"pending"/u, '$1"done"'),
    )
    expect(written(files, found, 0, 'in_progress')[INDEX]).toBe(before.replace('"pending"', '"in-progress"'))
  })

  test('gets a status where none was, in its own indentation', async () => {
    const text =
      '{\n\t"master": {\n\t\t"tasks": [\n\t\t\t{\n\t\t\t\t"id": 1,\n\t\t\t\t"title": "A"\n\t\t\t}\n\t\t]\n\t}\n}\n'
    const files = repo(text)
    expect(written(files, await read(files), 0, 'completed')[INDEX]).toBe(
      text.replace('"title": "A"', '"title": "A",\n\t\t\t\t"status": "done"'),
    )
  })

  test('keeps every other byte, however the file is formatted', async () => {
    const status = fc.constantFrom('pending', 'done', 'in-progress', 'review', 'deferred', 'something')
    const text = fc.string({ unit: 'grapheme', maxLength: 12 })
    const item = { title: text, details: text, status }
    const tasks = fc.array(fc.record({ ...item, subtasks: fc.array(fc.record(item), { maxLength: 3 }) }), {
      minLength: 1,
      maxLength: 4,
    })
    const layout = fc.record({
      indent: fc.constantFrom('', '  ', '\t', '      '),
      end: fc.constantFrom('\n', '\r\n'),
      mark: fc.constantFrom('', '\uFEFF'),
    })
    await fc.assert(
      fc.asyncProperty(tasks, layout, async (written, { indent, end, mark }) => {
        const numbered = written.map((one, at) => ({
          id: at + 1,
          ...one,
          subtasks: one.subtasks.map((sub, below) => ({ id: below + 1, ...sub })),
        }))
        const json = mark + JSON.stringify(plan(...numbered), null, indent).replaceAll('\n', end)
        const bare = (source: string): string => source.replace(/("status": ?)"[\w-]*"/gu, '$1')
        expect(await writeBackFaults(repo(json), DIR, bare)).toEqual([])
      }),
      { numRuns: 60 },
    )
  })
})
