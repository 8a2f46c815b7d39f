/** Paths of a plan's files, from its directory and from the repository's root. Forward slashes. */
import { posix } from 'node:path'

/** A path relative to the plan directory, which may begin with `../`, from the repository's root. */
export const pathFromRoot = (dir: string, path: string): string => posix.join(dir === '.' ? '' : dir, path)

/** A path from the repository's root, relative to the plan directory. */
export const pathFromPlan = (dir: string, path: string): string => posix.relative(`/${dir}`, `/${path}`)

/** The directory of a plan by its name: of a plan that is one file the file's. */
export const planFolder = (path: string): string =>
  /\.(?:md|json|ya?ml)$/iu.test(path) ? pathFromRoot('', posix.dirname(path)) : path

/** The name of a plan in its repository: its directory, or its one file. */
export const planPath = ({ dir, file }: { dir: string; file?: string | undefined }): string =>
  file === undefined ? dir : pathFromRoot(dir, file)
