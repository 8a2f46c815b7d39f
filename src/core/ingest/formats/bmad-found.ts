/** The stories of a BMAD plan, wherever they are named: in the sprint, in files of their own, in epics. */
import type { Status } from '../../model/plan.ts'
import { statusOfBoxes, undone } from '../boxes.ts'
import { countedIds } from '../build-phase.ts'
import { readSprint, type SprintStory } from './bmad-sprint.ts'
import { type EpicStory, epicStories, readStory, type Story, storyStatus } from './bmad-story.ts'

export const SPRINT = /(?:^|\/)sprint-status\.ya?ml$/u
export const STORY = /(?:^|\/)(?:story[-_. ]?)?(\d+)[.-](\d+[a-z]?)(?:[.-][^/]*)?\.md$/iu
export const EPICS = /(?:^|\/)(?:epics?(?:[-_.][^/]*)?|epics\/[^/]+)\.md$/iu

/** A story wherever it is named. */
export interface Found {
  id: string
  sprint: SprintStory | undefined
  path: string | undefined
  story: Story | undefined
  epic: EpicStory | undefined
}

interface Texts {
  paths: readonly string[]
  text: (path: string) => string | undefined
}

/** The stories that sprint-status.yaml lists, else those with a file, else those of the epics. */
export function storiesOf({ paths, text }: Texts): Found[] {
  const sprintPath = paths.find((path) => SPRINT.test(path))
  const files = paths.filter((path) => STORY.test(path) && !EPICS.test(path))
  const epics = paths
    .filter((path) => EPICS.test(path))
    .flatMap((path) => epicStories(path, text(path) ?? ''))
  const sprint = sprintPath === undefined ? [] : readSprint(text(sprintPath) ?? '')
  const read = (path: string | undefined): Story | undefined =>
    path === undefined ? undefined : readStory(text(path) ?? '')
  if (sprint.length > 0) {
    return named(
      sprint.map((one) => {
        const path = files.find((name) => name.split('/').at(-1) === `${one.key}.md`)
        return { id: one.id, sprint: one, path, story: read(path), epic: epicOf(epics, one.id, one.slug) }
      }),
    )
  }
  if (files.length === 0)
    return named(
      epics.map((epic) => ({ id: epic.id, sprint: undefined, path: undefined, story: undefined, epic })),
    )
  const stories = files.map((path): Found => {
    const [, first = '', second = ''] = STORY.exec(path) ?? []
    const id = `${Number(first)}.${second.replace(/^0+(?=\d)/u, '').toLowerCase()}`
    return { id, sprint: undefined, path, story: read(path), epic: epicOf(epics, id, '') }
  })
  return named(stories.sort((a, b) => compare(a.id, b.id)))
}

const named = (found: Found[]): Found[] => {
  const ids = countedIds(found.map(({ id }) => id))
  return found.map((one, at) => ({ ...one, id: ids[at] ?? one.id }))
}

/** Of several products that count alike the one whose title is the key. */
const epicOf = (epics: readonly EpicStory[], id: string, slug: string): EpicStory | undefined => {
  const same = epics.filter((epic) => epic.id === id)
  return same.find(({ title }) => slugOf(title) === slug) ?? same[0]
}

const slugOf = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/gu, '')

function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((id) => id.split('.').map((part) => Number.parseInt(part, 10)))
  return (left?.[0] ?? 0) - (right?.[0] ?? 0) || (left?.[1] ?? 0) - (right?.[1] ?? 0) || (a < b ? -1 : 1)
}

export const isMarked = (text: string | undefined): boolean => text !== undefined && undone(text) !== text

export function statusOf({ sprint, story, epic }: Found): Status {
  if (sprint !== undefined) return storyStatus(sprint.status)
  if (story?.status !== undefined) return storyStatus(story.status.text)
  if (isMarked((story === undefined ? epic?.heading : story.heading)?.text)) return 'completed'
  return statusOfBoxes(story?.tasks.map(({ box }) => box) ?? [])
}
