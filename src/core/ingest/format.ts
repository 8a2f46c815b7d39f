import type { PlanFile, PlanMode, WrittenPlan } from '../model/plan.ts'

/** The plan's files as text, and the names of all that lie in its directory. */
export interface PlanFiles {
  /** Relative to the plan directory, sorted. */
  readonly names: readonly string[]
  /** Text of a file that `detect` asked for; undefined where there is none. */
  text(path: string): string | undefined
}

/** One way of writing a plan. Another planner's is one more file in `formats/` and one line in its list. */
export interface PlanFormat {
  readonly name: PlanMode
  /** The file that makes a directory a plan of this format. */
  readonly index: string
  /** Files to be read, among those that are there, once the index was found. Undefined: this directory is none of ours. */
  detect(names: readonly string[]): string[] | undefined
  /** What stands in the files. Problems are diagnostics of the result; nothing is thrown. */
  read(files: PlanFiles): WrittenPlan
}

/** The files of a plan by name. */
export function planFiles(names: readonly string[], files: readonly PlanFile[]): PlanFiles {
  const byPath = new Map(files.map((f) => [f.path, f.text]))
  return { names, text: (path) => byPath.get(path) }
}
