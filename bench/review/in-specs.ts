import type { Plan, Spec } from '../../src/core/model/plan.ts'
import { appended, changed, type Files, inserted, markOf, type Mutation, type Planted } from './edit.ts'

type Written = Spec & { file: string }

/** Each spec that has a file, changed in one way. */
const inSpec = (
  rule: string,
  change: (files: Files, spec: Written, plan: Plan) => Files | undefined,
): Mutation => ({
  rule,
  plant: (plan, files) =>
    plan.phases.flatMap((phase) =>
      phase.specs.flatMap((spec): Planted[] => {
        if (spec.file === undefined || spec.status === 'completed') return []
        const after = change(files, { ...spec, file: spec.file }, plan)
        return after === undefined ? [] : [{ files: after, what: `spec ${spec.name}` }]
      }),
    ),
})

/** A line below the last item of a list of the spec. */
function below(
  files: Files,
  items: readonly { place: { file: string; line: number } }[],
  ...text: string[]
): Files | undefined {
  const last = items.at(-1)
  return last === undefined ? undefined : inserted(files, last.place.file, last.place.line, ...text)
}

const section = (files: Files, spec: Written, title: string, line: string): Files | undefined =>
  spec.sections.some((one) => one.title.startsWith(title))
    ? undefined
    : appended(files, spec.file, `## ${title}`, '', line)

/** The text without one of its sections. */
function withoutSection(text: string, title: RegExp): string | undefined {
  const lines = text.split('\n')
  const from = lines.findIndex((line) => /^## /.test(line) && title.test(line.slice(3)))
  if (from < 0) return undefined
  const next = lines.findIndex((line, at) => at > from && /^## /.test(line))
  return [...lines.slice(0, from), ...(next < 0 ? [] : lines.slice(next))].join('\n')
}

const requirementOf = (spec: Spec): string => spec.requirements[0]?.id ?? 'REQ-1'

export const SPEC_MUTATIONS: readonly Mutation[] = [
  inSpec('large-spec', (files, spec) => {
    const last = spec.tasks.at(-1)
    if (last === undefined) return undefined
    const mark = markOf(files, last).replace(/\d+/, '9')
    const more = Array.from(
      { length: 9 },
      (_, n) => `${mark}Read column ${n + 1}${/REQ-/.test(last.title) ? ` (${requirementOf(spec)})` : ''}`,
    )
    return below(files, spec.tasks, ...more)
  }),
  inSpec('missing-section', (files, spec) => {
    const text = withoutSection(files[spec.file] ?? '', /^Files/)
    // Its paths have to stand elsewhere, else the phase names none.
    return text === undefined || !spec.tasks.some((task) => task.files.length > 0)
      ? undefined
      : { ...files, [spec.file]: text }
  }),
  inSpec('orphaned-requirement', (files, spec) =>
    below(files, spec.requirements, '- REQ-91: zebra crossings blink amber overnight'),
  ),
  inSpec('duplicate-requirement', (files, spec) => {
    const [first] = spec.requirements
    return first === undefined ? undefined : below(files, spec.requirements, `- ${first.id}: ${first.text}`)
  }),
  inSpec('unknown-requirement', (files, spec) => {
    const last = spec.tasks.at(-1)
    return last === undefined
      ? undefined
      : changed(files, spec.file, last.place.line, (text) => `${text} (REQ-98)`)
  }),
  inSpec('unrequired-work', (files, spec) =>
    spec.tasks.filter(({ title }) => /REQ-/.test(title)).length < 2
      ? undefined
      : below(files, spec.tasks, `${spec.tasks.length + 1}. Paint zebra stripes overnight`),
  ),
  inSpec('unmet-need', (files, spec) =>
    section(files, spec, 'Dependencies', '- Needs from ghost: the colour of the sky'),
  ),
  inSpec('unused-provision', (files, spec) =>
    section(files, spec, 'Dependencies', '- Provides to ghost: the colour of the sky'),
  ),
  inSpec('open-question', (files, spec) =>
    section(files, spec, 'Open Questions', '- Which colour has the sky?'),
  ),
  inSpec('spec-file-missing', (files, spec, plan) => {
    const row = (files[plan.index] ?? '').split('\n')[spec.place.line - 1] ?? ''
    // Every cell that may name another spec is emptied.
    const cells = row
      .split('|')
      .map((cell) =>
        cell.trim() === spec.name ? ' ghost ' : spec.dependsOn.includes(cell.trim()) ? ' — ' : cell,
      )
    return row.startsWith('|') && cells.includes(' ghost ')
      ? inserted(files, plan.index, spec.place.line, cells.join('|'))
      : undefined
  }),
  inSpec('unknown-spec', (files, spec, plan) =>
    spec.dependsOn.length > 0 || !(files[plan.index] ?? '').split('\n')[spec.place.line - 1]?.includes('—')
      ? undefined
      : changed(files, plan.index, spec.place.line, (text) => text.replace('—', 'ghost')),
  ),
  inSpec('sprint-order', (files, spec, plan) => {
    const other = plan.phases
      .flatMap((phase) => phase.specs)
      .find(({ name }) => spec.dependsOn.includes(name))
    const same = plan.phases.some(
      (phase) =>
        phase.specs.some(({ name }) => name === other?.name) &&
        phase.specs.some(({ name }) => name === spec.name),
    )
    if (other?.sprint === undefined || spec.sprint === undefined || !same) return undefined
    const sprint = String(other.sprint)
    return changed(files, plan.index, spec.place.line, (text) =>
      text.replace(new RegExp(`\\| ${spec.sprint} +\\|(?= ${spec.name})`), `| ${sprint} |`),
    )
  }),
]
