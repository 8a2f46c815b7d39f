import type { Plan, Spec } from '../../model/plan.ts'
import { list } from '../../text/display.ts'
import { type Located, openSpecs } from '../facts.ts'
import type { Found, Rule } from './rule.ts'

const allSpecs = (plan: Plan): Map<string, Located> =>
  new Map(plan.phases.flatMap((phase) => phase.specs.map((spec) => [spec.name, { phase, spec }] as const)))

/** The first line of the spec's own file, or its row where it has none. */
const placeOf = (spec: Spec): Found['place'] =>
  spec.file === undefined ? spec.place : { file: spec.file, line: 1 }

const specFileMissing: Rule = {
  id: 'spec-file-missing',
  severity: 'warning',
  why: 'The row is all that an agent would get to implement it.',
  fix: 'Write the spec, or take its row out of the manifest.',
  check: (plan) =>
    openSpecs(plan)
      .filter(({ spec }) => spec.file === undefined)
      .map(({ phase, spec }) => ({
        place: spec.place,
        phase: phase.id,
        message: `The manifest names spec ${spec.name}, and there is no specs/${spec.name}-spec.md`,
      })),
}

/** Sections that steps rely on, by what their titles start with. Overview may be the text under the title. */
const SECTIONS: readonly (readonly [string, RegExp])[] = [
  ['Requirements', /^(functional )?requirements?|^需求/i],
  ['Acceptance Criteria', /accept|criteria|^验收/i],
  ['Files', /files?|^文件/i],
  ['Tasks', /tasks?|steps|plan|^任务/i],
]

const missingSection: Rule = {
  id: 'missing-section',
  severity: 'warning',
  why: 'Requirements and criteria are what the reviews judge, files and tasks what the work is divided by.',
  fix: 'Add the section, even if it is one line.',
  check: (plan) =>
    openSpecs(plan).flatMap(({ phase, spec }) => {
      if (spec.file === undefined) return []
      const missing = SECTIONS.filter(([, is]) => !spec.sections.some(({ title }) => is.test(title))).map(
        ([name]) => name,
      )
      if (missing.length === 0) return []
      return {
        place: placeOf(spec),
        phase: phase.id,
        message: `Spec ${spec.name} has no section ${list(missing)}`,
      }
    }),
}

const unmetNeed: Rule = {
  id: 'unmet-need',
  severity: 'warning',
  why: 'What one spec waits for and no other promises is found missing only when it is built.',
  fix: 'Make both sides say the same: “Needs from X” here, “Provides to Y” there, and the dependency in the manifest.',
  check(plan) {
    const specs = allSpecs(plan)
    return openSpecs(plan).flatMap(({ phase, spec }) =>
      spec.needsFrom.flatMap(({ spec: from, what, place }) => {
        const at = { place, phase: phase.id }
        const other = specs.get(from)
        if (other === undefined) {
          return {
            ...at,
            message: `Spec ${spec.name} needs “${what}” from ${from}, which is no spec of this plan`,
          }
        }
        if (!spec.dependsOn.includes(from) && !before(other, { phase, spec })) {
          return {
            ...at,
            message: `Spec ${spec.name} needs “${what}” from ${from}, but does not depend on it`,
          }
        }
        const promised = other.spec.providesTo.some((provided) => provided.spec === spec.name)
        if (other.spec.providesTo.length === 0 || promised) return []
        const [first] = other.spec.providesTo
        return {
          ...at,
          message: `Spec ${spec.name} needs “${what}” from ${from}, which does not say that it provides anything to it`,
          ...(first !== undefined && {
            related: [{ ...first.place, message: `${from} says here what it provides` }],
          }),
        }
      }),
    )
  },
}

const unusedProvision: Rule = {
  id: 'unused-provision',
  severity: 'info',
  why: 'What nobody needs is work without a user, or a need that the other spec forgot.',
  fix: 'Add “Needs from” to the spec it is for, or remove it here.',
  check(plan) {
    const specs = allSpecs(plan)
    return openSpecs(plan).flatMap(({ phase, spec }) =>
      spec.providesTo
        .filter(({ spec: to }) => {
          const other = specs.get(to)
          return (
            other === undefined ||
            (other.spec.needsFrom.length > 0 && !other.spec.needsFrom.some((need) => need.spec === spec.name))
          )
        })
        .map(({ spec: to, what, place }) => ({
          place,
          phase: phase.id,
          message: specs.has(to)
            ? `Spec ${spec.name} provides “${what}” to ${to}, which does not ask for it`
            : `Spec ${spec.name} provides “${what}” to ${to}, which is no spec of this plan`,
        })),
    )
  },
}

/** Whether `a` is done in an earlier phase than `b`, as the scheduler sees it. */
const before = (a: Located, b: Located): boolean => b.phase.after.includes(a.phase.id)

const sprintOrder: Rule = {
  id: 'sprint-order',
  severity: 'warning',
  why: 'Specs of one sprint are meant to run together, and sprints one after another; a dependency against that order wins, and the sprints mean nothing.',
  fix: 'Move the spec to a later sprint than everything it depends on.',
  check(plan) {
    const specs = allSpecs(plan)
    return openSpecs(plan).flatMap(({ phase, spec }) =>
      spec.dependsOn.flatMap((name) => {
        const other = specs.get(name)
        if (other === undefined || other.phase !== phase || other.spec === spec) return []
        if (spec.sprint === undefined || other.spec.sprint === undefined || other.spec.sprint < spec.sprint)
          return []
        return {
          place: spec.place,
          phase: phase.id,
          message: `Spec ${spec.name} (sprint ${spec.sprint}) depends on ${name} (sprint ${other.spec.sprint}) of the same phase`,
          related: [{ ...other.spec.place, message: `${name} is here` }],
        }
      }),
    )
  },
}

const unknownSpec: Rule = {
  id: 'unknown-spec',
  severity: 'warning',
  why: 'A dependency on a spec that is not in the manifest is not waited for.',
  fix: 'Name a spec of the manifest, or remove it.',
  check(plan) {
    const specs = allSpecs(plan)
    return openSpecs(plan).flatMap(({ phase, spec }) =>
      spec.dependsOn
        .filter((name) => !specs.has(name))
        .map((name) => ({
          place: spec.place,
          phase: phase.id,
          message: `Spec ${spec.name} depends on “${name}”, which is no spec of this plan`,
        })),
    )
  },
}

const openQuestion: Rule = {
  id: 'open-question',
  severity: 'info',
  why: 'An agent that meets an open question answers it itself.',
  fix: 'Answer it in the spec, or accept that the agent decides.',
  check: (plan) =>
    openSpecs(plan).flatMap(({ phase, spec }) =>
      spec.openQuestions.map(({ text, place }) => ({
        place,
        phase: phase.id,
        message: `Spec ${spec.name} leaves open: ${text}`,
      })),
    ),
}

export const specs: Rule[] = [
  specFileMissing,
  missingSection,
  unmetNeed,
  unusedProvision,
  sprintOrder,
  unknownSpec,
  openQuestion,
]
