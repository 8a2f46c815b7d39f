import type { Place } from '../../model/diagnostic.ts'
import type { Phase, Plan } from '../../model/plan.ts'
import { list } from '../../text/display.ts'
import { isOpen, named, openPhases, phaseOf, tasksOf } from '../facts.ts'
import { runsAfterOf } from '../waits.ts'
import type { Found, Rule } from './rule.ts'

/** A file that something in a phase names, and what is to happen to it; undefined where nothing says so. */
interface Use {
  path: string
  action: 'create' | 'modify' | 'delete' | undefined
  place: Place
  phase: Phase
  /** The spec, or the phase where the phase itself names it: two tasks of one owner may share a file. */
  owner: string
}

/** "Create src/a.ts", and nothing between but an article: "Add tests to src/a.ts" creates no file. */
const CREATES =
  /^(?:create|add|write|introduce|scaffold|generate|crear|criar|créer|erstelle|создать|新建|创建|新增|作成)(?!\p{Script=Latin})\s*(?:(?:a|an|the|new|file|module|script|component|el|la|un|una|die|das|eine?|文件)\s*)*[`"']?$/iu
const DELETES =
  /^(?:delete|remove|drop|eliminar|remover|supprimer|lösche|удалить|删除|移除)(?!\p{Script=Latin})\s*(?:(?:the|old|file|module|script|文件)\s*)*[`"']?$/iu

/** What the words of a task before a path say of it. */
function actionIn(title: string, path: string): Use['action'] {
  const at = title.indexOf(path)
  if (at < 0) return undefined
  const before = title.slice(0, at)
  return CREATES.test(before) ? 'create' : DELETES.test(before) ? 'delete' : undefined
}

/**
 * Files that targets and tasks name. Paths of prose are left out: "later replaced by src/b.ts" is no use of it, and
 * folders and globs are no files.
 */
function usesOf(phase: Phase): Use[] {
  const isFile = (path: string) => !path.endsWith('/') && !path.includes('*')
  const targets = [
    ...phase.targets.map((target) => ({ ...target, owner: '' })),
    ...phase.specs.flatMap((spec) => spec.files.map((target) => ({ ...target, owner: spec.name }))),
  ]
  const said = new Set(targets.map(({ path }) => path))
  return [
    ...targets.map(({ path, action, place, owner }) => ({ path, action, place, phase, owner })),
    ...tasksOf(phase).flatMap((task) =>
      task.files
        .filter((path) => !said.has(path) || actionIn(task.title, path) !== undefined)
        .map((path) => ({ path, action: actionIn(task.title, path), place: task.place, phase, owner: '' })),
    ),
  ].filter(({ path }) => isFile(path))
}

const byPath = (uses: readonly Use[]): Map<string, Use[]> => {
  const groups = new Map<string, Use[]>()
  for (const use of uses) {
    const known = groups.get(use.path)
    if (known === undefined) groups.set(use.path, [use])
    else known.push(use)
  }
  return groups
}

const ownerName = ({ phase, owner }: Use, plan: Plan): string =>
  owner === '' ? named(phase, plan) : `Spec ${owner}`

const createdTwice: Rule = {
  id: 'created-twice',
  severity: 'warning',
  why: 'The second phase finds the file there: its agent overwrites the first one’s work or leaves its own undone.',
  fix: 'Let one phase create the file and the other change it.',
  check(plan) {
    const creations = plan.phases.flatMap(usesOf).filter(({ action }) => action === 'create')
    return [...byPath(creations)].flatMap(([path, uses]) => {
      const [first, ...others] = uses
      if (first === undefined) return []
      const owners = new Set([`${first.phase.id}\n${first.owner}`])
      return others.flatMap((use): Found[] => {
        const key = `${use.phase.id}\n${use.owner}`
        if (owners.has(key) || !isOpen(use.phase)) return []
        // A phase that lists what its specs create is no second creation.
        if (use.phase === first.phase && (use.owner === '' || first.owner === '')) return []
        owners.add(key)
        const who = first.owner === '' ? phaseOf(first.phase.id, plan) : `spec ${first.owner}`
        return [
          {
            place: use.place,
            phase: use.phase.id,
            message: `${ownerName(use, plan)} creates ${path}, which ${who} creates already`,
            related: [{ ...first.place, message: `${who} creates it here` }],
          },
        ]
      })
    })
  },
}

const usedBeforeCreated: Rule = {
  id: 'used-before-created',
  severity: 'warning',
  why: 'When this phase runs the file is not there yet, so its agent invents one, and the later phase meets it.',
  fix: 'Create the file here or in an earlier phase, or move this work behind the phase that creates it.',
  check(plan) {
    const uses = plan.phases.flatMap(usesOf)
    const reaches = runsAfterOf(plan)
    return [...byPath(uses)].flatMap(([path, all]) => {
      const creation = all.find(({ action }) => action === 'create')
      if (creation === undefined || !isOpen(creation.phase)) return []
      const seen = new Set<string>()
      return all.flatMap((use): Found[] => {
        if (use.action === 'create' || use.phase === creation.phase || !isOpen(use.phase)) return []
        // Either order where neither waits: that is what implicit-dependency tells.
        if (!reaches(creation.phase.id, use.phase.id) || reaches(use.phase.id, creation.phase.id)) return []
        if (all.some((other) => other.action === 'create' && other.phase === use.phase)) return []
        if (seen.has(use.phase.id)) return []
        seen.add(use.phase.id)
        return [
          {
            place: use.place,
            phase: use.phase.id,
            message: `${named(use.phase, plan)} uses ${path}, which ${phaseOf(creation.phase.id, plan)} creates after it`,
            related: [{ ...creation.place, message: `${phaseOf(creation.phase.id, plan)} creates it here` }],
          },
        ]
      })
    })
  },
}

const usedAfterDelete: Rule = {
  id: 'used-after-delete',
  severity: 'warning',
  why: 'The file is gone when this phase runs, and its agent brings it back or stops.',
  fix: 'Delete it in the last phase that needs it, or name the file that took its place.',
  check(plan) {
    const uses = plan.phases.flatMap(usesOf)
    const reaches = runsAfterOf(plan)
    return [...byPath(uses)].flatMap(([path, all]) => {
      const deletion = all.find(({ action }) => action === 'delete')
      if (deletion === undefined) return []
      return all.flatMap((use): Found[] => {
        if (use.action === 'delete' || use.action === 'create' || use.phase === deletion.phase) return []
        if (!isOpen(use.phase) || !reaches(use.phase.id, deletion.phase.id)) return []
        return [
          {
            place: use.place,
            phase: use.phase.id,
            message: `${named(use.phase, plan)} uses ${path}, which ${phaseOf(deletion.phase.id, plan)} deletes before it`,
            related: [{ ...deletion.place, message: `${phaseOf(deletion.phase.id, plan)} deletes it here` }],
          },
        ]
      })
    })
  },
}

const pathCase: Rule = {
  id: 'path-case',
  severity: 'warning',
  why: 'On macOS and Windows both are one file, on Linux they are two: the build passes for one and fails for the other.',
  fix: 'Write the path the same way everywhere.',
  check(plan) {
    const first = new Map<string, Use>()
    const told = new Set<string>()
    return openPhases(plan)
      .flatMap(usesOf)
      .flatMap((use): Found[] => {
        const key = use.path.toLowerCase()
        const known = first.get(key)
        if (known === undefined) first.set(key, use)
        if (known === undefined || known.path === use.path || told.has(use.path)) return []
        told.add(use.path)
        return [
          {
            place: use.place,
            phase: use.phase.id,
            message: `${list([use.path])} differs from ${known.path} in upper and lower case only`,
            related: [{ ...known.place, message: 'the other way of writing it' }],
          },
        ]
      })
  },
}

export const files: Rule[] = [createdTwice, usedBeforeCreated, usedAfterDelete, pathCase]
