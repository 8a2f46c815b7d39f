import { silencersOf } from '../silencer.ts'
import type { Rule, RuleInfo } from './rule.ts'

const withoutReason: Rule = {
  id: 'silencer-without-reason',
  severity: 'warning',
  why: 'A finding that is silenced for no stated reason cannot be judged by the next reader, so it is not silenced.',
  fix: 'Write the reason behind a colon: `<!-- orchestrate-ignore rule-id: reason -->`.',
  check: (plan) =>
    silencersOf(plan)
      .filter(({ rules, reason }) => reason === '' || rules.length === 0)
      .map(({ rules, place }) => ({
        place,
        message:
          rules.length === 0
            ? 'This silences no rule: it names none'
            : `${rules.join(', ')} is not silenced: no reason is given`,
      })),
}

export const silencers: Rule[] = [withoutReason]

/** Found when everything else is: what it tells needs the findings of all other rules. */
export const unusedSilencer: RuleInfo = {
  id: 'unused-silencer',
  severity: 'warning',
  why: 'A silencer that silences nothing hides the next finding of its rule, which nobody has looked at.',
  fix: 'Delete it.',
}
