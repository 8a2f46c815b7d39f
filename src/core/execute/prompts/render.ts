import { ok, type Result } from '../../model/result.ts'
import type { PromptContext, PromptStep, RenderedPrompt } from './context.ts'
import { DOCS } from './docs.ts'
import { FIX } from './fix.ts'
import { FIX_BUILD } from './fix-build.ts'
import { FIX_TEST } from './fix-test.ts'
import { IMPLEMENT } from './implement.ts'
import { PHASE } from './phase.ts'
import { REVIEW_CODE, REVIEW_PERF, REVIEW_TEST } from './review.ts'
import { BOUNDS, collection, criteria, findings, list, material, type Section } from './sections.ts'
import { APPROVE, LEAD, PLAN } from './team.ts'
import { teamSections } from './team-sections.ts'
import { renderTemplate } from './template.ts'
import { bytes, cleaned, inline } from './text.ts'
import { VERIFY } from './verify.ts'

const ROLES: Record<PromptStep, string> = {
  implement: IMPLEMENT,
  'fix-build': FIX_BUILD,
  'fix-test': FIX_TEST,
  'review-test': REVIEW_TEST,
  'review-code': REVIEW_CODE,
  'review-perf': REVIEW_PERF,
  'fix-p0p1': FIX,
  'fix-p2': FIX,
  'fix-p3': FIX,
  verify: VERIFY,
  'resolve-docs': DOCS,
  lead: LEAD,
  phase: PHASE,
}
const LEADS = { plan: PLAN, approve: APPROVE, lead: LEAD } as const

/** What the call is to do, in one line. */
const TASKS: Record<PromptStep, string> = {
  implement: 'Implement the piece',
  'fix-build': 'Make the build green',
  'fix-test': 'Make the tests green',
  'review-test': 'Review the tests',
  'review-code': 'Review the code',
  'review-perf': 'Review the performance',
  'fix-p0p1': 'Fix the P0 and P1 findings. None of them can be deferred',
  'fix-p2': 'Fix the P2 findings',
  'fix-p3': 'Fix the P3 findings where it is worth the change',
  verify: 'Verify the fixes',
  'resolve-docs': 'Refresh the codebase map',
  lead: 'Lead your workers through the phase',
  phase: 'Do the whole phase',
}
const LEAD_TASKS = { plan: 'Plan the piece', approve: 'Judge the plans', lead: TASKS.lead } as const

/**
 * The prompt of one call. `system` is the role, the same bytes for every call of it; `user` goes from what all calls of a phase
 * share to what only this one has, the nonce last, so that a provider can cache the longest prefix. Fails (`invalid-contract`)
 * only where a template of the contract cannot be rendered.
 */
export async function renderPrompt(context: PromptContext): Promise<Result<RenderedPrompt>> {
  const system = context.step === 'lead' ? LEADS[context.team?.role ?? 'lead'] : ROLES[context.step]
  const contract = await contractSections(context)
  if (!contract.ok) return contract
  const sections = [
    ...planSections(context, contract.value),
    ...referenceSections(context),
    ...unitSections(context),
    ...teamSections(context.team),
    ...workSections(context),
    { part: 'task', text: closing(context) },
  ]
  const user = `${sections.map(({ text }) => text).join('\n\n')}\n`
  return ok({ system, user, parts: sizes(system, sections) })
}

const works = (step: PromptStep): boolean => step === 'implement' || step === 'phase' || step === 'lead'

/** The contract's own prompt, for those who implement: the continuation prompt on another attempt where there is one. */
async function contractSections(context: PromptContext): Promise<Result<Section[]>> {
  if (!works(context.step)) return ok([])
  const again = context.continuation !== undefined && context.templates?.continuation !== undefined
  const name = again ? 'continuation' : 'phasePrompt'
  const template = context.templates?.[name]
  if (template === undefined || template.trim() === '') return ok([])
  const rendered = await renderTemplate(name, template, context)
  if (!rendered.ok) return rendered
  return ok(
    material('contract', "## The plan's own instructions for this phase", rendered.value, BOUNDS.template, {
      info: 'md',
    }),
  )
}

function planSections(context: PromptContext, contract: readonly Section[]): Section[] {
  const { phase } = context
  const told = contract.map(({ text }) => text).join('\n')
  const text = cleaned(phase.text).trim()
  const repeated = text !== '' && told.includes(text)
  return [
    { part: 'plan', text: `# Phase ${inline(phase.id, 40)}: ${inline(phase.title)}` },
    ...(repeated
      ? []
      : material('plan', '## The phase in the plan', text, BOUNDS.phase, {
          info: 'md',
          rest: 'The rest stands in the plan file.',
        })),
    ...(text === '' && (context.unit?.text ?? '') === ''
      ? list(
          'plan',
          '## Tasks of the phase',
          context.tasks?.map(({ id, title }) => `${id} ${title}`),
        )
      : []),
    ...contract,
  ]
}

function referenceSections(context: PromptContext): Section[] {
  const { sheets, skills, agent, decisions, documents } = context
  return [
    ...list('conventions', '## Project documents', documents),
    ...collection(
      'sheets',
      '## Cheat sheets of what this phase uses (reference: the code and its lockfile outrank them)',
      sheets?.map(({ tech, version, text }) => ({
        name: version === undefined ? tech : `${tech} ${version}`,
        text,
      })),
      { each: BOUNDS.sheet, all: BOUNDS.sheets },
    ),
    ...collection('skills', '## Skills (how to work; your boundaries and the task outrank them)', skills, {
      each: BOUNDS.skill,
      all: BOUNDS.skills,
    }),
    ...material(
      'decisions',
      '## Decided before (keep to it)',
      decisions?.map((decision) => `- ${inline(decision, 600)}`).join('\n'),
      BOUNDS.decisions,
      { keep: 'end' },
    ),
    ...(agent === undefined ? [] : roleSections(agent)),
  ]
}

