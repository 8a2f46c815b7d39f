/** A word as `sh` takes it literally. */
export const shellQuoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
