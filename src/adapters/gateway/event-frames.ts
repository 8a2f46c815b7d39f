import * as z from 'zod'

/** Total length, length of the headers, and a checksum of the two. Bytes. */
const PRELUDE = 12
/** At the end of a frame. Bytes. */
const CHECKSUM = 4
/** A longer frame is none. Bytes. */
const MOST = 32 * 1024 * 1024

const chunk = z.object({ bytes: z.string() })

/**
 * Reads the frames of `application/vnd.amazon.eventstream` as they go by, whatever the pieces, and tells the JSON of the events in
 * them. What is no frame ends the reading. Source: docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html,
 * and for what is in a frame the API reference of Bedrock (ResponseStream).
 */
export function frameReader(onEvent: (json: string) => void): (piece: Buffer) => void {
  let kept = Buffer.alloc(0)
  let isBroken = false
  return (piece) => {
    if (isBroken) return
    kept = Buffer.concat([kept, piece])
    while (kept.length >= PRELUDE) {
      const total = kept.readUInt32BE(0)
      const headers = kept.readUInt32BE(4)
      isBroken = total > MOST || PRELUDE + headers + CHECKSUM > total
      if (isBroken || kept.length < total) break
      const payload = kept.subarray(PRELUDE + headers, total - CHECKSUM).toString()
      kept = kept.subarray(total)
      const event = eventIn(payload)
      if (event !== undefined) onEvent(event)
    }
  }
}

function eventIn(payload: string): string | undefined {
  try {
    const parsed = chunk.safeParse(JSON.parse(payload))
    return parsed.data && Buffer.from(parsed.data.bytes, 'base64').toString()
  } catch {
    return undefined
  }
}
