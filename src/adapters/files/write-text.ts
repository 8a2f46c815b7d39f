import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Writes a file that is not there yet, with the directories above it; false where there is one: it is left alone. */
export async function writeNew(path: string, text: string): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true })
  try {
    await writeFile(path, text, { flag: 'wx' })
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

/** Writes `after` where the file is `before`, byte for byte. Undefined when it is written, else why not. */
export async function replaceText(path: string, before: string, after: string): Promise<string | undefined> {
  try {
    // Also what is no UTF-8: read as text and written back it would not be the same.
    if (!(await readFile(path)).equals(Buffer.from(before))) return 'it is not what was read before.'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  return await writeOver(path, after)
}

/** Writes a file, over one that is there. Undefined when it is written, else what the system said. */
export async function writeOver(path: string, text: string): Promise<string | undefined> {
  try {
    await writeFile(path, text)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
