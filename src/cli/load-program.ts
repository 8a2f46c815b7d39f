import { isAscii } from 'node:buffer'
import { readFileSync } from 'node:fs'
import * as module from 'node:module'
import { dirname } from 'node:path'
import { Script } from 'node:vm'

/**
 * Loads a CommonJS bundle. Where the build left its compiled form beside it (`warm-up.ts`) and that is for this Node, nothing
 * is compiled, which saves 60 ms of every start. V8 refuses any other and says so; then it is compiled now, and kept by Node
 * itself where Node can (22.1 and newer).
 */
export function loadProgram<T>(file: string): T {
  const script = compiled(file)
  if (script !== undefined) return evaluate(script, file)
  if ('enableCompileCache' in module && typeof module.enableCompileCache === 'function')
    module.enableCompileCache()
  const loaded: T = module.createRequire(file)(file)
  return loaded
}

/** The bundle as V8 takes it, with the wrapper that Node gives CommonJS modules. A compiled form fits one text only. */
export function scriptOf(file: string, cachedData?: Buffer): Script {
  const bytes = readFileSync(file)
  // One byte for each letter, where the build could have it so.
  const text = bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8')
  const source = `(function(exports,require,module,__filename,__dirname){${text}\n})`
  return new Script(source, { filename: file, ...(cachedData === undefined ? {} : { cachedData }) })
}

export function evaluate<T>(script: Script, file: string): T {
  const loaded = { exports: {} as T }
  const run: (...args: unknown[]) => void = script.runInThisContext()
  run(loaded.exports, module.createRequire(file), loaded, file, dirname(file))
  return loaded.exports
}

/** Where the compiled form of a bundle lies, for this Node. */
export const cacheOf = (file: string): string =>
  file.replace(/\.cjs$/, `.${process.version}-${process.arch}.cache`)

function compiled(file: string): Script | undefined {
  let cachedData: Buffer
  try {
    cachedData = readFileSync(cacheOf(file))
  } catch {
    return undefined
  }
  const script = scriptOf(file, cachedData)
  return script.cachedDataRejected === true ? undefined : script
}
