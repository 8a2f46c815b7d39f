/** Hides secrets in logs, annotations, summaries and outputs, in the encodings that the real runner knows. */

export interface Masks {
  add(secret: string): void
  /** The text with every secret replaced by `***`. */
  apply(text: string): string
}

export function createMasks(secrets: Iterable<string>): Masks {
  const known = new Set<string>()
  let ordered: string[] = []

  function add(secret: string): void {
    for (const value of [secret, ...secret.split(/\r?\n/).map((line) => line.trim())]) {
      if (value.trim() === '') continue
      for (const form of forms(value)) if (form !== '') known.add(form)
    }
    // The longest first: a secret that is part of another must not leave the rest of it behind.
    ordered = [...known].sort((a, b) => b.length - a.length)
  }

  for (const secret of secrets) add(secret)
  return { add, apply: (text) => ordered.reduce((rest, secret) => rest.replaceAll(secret, '***'), text) }
}

/** Plain, in base64 at each of the three offsets that another text around it makes, in JSON and in a URL. */
function forms(value: string): string[] {
  const bytes = Buffer.from(value)
  // Letters that also encode bytes around the secret are left out, so that the rest is found whatever stands there.
  const shifted = [1, 2].map((offset) =>
    bytes
      .subarray(3 - offset)
      .toString('base64')
      .replace(/=+$/, ''),
  )
  const encoded = bytes.toString('base64').replace(/=+$/, '')
  return [
    value,
    ...[encoded, ...shifted]
      .map((form) => form.slice(0, Math.floor(form.length / 4) * 4))
      .filter((f) => f.length >= 8),
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
  ]
}
