/** Branded strings: a digest is not a commit, a phase id is not a run id. */
type Brand<Name extends string> = string & { readonly __brand: Name }

/** A git object id, lower-case hex, 40 (SHA-1) or 64 (SHA-256) characters. */
export type Sha = Brand<'Sha'>
/** SHA-256 of some bytes, lower-case hex, 64 characters. */
export type Digest = Brand<'Digest'>
/** Names a run in refs and branches: `[a-z0-9][a-z0-9-]*`, at most 60 characters. */
export type RunId = Brand<'RunId'>
/** A phase's identifier as the plan writes it: "1", "1.5", "3a". Not always ref-safe: see `refSegment`. */
export type PhaseId = Brand<'PhaseId'>

export const sha = (text: string): Sha => text as Sha
export const digest = (text: string): Digest => text as Digest
export const runId = (text: string): RunId => text as RunId
export const phaseId = (text: string): PhaseId => text as PhaseId

/**
 * A piece of a ref or file name from free text: lower-case letters, digits, inner dots and dashes, at most `max`
 * characters. Text without a single such character gives "x" and a short stable hash, so it never is empty.
 */
export function refSegment(text: string, max = 40): string {
  const plain = text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/^[-.]+/, '')
    .slice(0, max)
    .replace(/(\.lock)?[-.]*$/, '')
  return plain === '' ? `x${shortHash(text)}` : plain
}

/** FNV-1a, 8 hex digits: names only, never security. */
function shortHash(text: string): string {
  let hash = 0x811c9dc5
  for (const char of text) {
    hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193)
  }
  return (hash >>> 0).toString(16).padStart(8, '0')
}
