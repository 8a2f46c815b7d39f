import { createTwoFilesPatch } from 'diff'

/** Unified diff of texts, as `git apply` takes it. Paths are from the directory that it is applied in. */
export function patchText(files: readonly { path: string; before: string; after: string }[]): string {
  return files
    .map(({ path, before, after }) => {
      const patch = createTwoFilesPatch(`a/${path}`, `b/${path}`, before, after)
      return patch.slice(patch.indexOf('--- '))
    })
    .join('')
}
