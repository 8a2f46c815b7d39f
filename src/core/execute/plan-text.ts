import type { ContextPiece, Phase, Task } from '../model/plan.ts'

/**
 * What the plan says about the phase: its own text, or its specs one after the other, and what it refers to in documents beside
 * it. For one task of it: what that refers to, and of the rest only what no other task alone refers to.
 */
export function planText(phase: Phase, task?: Task): string {
  return [
    phase.text || phase.specs.map((spec) => spec.text).join('\n\n'),
    ...pieces(phase, task).map(pieceText),
  ].join('\n\n')
}

/** Most specific first, each once. */
function pieces(phase: Phase, task: Task | undefined): ContextPiece[] {
  const own = task?.context ?? []
  const others = phase.tasks.filter((other) => other !== task).flatMap(({ context = [] }) => context)
  const ofOthers = new Set(others.map(key))
  const shared = (phase.context ?? []).filter((piece) => task === undefined || !ofOthers.has(key(piece)))
  const all = [...own, ...shared, ...(task === undefined ? others : [])]
  return [...new Map(all.map((piece) => [key(piece), piece])).values()]
}

const key = ({ path, title, lines }: ContextPiece): string => JSON.stringify([path, title, lines])

const pieceText = ({ path, title, lines, text }: ContextPiece): string => {
  const place = lines === undefined ? path : `${path}:${lines[0]}-${lines[1]}`
  return `${title} (${place}):\n${text}`
}
