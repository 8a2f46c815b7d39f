import type { Phase } from '../model/plan.ts'

/** What the plan says about the phase: its own text, or its specs one after the other. */
export const planText = (phase: Phase): string =>
  phase.text || phase.specs.map((spec) => spec.text).join('\n\n')
