/** What must not leave this process in a log, summary or output: each secret as it is and as servers are told it. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const shapes = secrets
    .filter((secret) => secret.length >= 6)
    .flatMap((secret) => [secret, base64(secret), base64(`x-access-token:${secret}`)])
    .map((shape) => shape.replace(/=+$/, ''))
  return (text) => shapes.reduce((clean, shape) => clean.replaceAll(shape, '***'), text)
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')
