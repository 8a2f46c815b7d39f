import { createParser } from 'eventsource-parser'
import { frameReader } from './event-frames.ts'
import { NOTHING, type Metered, type ModelProtocol } from './protocols/protocol.ts'

/** A whole answer is kept until its end to find its usage; of a longer one nothing is read. Bytes. */
const MAX_JSON_BYTES = 16 * 1024 * 1024

/** Reads what an answer tells of its cost while it goes by. Never changes a byte of it. */
export function answerReader(
  protocol: ModelProtocol,
  contentType: string,
): { write(chunk: Buffer): void; end(): void; readonly metered: Metered } {
  let metered = NOTHING
  const read = (text: string): void => {
    try {
      metered = protocol.read(JSON.parse(text), metered)
    } catch {
      // "[DONE]", or a piece that broke off: tells nothing.
    }
  }
  if (contentType.startsWith('text/event-stream')) {
    const parser = createParser({ onEvent: ({ data }) => read(data) })
    const decoder = new TextDecoder()
    return {
      write: (chunk) => parser.feed(decoder.decode(chunk, { stream: true })),
      end: () => parser.reset({ consume: true }),
      get metered() {
        return metered
      },
    }
  }
  if (contentType.startsWith('application/vnd.amazon.eventstream')) {
    return {
      write: frameReader(read),
      end: () => {},
      get metered() {
        return metered
      },
    }
  }
  const chunks: Buffer[] = []
  let bytes = 0
  return {
    write(chunk) {
      bytes += chunk.length
      if (bytes <= MAX_JSON_BYTES) chunks.push(chunk)
    },
    end() {
      if (bytes <= MAX_JSON_BYTES) read(Buffer.concat(chunks).toString())
    },
    get metered() {
      return metered
    },
  }
}
