import { errorCode, errorMessage } from '../process/system-error.ts'

/** Node's names for a server's certificate that nobody vouches for. Source: nodejs.org/api/tls.html, X509 certificate error codes. */
const UNKNOWN_AUTHORITY: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

/** Why a provider was not reached, with what to do where that is known. */
export function unreachedBecause(error: unknown): string {
  const message = errorMessage(error)
  return UNKNOWN_AUTHORITY.has(errorCode(error) ?? '')
    ? `its certificate is of an authority that is not known here (${message}). Name that authority's certificate in NODE_EXTRA_CA_CERTS, as a PEM file.`
    : message
}
