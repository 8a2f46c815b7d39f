/**
 * What the sticky comment remembers, in the HTML comment that it begins with. Whoever may edit comments can forge it, so it
 * grants nothing: it saves requests and tells which rendering is newer.
 */
import * as z from 'zod'
import { sha256 } from '../../execute/sha256.ts'
import { COMMENT_MARKER } from '../../model/forge-names.ts'
import { sha, type Sha } from '../../model/ids.ts'
import { formatPressed, parsePressed, type Pressed } from '../pressed.ts'

const answer = z.object({
  to: z.string().max(100),
  command: z.string().max(200),
  text: z.string().max(8_000),
})
export type Answer = z.infer<typeof answer>

/** Something that was dispatched and does not stand in a ledger yet. */
const sent = z.object({
  source: z.string().max(60),
  command: z.string().max(6_000),
  by: z.string().max(100),
  head: z.string().max(64),
  /** Milliseconds since the epoch. */
  at: z.number(),
})
export type Sent = z.infer<typeof sent>

const marker = z.object({
  v: z.literal(1),
  /** Of the text below the marker. */
  hash: z.string().default(''),
  /** The run that it shows, and how many entries its chain had. */
  run: z.string().optional(),
  at: z.number().int().optional(),
  /** The plan that a person chose among several. */
  dir: z.string().max(400).optional(),
  /** Who set the label without the right to. */
  refused: z.string().max(100).optional(),
  answer: answer.optional(),
  sent: sent.optional(),
  /** When the workflow was last started to go on with what had stopped; milliseconds since the epoch. */
  nudged: z.number().optional(),
  /** Sources that were taken, the newest last: buttons and reviews take no reaction. */
  taken: z.array(z.string().max(60)).max(30).optional(),
  /** What the plan's phases are to change, for a look at plans of other pull requests. */
  files: z.array(z.string().max(300)).max(200).optional(),
})
export type Marker = z.infer<typeof marker>

export const EMPTY: Marker = { v: 1, hash: '' }
const END = ' -->'
const MAX_MARKER = 20_000

/** The marker that a comment begins with; an empty one where it has none that can be read. */
export function readMarker(body: string): Marker {
  const start = body.trimStart()
  const end = start.indexOf(END)
  if (!start.startsWith(COMMENT_MARKER) || end === -1 || end > MAX_MARKER) return EMPTY
  try {
    const json: unknown = JSON.parse(start.slice(COMMENT_MARKER.length, end).trim())
    return marker.safeParse(json).data ?? EMPTY
  } catch {
    return EMPTY
  }
}

/** A comment's body. Two that say and remember the same are the same text. */
export function withMarker(remembered: Omit<Marker, 'v' | 'hash'>, text: string): string {
  const whole: Marker = { v: 1, hash: sha256(text).slice(0, 16), ...remembered }
  return `${COMMENT_MARKER} ${inComment(JSON.stringify(whole))}${END}\n${text}`
}

/** Nothing in it may end the HTML comment. */
const inComment = (json: string): string =>
  json.replaceAll('<', '\\u003c').replaceAll('>', '\\u003e').replaceAll('--', '-\\u002d')

/** Whether what stands there says and remembers what `body` does: then nothing is written. */
export function sameComment(standing: string, body: string): boolean {
  const [a, b] = [readMarker(standing), readMarker(body)]
  return a.hash !== '' && JSON.stringify(a) === JSON.stringify(b)
}

/** How many entries of an attempt's chain a phase's check tells of. */
export interface Told {
  attempt: number
  count: number
}

/**
 * The external id of a check:
 * `o1;<run>;<entries of its chain>;<hash of what it says>;<seconds since the epoch>[;head=<commit>][;steps=<attempt>.<entries>]`,
 * and behind `|` what was last pressed on it. Run and entries are empty before there is a run.
 */
export interface CheckMemory {
  run: string
  at: number
  hash: string
  seconds: number
  /** Commit of the newest of those entries: what the run's chain has to hold from then on (`anchors.ts`). */
  head?: Sha
  steps?: Told
  pressed?: Pressed
}

export const checkId = ({ run, at, hash, seconds, head, steps, pressed }: CheckMemory): string =>
  [
    `o1;${run};${at};${hash};${seconds}`,
    head === undefined ? '' : `;head=${head}`,
    steps === undefined ? '' : `;steps=${steps.attempt}.${steps.count}`,
    pressed === undefined ? '' : `|${formatPressed(pressed)}`,
  ].join('')

const CHECK_ID =
  /^o1;([a-z0-9-]{0,80});(\d{1,9});([0-9a-f]{1,64});(\d{1,12})(?:;head=([0-9a-f]{40,64}))?(?:;steps=(\d{1,6})\.(\d{1,6}))?$/

export function readCheckId(externalId: string): CheckMemory | undefined {
  const [own = '', button = ''] = externalId.split('|')
  const match = CHECK_ID.exec(own)
  if (match === null) return undefined
  const [, run = '', at, hash = '', seconds, head, attempt, count] = match
  const pressed = parsePressed(button)
  return {
    ...{ run, at: Number(at), hash, seconds: Number(seconds) },
    ...(head === undefined ? {} : { head: sha(head) }),
    ...(attempt === undefined ? {} : { steps: { attempt: Number(attempt), count: Number(count) } }),
    ...(pressed && { pressed }),
  }
}

/** The external id of a check on which a button was pressed just now; the rest of it stays. */
export const withPressed = (externalId: string, pressed: Pressed): string =>
  checkId({ ...(readCheckId(externalId) ?? { run: '', at: 0, hash: '0', seconds: 0 }), pressed })
