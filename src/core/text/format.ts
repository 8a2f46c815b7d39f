import type { Usage } from '../model/step.ts'

/** "850ms", "1.2s", "47s", "2m 05s", "10m", "1h 02m". */
export function duration(ms: number): string {
  if (Math.round(ms) < 1_000) return `${Math.round(ms)}ms`
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)}s`
  const seconds = Math.round(ms / 1_000)
  if (seconds < 60) return `${seconds}s`
  const two = (n: number) => String(n).padStart(2, '0')
  if (seconds < 3_600 && seconds % 60 === 0) return `${seconds / 60}m`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`
  const minutes = Math.round(seconds / 60)
  return `${Math.floor(minutes / 60)}h ${two(minutes % 60)}m`
}

/** A clock that counts: "0:07", "12:30", "1:02:30". */
export function stopwatch(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  const two = (n: number) => String(n).padStart(2, '0')
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}

/** "14:05 UTC", with the day where it is another than that of `now`: "24 Nov 14:05 UTC". Who reads it may be anywhere. */
export function timeOfDay(at: number, now: number): string {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return 'an unknown time'
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
  const time = `${date.toISOString().slice(11, 16)} UTC`
  if (day(at) === day(now)) return time
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${time}`
}
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** "$0.42"; below a cent two digits that count: "$0.0037". Undefined, a cost that nobody reported, is "–". */
export function money(usd: number | undefined): string {
  if (usd === undefined) return '–'
  if (usd > 0 && usd < 0.01) return `$${Number(usd.toPrecision(2))}`
  return `$${usd.toFixed(2)}`
}

/** What a call, phase or run cost: "$0.42", and "≈$0.42" where that is by our table of prices. */
export const cost = ({ costUsd, estimated }: Usage): string =>
  costUsd !== undefined && estimated === true ? `≈${money(costUsd)}` : money(costUsd)

/** Findings by severity, those that are there: "1 P0, 2 P2"; "none" where there are none. */
export function severities(counts: Readonly<Record<string, number>>): string {
  const parts = ['P0', 'P1', 'P2', 'P3'].flatMap((s) => (counts[s] ? [`${counts[s]} ${s}`] : []))
  return parts.length === 0 ? 'none' : parts.join(', ')
}
