import { build } from 'esbuild'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const SOURCE = fileURLToPath(new URL('../../src/adapters/agents/scripted/program.ts', import.meta.url))

/** Bundles the scripted agent into `dir` as the build does, and gives its path. */
export async function bundleScriptedProgram(dir: string): Promise<string> {
  const outfile = join(dir, 'scripted-agent.mjs')
  await build({
    entryPoints: [SOURCE],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
  })
  return outfile
}
