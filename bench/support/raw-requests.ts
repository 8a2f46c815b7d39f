import * as z from 'zod'

const body = z.looseObject({ system: z.unknown(), tools: z.unknown() })

/** What a provider caches first: tools and system prompt, as their bytes stand in the request. */
export function prefixOf(raw: Buffer): string {
  const { system, tools } = body.parse(JSON.parse(raw.toString()))
  return JSON.stringify([tools, system])
}

/** Bytes of a request without the task's own text. */
export const sizeBefore = (raw: Buffer, task: string): number =>
  raw.length - Buffer.byteLength(JSON.stringify(task).slice(1, -1))
