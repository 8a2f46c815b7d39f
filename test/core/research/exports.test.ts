import { describe, expect, test } from '@jest/globals'

import { exportsOf } from '../../../src/core/research/exports.ts'

async function names(files: Record<string, string>): Promise<string[]> {
  const found = await exportsOf('p/index.d.ts', (path) => Promise.resolve(files[path]))
  return found.map(({ name, kind }) => `${kind} ${name}`)
}

describe('exportsOf', () => {
  test('reads declarations of every kind', async () => {
    const text = `
      export declare function a(): void
      export default function b(): void
      export declare abstract class C {}
      export declare const d: number, e: string
      export type F = 1
      export interface G {}
      export declare const enum H {}
      export declare namespace I {}
      // export const no: 1
      declare const local: 1
      export { local, type F as J, _private, x as default }
    `
    expect(await names({ 'p/index.d.ts': text })).toEqual([
      'function a',
      'function b',
      'class C',
      'value d',
      'type F',
      'type G',
      'value H',
      'type I',
      'value local',
      'type J',
    ])
  })

  test('follows re-exports within the package and ends on circles', async () => {
    expect(
      await names({
        'p/index.d.ts':
          'export * from "./lib/a.js"\nexport * from "other"\nexport * as all from "./lib/b.js"',
        'p/lib/a.d.ts': 'export * from "../index.js"\nexport declare const a: 1\nexport * from "./c"',
        'p/lib/c/index.d.ts': 'export declare const c: 1',
      }),
    ).toEqual(['value all', 'value a', 'value c'])
  })

  test('reads the members of a namespace that is the export', async () => {
    expect(
      await names({
        'p/index.d.ts':
          'export = e;\ndeclare function e(): e.App;\ndeclare namespace e {\n  function json(): void;\n  interface App {\n    use(): void;\n  }\n  var Router: 1;\n}\ndeclare const after: 1',
      }),
    ).toEqual(['value e', 'function json', 'type App', 'value Router'])
  })

  test('has nothing to say of an entry that is not there', async () => {
    expect(await names({})).toEqual([])
  })
})
