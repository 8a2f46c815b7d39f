import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import type { Edit } from './script.ts'

/** Does one edit below `root`. Returns what is wrong with it, undefined where nothing is. */
export function applyEdit(root: string, edit: Edit): string | undefined {
  const path = pathOf(edit)
  const file = inside(root, path)
  if (file === undefined) return `${path} lies outside the working directory`
  if ('delete' in edit) {
    if (!existsSync(file)) return `${path} is to be deleted but is not there`
    rmSync(file, { recursive: true })
    return undefined
  }
  if ('replace' in edit) {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : undefined
    if (text === undefined) return `${path} is to be changed but is not there`
    if (!text.includes(edit.from)) return `${path} does not contain the text to replace: ${edit.from}`
    writeFileSync(file, text.split(edit.from).join(edit.to))
    return undefined
  }
  mkdirSync(dirname(file), { recursive: true })
  if ('append' in edit) appendFileSync(file, edit.content)
  else writeFileSync(file, edit.content)
  return undefined
}

function pathOf(edit: Edit): string {
  if ('write' in edit) return edit.write
  if ('append' in edit) return edit.append
  return 'replace' in edit ? edit.replace : edit.delete
}

/** The absolute path of a file below `root`, also after links are followed; undefined where it is not. */
export function inside(root: string, path: string): string | undefined {
  const file = resolve(root, path)
  if (isAbsolute(path) || !isBelow(resolve(root), file)) return undefined
  let existing = file
  while (!existsSync(existing)) existing = dirname(existing)
  const real = join(realpathSync(existing), relative(existing, file))
  return isBelow(realpathSync(root), real) ? file : undefined
}

const isBelow = (root: string, file: string): boolean => file.startsWith(`${root}${sep}`)
