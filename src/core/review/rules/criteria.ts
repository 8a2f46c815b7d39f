import type { Plan } from '../../model/plan.ts'
import { criteriaOf, openPhases } from '../facts.ts'
import { CONCRETE } from './clarity.ts'
import type { Rule } from './rule.ts'

/** Words that two people judge differently, in what a criterion says of the result. Without `u`, which takes V8 twice as long. */
const MATTER_OF_TASTE =
  /\b(?:works?|working|runs?|running|functions?|functioning|behaves?|performs?|operates?) (?:correctly|properly|well|fine|smoothly|as (?:expected|intended|it should)|reliably)\b|^(?:everything|it|all(?: of it)?|the (?:app|application|system|feature|code)) (?:works?|is (?:done|working|ok|fine|complete|finished))[.!]?$|\b(?:user[- ]friendly|intuitive|easy to (?:use|read|understand|maintain)|(?:code|codebase|design|ui) (?:is|looks) clean|(?:is|are|looks?|feels?|stays?|be) (?:good|nice|great|fast|quick|modern|robust|scalable|maintainable|performant|responsive|acceptable|reasonable|appropriate|sufficient|stable|polished|professional|beautiful|simple|secure|reliable)|(?:good|high|clean|better|acceptable|reasonable|adequate|sufficient) (?:quality|performance|coverage|code|ux|usability|test coverage)|well[- ](?:documented|tested|structured|organized|written)|(?:properly|correctly|adequately|sufficiently|well) (?:tested|documented|handled|implemented|structured)|(?:no|without) (?:major |obvious |known |serious )?(?:bugs?|issues?|problems?))\b|funciona (?:correctamente|bien|corretamente)|funktioniert (?:korrekt|richtig|gut)|fonctionne (?:correctement|bien)|работает (?:корректно|правильно|хорошо)|(?:工作|运行|功能|显示)(?:正常|良好)|正常(?:工作|运行)|体验(?:良好|流畅)|性能良好|代码(?:整洁|清晰)|正しく(?:動作|機能)する|問題なく動作/i

const unverifiable: Rule = {
  id: 'unverifiable-criterion',
  severity: 'warning',
  why: 'Each criterion is judged with evidence before the merge; where no evidence could show that it is unmet, it is always met.',
  fix: 'Name what a person does and sees: a command and its output, a number and its limit, an input and its result.',
  check: (plan: Plan) =>
    openPhases(plan).flatMap((phase) =>
      criteriaOf(phase).flatMap(({ id, text, place }) => {
        const match = MATTER_OF_TASTE.exec(text)
        if (match === null || CONCRETE.test(text) || /[“"`].+[”"`]/.test(text)) return []
        return {
          place,
          phase: phase.id,
          message: `${id} cannot be checked: nobody can show that “${match[0]}” does not hold`,
        }
      }),
    ),
}

export const criteria: Rule[] = [unverifiable]
