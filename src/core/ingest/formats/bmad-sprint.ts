/** sprint-status.yaml of BMAD: the stories of a sprint and where each status stands. */
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml'

export interface SprintStory {
  /** "1-2-slug". */
  key: string
  id: string
  slug: string
  status: string
  line: number
  /** The value with its quotes. */
  start: number
  end: number
}

const KEY = /^(\d+)-(\d+[a-z]?)(?:-(.+))?$/u

/** The stories, in written order. Epics, retrospectives and what has no number are left out. */
export function readSprint(source: string): SprintStory[] {
  const counter = new LineCounter()
  const document = parseDocument(source, { lineCounter: counter, prettyErrors: false, uniqueKeys: false })
  const stories = document.get('development_status', true)
  if (!isMap(stories)) return []
  return stories.items.flatMap((pair): SprintStory[] => {
    if (!isScalar(pair.key) || !isScalar(pair.value) || !pair.value.range) return []
    const key = String(pair.key.value)
    const [, epic, story, slug = ''] = KEY.exec(key) ?? []
    if (epic === undefined || story === undefined) return []
    const [start, end] = pair.value.range
    const line = counter.linePos(start).line
    const id = `${Number(epic)}.${story.replace(/^0+(?=\d)/u, '')}`
    return [{ key, id, slug, status: String(pair.value.value ?? ''), line, start, end }]
  })
}
