import { hasTests } from '../../src/core/review/rules/gaps.ts'
import type { Phase, Plan } from '../../src/core/model/plan.ts'
import { textOf } from '../../src/core/review/facts.ts'
import { WORDS } from '../../src/core/review/vocabulary.ts'
import {
  changed,
  fileOf,
  folderOf,
  freeIds,
  inserted,
  isTaskBased,
  markOf,
  type Mutation,
  type NewPhase,
  phasesToChange,
  type Planted,
  withPhases,
  withTasks,
} from './edit.ts'

interface Tail {
  /** Free ids, in order. */
  id: [string, string, string]
  /** The plan's last phase, for new ones to depend on. */
  last: string
  /** A directory of a module that the plan touches. */
  dir: string
  /** Ending of source files of this plan. */
  end: string
}

/** New phases behind a plan of sections. */
const tail = (rule: string, ...variants: ((tail: Tail) => NewPhase[])[]): Mutation => ({
  rule,
  plant(plan, files) {
    const last = plan.phases.at(-1)
    if (!isTaskBased(plan) || !plan.dependenciesStated || last === undefined) return []
    const [a = '', b = '', c = ''] = freeIds(plan, 3)
    const file = fileOf(last)
    const at = {
      id: [a, b, c] as Tail['id'],
      last: last.id,
      dir: folderOf(last),
      end: file?.split('.').at(-1) ?? 'ts',
    }
    return variants.map((phases, n) => ({
      files: withPhases(plan, files, ...phases(at)),
      what: `at the end, way ${n + 1}`,
    }))
  },
})

const tested = (dir: string, end: string, name: string): string => `Test it in \`${dir}/${name}.test.${end}\``

/** A task in the first phase that builds something, where the plan as a whole lacks what would answer it. */
const lacking = (rule: string, answered: (plan: Plan) => boolean, title: string): Mutation => ({
  rule,
  plant(plan, files) {
    if (answered(plan)) return []
    return phasesToChange(plan, files)
      .filter((phase) => fileOf(phase) !== undefined && phase.tasks.length < 5)
      .map((phase) => ({
        files: withTasks(files, phase, title.replace('@', `\`${fileOf(phase) ?? ''}\``)),
        what: `phase ${phase.id}`,
      }))
  },
})

const someSays = (plan: Plan, words: RegExp): boolean =>
  plan.phases.some((phase) => words.test(textOf(phase)))

/** A line right below the heading of each phase that has no such line yet. */
const belowHeading = (
  rule: string,
  fits: (plan: Plan, at: number) => boolean,
  line: (plan: Plan, at: number) => string,
): Mutation => ({
  rule,
  plant: (plan, files) =>
    phasesToChange(plan, files)
      .filter((phase) => fits(plan, plan.phases.indexOf(phase)))
      .map((phase) => ({
        files: inserted(files, plan.index, phase.place.line, '', line(plan, plan.phases.indexOf(phase))),
        what: `phase ${phase.id}`,
      })),
})

const saysStatus = (plan: Plan, at: number): boolean => /status|状态/i.test(plan.phases[at]?.text ?? '')
const waiters = (plan: Plan, at: number): Phase[] =>
  plan.phases.filter(({ dependsOn }) => dependsOn.some((id) => id === plan.phases[at]?.id))