/** Last of what a phase shares: reviewers have all that stands before. */
function roleSections({ name, text }: NonNullable<PromptContext['agent']>): Section[] {
  const heading = `## You work as: ${inline(name, 100)}`
  const told = material('agent', heading, text, BOUNDS.skill, { info: 'md' })
  return told.length > 0 ? told : [{ part: 'agent', text: heading }]
}

function unitSections(context: PromptContext): Section[] {
  const { unit, phase } = context
  const above = cleaned(`${phase.text}\n${unit?.text ?? ''}`)
  const sections: Section[] = []
  if (unit !== undefined && unit.kind !== 'phase') {
    const text = cleaned(unit.text).trim()
    const said = unit.title === unit.id || (unit.kind === 'spec' && text.includes(unit.title))
    const whose = works(context.step) ? 'Your piece' : 'The piece'
    const heading = `## ${whose}: ${unit.kind} ${inline(unit.id, 100)}${said ? '' : `, ${inline(unit.title)}`}`
    sections.push(
      ...(text === '' || cleaned(phase.text).includes(text)
        ? [{ part: 'plan', text: heading }]
        : material('plan', heading, text, BOUNDS.unit, { info: 'md' })),
    )
  }
  const part = unit?.part
  if (part !== undefined)
    sections.push(
      ...list(
        'plan',
        `## Your part of it, ${part.n} of ${part.of}: these items. ${part.n === 1 ? 'Other agents do the rest after you' : 'What comes before them is done'}`,
        part.items.map(({ id, text }) => `${id}: ${text}`),
      ),
    )
  sections.push(...criteria(context, above))
  const files = unit?.files ?? context.phaseFiles
  const unsaid = files?.filter((file) => !above.includes(file))
  if (works(context.step)) {
    sections.push(...list('plan', '## Files it names', unsaid))
    sections.push(...list('plan', '## Done by others, leave alone', context.otherUnits))
  }
  return sections
}

function workSections(context: PromptContext): Section[] {
  const { failing, step, continuation } = context
  const verify = step === 'verify'
  const whole = step.startsWith('review-') || step === 'resolve-docs'
  return [
    ...list('changes', '## Files that the phase changed', context.changedFiles),
    ...material(
      'diff',
      whole ? '## What the phase changed' : '## What the fixes changed',
      context.diff,
      BOUNDS.diff,
      {
        info: 'diff',
        code: true,
        rest: 'Read the rest in the files.',
      },
    ),
    ...findings(
      verify ? '## Findings, with what the fixer says' : '## Findings to answer',
      context.findings,
      context.person,
    ),
    ...material('person', '## A maintainer asks for this', context.person, BOUNDS.person),
    ...(failing === undefined ? [] : failure(failing)),
    ...(continuation === undefined
      ? []
      : material(
          'continuation',
          `## Attempt ${context.attempt - 1} stopped: ${inline(continuation.reason, 100)}`,
          continuation.message,
          BOUNDS.person,
        )),
    ...material(
      'refused',
      '## Your last answer was refused',
      context.refused?.map(({ message, hint }) => `- ${message} ${hint}`).join('\n'),
      BOUNDS.person,
    ),
    ...material(
      'refused',
      '## You skipped this. Do it now; then hand in the whole answer again, with what you did before in it',
      context.skipped?.map(({ message, hint }) => `- ${message} ${hint}`).join('\n'),
      BOUNDS.person,
    ),
  ]
}

function failure(failing: NonNullable<PromptContext['failing']>): Section[] {
  const heading = `## Red: ${inline(failing.outcome, 100)}`
  const command: Section[] = material('log', heading, failing.command, 4_000, { info: 'sh' })
  const output = material('log', 'The end of its output:', failing.tail, BOUNDS.log, {
    info: 'text',
    keep: 'end',
  })
  return output.length === 0
    ? [...command, { part: 'log', text: 'It printed nothing.' }]
    : [...command, ...output]
}

const taskOf = ({ step, unit, team }: PromptContext): string => {
  if (step === 'lead') return LEAD_TASKS[team?.role ?? 'lead']
  return step === 'implement' && (unit === undefined || unit.kind === 'phase')
    ? 'Implement the whole phase'
    : TASKS[step]
}

const closing = (context: PromptContext): string => {
  const { run, attempt, nonce } = context
  return `## Task\n${taskOf(context)}. Run ${inline(run, 80)}, attempt ${attempt}.\nnonce: ${nonce}`
}

/** Two bytes join one section to the next, one ends the last: counted with the section before. */
function sizes(system: string, sections: readonly Section[]): RenderedPrompt['parts'] {
  const parts = new Map([['static', bytes(system)]])
  for (const [i, { part, text }] of sections.entries()) {
    const joint = i === sections.length - 1 ? 1 : 2
    parts.set(part, (parts.get(part) ?? 0) + bytes(text) + joint)
  }
  return [...parts].map(([name, size]) => ({ name, bytes: size }))
}
