import type { ProjectFiles } from '../ports.ts'

/** A place with files in it, whatever it is: the project, the user's home, a directory in either, a repository elsewhere. */
export interface Shelf {
  read(path: string): Promise<string | undefined>
  glob(pattern: string): Promise<string[]>
}

export const projectShelf = (files: ProjectFiles): Shelf => ({
  read: (path) => files.read(path),
  glob: (pattern) => files.glob(pattern),
})

export const homeShelf = (files: ProjectFiles): Shelf => ({
  read: (path) => files.readHome(path),
  glob: (pattern) => files.globHome(pattern),
})

/** A directory of a shelf as one of its own: nothing outside of it can be named. "" is all of it. */
export function within(shelf: Shelf, directory: string): Shelf {
  const at = inside(directory)
  if (at === undefined) return { read: () => Promise.resolve(undefined), glob: () => Promise.resolve([]) }
  if (at === '') return shelf
  return {
    read(path) {
      const one = inside(path)
      return one === undefined ? Promise.resolve(undefined) : shelf.read(`${at}/${one}`)
    },
    async glob(pattern) {
      // a directory is a name and no pattern, whatever it is called
      const found = await shelf.glob(`${at.replaceAll(/[*?[\]{}()!+@\\]/g, '\\$&')}/${pattern}`)
      return found.map((path) => path.slice(at.length + 1))
    },
  }
}

/** A path as somebody else wrote it, from where they stand; undefined where it leads elsewhere. "" is the place itself. */
export function inside(path: string): string | undefined {
  if (/^[/\\~]|^[a-z]:|\\|\0/i.test(path)) return undefined
  const kept: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') return undefined
    if (part !== '' && part !== '.') kept.push(part)
  }
  return kept.join('/')
}
