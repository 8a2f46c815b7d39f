import type { Diagnostic } from '../model/diagnostic.ts'
import type { Phase } from '../model/plan.ts'
import { list } from '../text/display.ts'
import { capital } from '../text/sentence.ts'
import { similar } from '../text/similar.ts'
import type { Kind } from './definition.ts'

/** `agent: @name`, `skill: db-migrations`: what nobody writes who does not mean a name. */
const LABELLED = /(?<![\w-])(skill|agent)s?(?: type)?\s{0,3}:\s{0,3}([*"]{0,2}[`@]{0,2})([a-z][\w-]{1,63})/gi

/** Names that a phase gives to agents and skills of its own and that nothing has: a misspelt one would be passed over in silence. */
export function unknownNames(
  phase: Phase,
  text: string,
  known: Readonly<Record<Kind, ReadonlySet<string>>>,
  noun: string,
): Diagnostic[] {
  const absent = new Map<string, string>()
  const meant: string[] = []
  for (const [, label = '', mark = '', name = ''] of text.matchAll(LABELLED)) {
    const kind = label.toLowerCase() === 'agent' ? 'agent' : 'skill'
    const isName = /[`@]/.test(mark) || name.includes('-')
    if (!isName || known[kind].has(name.toLowerCase())) continue
    absent.set(`${kind} ${name}`, `the ${kind} ${name}`)
    const other = similar(name, [...known[kind]])
    if (other !== undefined) meant.push(other)
  }
  if (absent.size === 0) return []
  const [first = ''] = absent.keys()
  const [kind = '', name = ''] = first.split(' ')
  const file = kind === 'agent' ? `.claude/agents/${name}.md` : `.claude/skills/${name}/SKILL.md`
  return [
    {
      rule: 'unknown-skill',
      severity: 'warning',
      ...phase.place,
      phase: phase.id,
      message: `${capital(noun)} ${phase.id} names ${list([...absent.values()])}, and nothing of that name is installed or offered`,
      hint: meant.length === 0 ? `Add ${file}, or take the name out.` : `Did you mean ${list(meant)}?`,
      why: 'It is matched by what it speaks of instead.',
    },
  ]
}
