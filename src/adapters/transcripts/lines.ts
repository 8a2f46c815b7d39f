import { type TranscriptLine, transcriptLine } from '../../core/model/transcript.ts'

/** Undefined for a line that was cut off, or is of another version. */
export function lineOf(text: string): TranscriptLine | undefined {
  try {
    return transcriptLine.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
