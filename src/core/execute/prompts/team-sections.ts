import type { TeamPart } from './context.ts'
import { BOUNDS, list, material, type Section } from './sections.ts'
import { inline } from './text.ts'

/** What a member of a team gets to know of it: a plan and what was said about it, what others found out, who does what. */
export function teamSections(team: TeamPart | undefined): Section[] {
  if (team === undefined) return []
  const { approved, rejected, stuck, plans = [], pieces = [], discoveries } = team
  return [
    ...material('team', '## Your plan, as the lead approved it (keep to it)', approved?.plan, BOUNDS.unit),
    ...material('team', '## What the lead says about it', approved?.note, BOUNDS.person),
    ...material('team', '## Your last plan', rejected?.plan, BOUNDS.unit),
    ...material('team', '## Why the lead rejected it: answer each point', rejected?.note, BOUNDS.person),
    ...plans.flatMap(({ unit, title, text }) =>
      material('team', `## Plan for ${inline(unit, 100)}: ${inline(title)}`, text, BOUNDS.decisions),
    ),
    ...list('team', '## Pieces of the phase', pieces.map(piece)),
    ...(pieces.length === 0 ? [] : [{ part: 'team', text: rules(team) }]),
    ...list('team', '## What others of the team found out', discoveries),
    ...material('team', '## The worker before you got stuck', stuck, BOUNDS.person),
    ...(team.role === undefined ? [{ part: 'team', text: SHARED }] : []),
  ]
}

const piece = ({ id, title, files, after }: NonNullable<TeamPart['pieces']>[number]): string =>
  [
    `${id || 'the phase'}: ${title}`,
    files.length === 0 ? 'names no files: alone' : `files ${files.join(', ')}`,
    after.length === 0 ? '' : `after ${after.join(', ')}`,
  ]
    .filter((part) => part !== '')
    .join(' · ')

const rules = ({ maxParallel = 1, approval = false }: TeamPart): string =>
  `At most ${maxParallel} workers at one time. ${approval ? 'Plans are approved first: the confidence in this phase is not high.' : 'No plan has to be approved first.'}`

const SHARED = `## The team
Others work on other pieces now. The file that ORCHESTRATE_TEAM names is the team's task list, with what everybody found out; it changes while you work, so read it again before you build on what others make. What others need to know, append as a line to the file that ORCHESTRATE_DISCOVERIES names as soon as you know it, or hand it in as \`discoveries\` (a list of texts).`
