/** Shorter ones would strike out ordinary words. Characters. */
const LEAST = 6
const STRUCK = '***'

/** Keys and tokens that are known by their shape, whoever's they are: what an agent finds in a file may be one. */
const SHAPES =
  /\b(?:sk-[A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|npm_[A-Za-z0-9]{30,}|AKIA[0-9A-Z]{16}|AIza[\w-]{30,}|xox[abprs]-[\w-]{10,}|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,})|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g

/**
 * What must not leave this process in a log, summary, transcript or output: each secret as it is, as JSON and addresses write it, and
 * as servers are told it.
 */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const shapes = new Set(
    secrets
      .filter((secret) => secret.length >= LEAST)
      .flatMap((secret) => [
        secret,
        JSON.stringify(secret).slice(1, -1),
        encodeURIComponent(secret),
        Buffer.from(secret).toString('hex'),
        unpadded(secret),
        unpadded(`x-access-token:${secret}`),
      ]),
  )
  // The longest first: one may be the beginning of another.
  const longest = [...shapes].sort((a, b) => b.length - a.length)
  return (text) =>
    longest.reduce((clean, shape) => clean.replaceAll(shape, STRUCK), text).replace(SHAPES, STRUCK)
}

const unpadded = (text: string): string => Buffer.from(text).toString('base64').replace(/=+$/, '')

const NAMES = /KEY|TOKEN|SECRET|PASSW|CREDENTIAL|AUTH/i

/** Values of an environment that are secrets by the names of their variables. */
export const secretsIn = (env: Readonly<Record<string, string | undefined>>): string[] =>
  Object.entries(env).flatMap(([name, value]) =>
    // A path or a word is none: SSH_AUTH_SOCK, AUTH=none.
    value !== undefined && NAMES.test(name) && value.length >= 8 && !value.startsWith('/') ? [value] : [],
  )
