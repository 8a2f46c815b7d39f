/** Preloaded into the processes of jobs: their clock goes ahead by the milliseconds that the file AHEAD names holds. */
import { readFileSync } from 'node:fs'

const { now } = Date
const ahead = () => {
  try {
    return Number(readFileSync(process.env['AHEAD'] ?? '', 'utf8'))
  } catch {
    return 0
  }
}
const by = ahead()
if (by !== 0) Date.now = () => now() + by
