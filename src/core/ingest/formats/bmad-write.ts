/** BMAD's files with a story done. */
import { applyEdits, type Edit } from '../../text/edits.ts'
import type { PlanChange } from '../format.ts'
import { isMarked, SPRINT, storiesOf } from './bmad-found.ts'
import { type StatusMark, type Story, storyStatus } from './bmad-story.ts'

/** The status in sprint-status.yaml and in the story, and the story's boxes. */
export function writeBmad(
  files: ReadonlyMap<string, string>,
  { phase, status, leftOut = [] }: PlanChange,
): Map<string, string> {
  const changed = new Map<string, string>()
  if (status !== 'completed' && status !== 'in_progress') return changed
  const one = storiesOf({ paths: [...files.keys()], text: (path) => files.get(path) }).find(
    ({ id }) => id === phase.id,
  )
  if (one === undefined) return changed
  const { sprint, story, path, epic } = one
  const sprintPath = [...files.keys()].find((name) => SPRINT.test(name))
  if (sprint !== undefined && sprintPath !== undefined && storyStatus(sprint.status) !== status) {
    const source = files.get(sprintPath) ?? ''
    const quote = /^["']/u.exec(source.slice(sprint.start))?.[0] ?? ''
    const word = status === 'completed' ? 'done' : 'in-progress'
    const space = sprint.start === sprint.end && !/\s/u.test(source[sprint.start - 1] ?? ' ') ? ' ' : ''
    changed.set(
      sprintPath,
      applyEdits(source, [{ start: sprint.start, end: sprint.end, text: space + quote + word + quote }]),
    )
  }
  if (path !== undefined && story !== undefined) {
    const marked = sprint === undefined && story.status === undefined && story.boxes.length === 0
    const edits = [
      ...statusEdit(story.status, status),
      ...(status === 'completed'
        ? [...boxEdits(story, phase.id, leftOut), ...(marked ? signEdit(story.heading) : [])]
        : []),
    ]
    changed.set(path, applyEdits(files.get(path) ?? '', edits))
  } else if (sprint === undefined && epic !== undefined && status === 'completed')
    changed.set(epic.path, applyEdits(files.get(epic.path) ?? '', signEdit(epic.heading)))
  return changed
}

/** In the manner of what stands there: "Done" for "Draft", "done" for "ready-for-dev". */
function statusEdit(mark: StatusMark | undefined, status: 'completed' | 'in_progress'): Edit[] {
  if (mark === undefined || storyStatus(mark.text) === status) return []
  const small = mark.text === mark.text.toLowerCase()
  const text = status === 'completed' ? (small ? 'done' : 'Done') : small ? 'in-progress' : 'InProgress'
  return [{ start: mark.start, end: mark.end, text }]
}

function boxEdits({ tasks, boxes }: Story, id: string, leftOut: readonly string[]): Edit[] {
  const kept = tasks.filter((_, at) => leftOut.includes(`${id}.${at + 1}`))
  return boxes
    .filter(
      ({ index, status }) =>
        status !== 'completed' && !kept.some(({ box, to }) => index >= box.index && index < to),
    )
    .map(({ start, end }) => ({ start, end, text: 'x' }))
}

const signEdit = (heading: Story['heading']): Edit[] => {
  if (heading === undefined || isMarked(heading.text)) return []
  const at = heading.start + heading.text.length
  return [{ start: at, end: at, text: ' ✅' }]
}
