/** What GitHub takes, in characters. Sources: its REST documentation of check runs and issue comments. */
export const LIMITS = {
  /** `output.summary` and `output.text`. */
  checkText: 65_535,
  checkTitle: 255,
  /** A request; more of them by further updates. */
  annotations: 50,
  annotationTitle: 255,
  /** 64 KB: characters of up to three bytes fit for sure. */
  annotationMessage: 20_000,
  buttons: 3,
  buttonLabel: 20,
  buttonDescription: 40,
  buttonIdentifier: 20,
  comment: 65_536,
} as const

const CUT = '\n\n… cut here: it is longer than GitHub takes.'

/** At most `max` characters (UTF-16 units, never half of a pair); what is longer ends in a note where one fits. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text
  const note = max > 200 ? CUT : '…'
  const end = max - note.length
  const last = text.charCodeAt(end - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? end - 1 : end) + note
}
