/** The event that a ledger commit's message ends in, as JSON in one line; undefined where it is no entry. */
export function eventOfMessage(message: string): { event: unknown } | undefined {
  const paragraphs = message.trimEnd().split('\n\n')
  const last = paragraphs.length > 1 ? paragraphs.at(-1) : undefined
  try {
    const event: unknown = JSON.parse(last ?? '')
    return { event }
  } catch {
    return undefined
  }
}
