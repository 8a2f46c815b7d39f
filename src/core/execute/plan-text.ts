import type { ContextPiece, Phase } from '../model/plan.ts'

/** What the plan says about the phase: its own text, or its specs one after the other, and what it refers to in documents beside it. */
export const planText = (phase: Phase): string =>
  [
    phase.text || phase.specs.map((spec) => spec.text).join('\n\n'),
    ...(phase.context ?? []).map(pieceText),
  ].join('\n\n')

const pieceText = ({ path, title, lines, text }: ContextPiece): string => {
  const place = lines === undefined ? path : `${path}:${lines[0]}-${lines[1]}`
  return `${title} (${place}):\n${text}`
}
