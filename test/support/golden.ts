import { expect } from '@jest/globals'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Compares `text` with the file at `path`, whole. `UPDATE_GOLDEN=1 npm test -- …` writes the files anew; the diff is then
 * what a reviewer reads.
 */
export function expectGolden(text: string, path: string): void {
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  expect(text).toBe(readFileSync(path, 'utf8'))
}
