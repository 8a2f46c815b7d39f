import type { PlanSource } from '../../../src/core/ports.ts'

/** A plan directory in memory. */
export const memorySource = (files: Record<string, string>): PlanSource => ({
  shown: '/repo/docs/plan',
  dir: 'docs/plan',
  read: (path) => {
    const text = Object.hasOwn(files, path) ? files[path] : undefined
    return Promise.resolve(text === undefined ? undefined : { text, invalidUtf8: text.includes('\uFFFD') })
  },
  list: () => Promise.resolve(Object.keys(files).sort()),
  documents: () => Promise.resolve([]),
})