export const PHASE_MUTATIONS: readonly Mutation[] = [
  {
    rule: 'too-many-tasks',
    plant: (plan, files) =>
      phasesToChange(plan, files).map((phase) => {
        const open = phase.tasks.filter(({ done }) => !done).length
        const more = Array.from(
          { length: Math.max(1, 6 - open) },
          (_, n) => `Create \`${folderOf(phase)}/part-${n}.txt\``,
        )
        return { files: withTasks(files, phase, ...more), what: `phase ${phase.id}` }
      }),
  },
  {
    rule: 'too-many-modules',
    plant: (plan, files) =>
      phasesToChange(plan, files)
        .filter(({ tasks }) => tasks.length < 5)
        .map((phase) => ({
          files: withTasks(
            files,
            phase,
            'Write the label in `alpha/x.txt`, `beta/x.txt`, `gamma/x.txt` and `delta/x.txt`',
          ),
          what: `phase ${phase.id}`,
        })),
  },
  tail('mixed-concerns', ({ id: [a], dir, end }) => [
    {
      id: a,
      title: 'Remarks',
      tasks: [
        `Write \`${dir}/migrations/9_remarks.sql\``,
        `Keep them in \`${dir}/server/remarks.${end}\`, tested in \`${dir}/remarks.test.${end}\``,
        `Show them in \`${dir}/components/Remarks.vue\``,
      ],
    },
  ]),
  {
    rule: 'no-tests',
    plant(plan, files) {
      const text = files[plan.index]
      if (phasesToChange(plan, files).length === 0 || text === undefined || plan.phases.length > 1) return []
      const [phase] = plan.phases
      const kept = phase?.tasks.filter((task) => !/test/i.test(task.title)) ?? []
      if (kept.length === 0 || phase === undefined || !kept.some(({ files: named }) => named.length > 0))
        return []
      const gone = new Set(phase.tasks.filter((task) => !kept.includes(task)).map(({ place }) => place.line))
      const without = text
        .split('\n')
        .filter((_, at) => !gone.has(at + 1))
        .join('\n')
        .replaceAll(/\btest\w*/gi, 'sample')
      return [{ files: { ...files, [plan.index]: without }, what: 'the whole plan' }]
    },
  },
  {
    rule: 'phase-without-tests',
    plant: (plan, files) =>
      plan.phases.some(hasTests)
        ? (tail('', ({ id: [a], last, dir, end }) => [
            {
              id: a,
              title: 'Sums',
              dependsOn: last,
              tasks: [`Create \`${dir}/sums.${end}\``],
              criteria: ['1 and 2 give 3'],
            },
          ]).plant(plan, files) as Planted[])
        : [],
  },
  {
    rule: 'no-setup',
    plant: (plan, files) =>
      phasesToChange(plan, files).length > 0 && !someSays(plan, WORDS.setup)
        ? [
            {
              files: inserted(files, plan.index, 1, '', 'A new project, written from scratch.'),
              what: 'preamble',
            },
          ]
        : [],
  },
  lacking('no-migration', (plan) => someSays(plan, WORDS.migration), 'Add columns for it in @'),
  lacking(
    'no-infrastructure',
    (plan) => someSays(plan, WORDS.infrastructure),
    'Keep the counters in Redis, in @',
  ),
  lacking('no-docs', (plan) => someSays(plan, WORDS.docs), 'Add the subcommand for it in @'),
  tail('no-file-targets', ({ id: [a], last }) => [
    { id: a, title: 'Words', dependsOn: last, tasks: ['Say hello to each of the 3 visitors'] },
  ]),
  tail('no-acceptance-criteria', ({ id: [a], last, dir, end }) => [
    {
      id: a,
      title: 'Words',
      dependsOn: last,
      tasks: [`Create \`${dir}/words.${end}\``, tested(dir, end, 'words')],
      criteria: [],
    },
  ]),
  tail('empty-phase', ({ id: [a], last }) => [
    { id: a, title: 'Words', dependsOn: last, tasks: [], criteria: ['The list has 3 words'] },
  ]),
  tail('duplicate-task', ({ id: [a, b], last, dir, end }) => [
    {
      id: a,
      title: 'Words',
      dependsOn: last,
      tasks: [
        'Write down the 12 words of the list',
        `Create \`${dir}/words.${end}\``,
        tested(dir, end, 'words'),
      ],
    },
    {
      id: b,
      title: 'Phrases',
      dependsOn: a,
      tasks: [
        'Write down the 12 words of the list',
        `Create \`${dir}/phrases.${end}\``,
        tested(dir, end, 'phrases'),
      ],
    },
  ]),
  {
    rule: 'unverifiable-criterion',
    plant: (plan, files) =>
      phasesToChange(plan, files).flatMap((phase) => {
        const last = phase.criteria.at(-1)
        if (last === undefined || last.place.file !== plan.index) return []
        const mark = markOf(files, last) || '- '
        return [
          'All of it works correctly',
          'The page is user-friendly',
          '性能良好',
          'The result has good quality',
        ].map((text) => ({
          files: inserted(files, plan.index, last.place.line, `${mark}${text}`),
          what: `“${text}” in phase ${phase.id}`,
        }))
      }),
  },
  {
    rule: 'estimate-contradiction',
    plant: (plan, files) =>
      phasesToChange(plan, files)
        .filter(
          ({ tasks, text }) =>
            tasks.every((task) => markOf(files, task) !== '') &&
            !/estimate|orchestrate-ignore|\d\s?(?:h|hours|days)\b/i.test(text),
        )
        .map((phase) => {
          const marked = phase.tasks.reduce(
            (all, { place }) => changed(all, plan.index, place.line, (text) => `${text} (3 days)`),
            files,
          )
          return {
            files: inserted(marked, plan.index, phase.place.line, '', '**Estimate:** 2 hours'),
            what: `phase ${phase.id}`,
          }
        }),
  },
  {
    rule: 'done-but-open',
    plant: (plan, files) =>
      phasesToChange(plan, files)
        .filter(
          (phase) =>
            !saysStatus(plan, plan.phases.indexOf(phase)) &&
            phase.tasks.every((task) => /\[[ x]\]/.test(markOf(files, task))),
        )
        .map((phase) => {
          const ticked = phase.tasks.reduce(
            (all, { place }) => changed(all, plan.index, place.line, (text) => text.replace('[ ]', '[x]')),
            files,
          )
          return {
            files: inserted(ticked, plan.index, phase.place.line, '', '**Status:** in_progress'),
            what: `phase ${phase.id}`,
          }
        }),
  },
  {
    rule: 'completed-with-open-tasks',
    plant: (plan, files) =>
      phasesToChange(plan, files)
        .slice(0, 1)
        .filter(
          (phase) =>
            phase.tasks.length > 1 &&
            plan.phases.length > 1 &&
            !saysStatus(plan, plan.phases.indexOf(phase)) &&
            /\[ \]/.test(markOf(files, phase.tasks[0] ?? { place: phase.place })),
        )
        .map((phase) => {
          const ticked = changed(files, plan.index, phase.tasks[0]?.place.line ?? 0, (text) =>
            text.replace('[ ]', '[x]'),
          )
          return {
            files: inserted(ticked, plan.index, phase.place.line, '', '**Status:** completed'),
            what: `phase ${phase.id}`,
          }
        }),
  },
  belowHeading(
    'depends-on-skipped',
    (plan, at) => !saysStatus(plan, at) && waiters(plan, at).length > 0,
    () => '**Status:** skipped',
  ),
  belowHeading(
    'cyclic-dependency',
    (plan, at) => plan.phases[at]?.dependsOn.length === 0 && waiters(plan, at).length > 0,
    (plan, at) => `Depends on: Phase ${waiters(plan, at)[0]?.id ?? ''}`,
  ),
  belowHeading(
    'unknown-dependency',
    (plan, at) => plan.dependenciesStated && plan.phases[at]?.dependsOn.length === 0,
    () => 'Depends on: Phase 97',
  ),
  tail('unknown-dependency', ({ id: [a], last, dir, end }) => [
    {
      id: a,
      title: 'Words',
      dependsOn: `${last}, Phase 98`,
      tasks: [`Create \`${dir}/words.${end}\``, tested(dir, end, 'words')],
    },
  ]),
  tail('forward-dependency', ({ id: [a, b], dir, end }) => [
    {
      id: a,
      title: 'Words',
      dependsOn: b,
      tasks: [`Create \`${dir}/words.${end}\``, tested(dir, end, 'words')],
    },
    { id: b, title: 'Phrases', tasks: [`Create \`${dir}/phrases.${end}\``, tested(dir, end, 'phrases')] },
  ]),
  tail('implicit-dependency', ({ id: [a, b], last, dir, end }) => [
    {
      id: a,
      title: 'Words',
      dependsOn: last,
      tasks: [`Extend \`${dir}/words.${end}\``, tested(dir, end, 'words')],
    },
    {
      id: b,
      title: 'Phrases',
      dependsOn: last,
      tasks: [`Shorten \`${dir}/words.${end}\``, tested(dir, end, 'phrases')],
    },
  ]),
  tail('needlessly-sequential', ({ id: [a, b], end }) => [
    { id: a, title: 'Tax rates', tasks: [`Create \`tax/rates.${end}\``, tested('tax', end, 'rates')] },
    {
      id: b,
      title: 'Postal codes',
      dependsOn: a,
      tasks: [`Create \`post/codes.${end}\``, tested('post', end, 'codes')],
    },
  ]),
  tail(
    'created-twice',
    ({ id: [a, b], last, dir, end }) => [
      {
        id: a,
        title: 'Words',
        dependsOn: last,
        tasks: [`Create \`${dir}/words.${end}\``, tested(dir, end, 'words')],
      },
      {
        id: b,
        title: 'Phrases',
        dependsOn: a,
        tasks: [`Add a new file \`${dir}/words.${end}\``, tested(dir, end, 'phrases')],
      },
    ],
    ({ id: [a, b], last, dir, end }) => [
      {
        id: a,
        title: 'Words',
        dependsOn: last,
        tasks: [`新建 \`${dir}/words.${end}\``, tested(dir, end, 'words')],
      },
      {
        id: b,
        title: 'Phrases',
        dependsOn: a,
        tasks: [`Write \`${dir}/words.${end}\``, tested(dir, end, 'phrases')],
      },
    ],
  ),
  tail('used-before-created', ({ id: [a, b], last, dir, end }) => [
    {
      id: a,
      title: 'Phrases',
      dependsOn: last,
      tasks: [`Call \`${dir}/words.${end}\``, tested(dir, end, 'phrases')],
    },
    {
      id: b,
      title: 'Words',
      dependsOn: a,
      tasks: [`Create \`${dir}/words.${end}\``, tested(dir, end, 'words')],
    },
  ]),
  tail('used-after-delete', ({ id: [a, b], last, dir, end }) => [
    {
      id: a,
      title: 'Words',
      dependsOn: last,
      tasks: [`Delete \`${dir}/words.${end}\``, tested(dir, end, 'words')],
    },
    {
      id: b,
      title: 'Phrases',
      dependsOn: a,
      tasks: [`Call \`${dir}/words.${end}\``, tested(dir, end, 'phrases')],
    },
  ]),
  tail('path-case', ({ id: [a, b], last, dir, end }) => [
    {
      id: a,
      title: 'Words',
      dependsOn: last,
      tasks: [`Create \`${dir}/Words.${end}\``, tested(dir, end, 'words-of')],
    },
    {
      id: b,
      title: 'Phrases',
      dependsOn: a,
      tasks: [`Call \`${dir}/words.${end}\``, tested(dir, end, 'phrases')],
    },
  ]),
]
