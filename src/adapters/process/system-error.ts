/**
 * The code of an error that Node made ("ENOENT"); undefined for anything else. Not by `instanceof Error`: in a VM context,
 * where jest runs tests, Node's own errors are of another realm.
 */
export function errorCode(error: unknown): string | undefined {
  const has = typeof error === 'object' && error !== null && 'code' in error
  return has && typeof error.code === 'string' ? error.code : undefined
}

export function errorMessage(error: unknown): string {
  const has = typeof error === 'object' && error !== null && 'message' in error
  return has ? String(error.message) : String(error)
}
