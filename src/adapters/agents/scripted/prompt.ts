/** What a call's prompt asks about. The prompts are written in core/execute/prompts/sections.ts; a test holds the two together. */
export interface Asked {
  findings: { id: string; title: string }[]
  criteria: string[]
}

const FENCE = /^(`{3,})(\w*)\n([\s\S]*?)^\1$/gm
const CRITERIA = /^## Criteria to judge.*\n(?:In the text above: (.+)(?:\n|$))?(?:(`{3,})\n([\s\S]*?)^\2$)?/m

export function askedIn(prompt: string): Asked {
  const findings = [...prompt.matchAll(FENCE)]
    .filter(([, , info]) => info === 'json')
    .flatMap(([, , , text = '']) => listed(text))
  const [, named = '', , lines = ''] = CRITERIA.exec(prompt) ?? []
  const ids = lines.split('\n').map((line) => line.split(': ', 1)[0] ?? '')
  return {
    findings,
    criteria: [...named.split(', '), ...ids].map((id) => id.trim()).filter((id) => id !== ''),
  }
}

/** The findings in a JSON list; other JSON in a prompt is none of ours. */
function listed(text: string): { id: string; title: string }[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return []
  }
  if (!Array.isArray(parsed)) return []
  return parsed.filter(
    (one: unknown): one is { id: string; title: string } =>
      typeof one === 'object' &&
      one !== null &&
      'id' in one &&
      typeof one.id === 'string' &&
      'title' in one &&
      typeof one.title === 'string',
  )
}
