/** Annotations of a check, within what GitHub takes. Pure. */
import type { CheckAnnotation } from '../../core/forge.ts'
import { cut, LIMITS } from './limits.ts'

/** GitHub adds what it is sent to what the check has; the same set sent again would show twice. */
export interface WireAnnotation {
  path: string
  start_line: number
  end_line: number
  annotation_level: CheckAnnotation['level']
  title: string
  message: string
}

export const wireAnnotation = (each: CheckAnnotation): WireAnnotation => ({
  path: each.path,
  start_line: Math.max(1, each.startLine),
  end_line: Math.max(1, each.startLine, each.endLine),
  annotation_level: each.level,
  title: cut(each.title, LIMITS.annotationTitle),
  // an empty message is refused, and the whole request with it
  message: cut(each.message, LIMITS.annotationMessage) || each.title || 'See the check.',
})

/** In portions of 50. None at all is one empty portion less. */
export function portions<T>(all: readonly T[]): T[][] {
  const count = Math.ceil(all.length / LIMITS.annotations)
  return Array.from({ length: count }, (_, i) =>
    all.slice(i * LIMITS.annotations, (i + 1) * LIMITS.annotations),
  )
}

const key = (each: WireAnnotation): string =>
  JSON.stringify([each.path, each.start_line, each.end_line, each.annotation_level, each.title, each.message])

/** Those that the check does not show yet. The same annotation wanted twice is shown twice. */
export function missing(
  wanted: readonly WireAnnotation[],
  shown: readonly WireAnnotation[],
): WireAnnotation[] {
  const left = new Map<string, number>()
  for (const each of shown) left.set(key(each), (left.get(key(each)) ?? 0) + 1)
  return wanted.filter((each) => {
    const count = left.get(key(each)) ?? 0
    left.set(key(each), count - 1)
    return count <= 0
  })
}
