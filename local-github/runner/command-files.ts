/** The files that a step writes to: outputs, variables, paths, state, summary. */
import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseEnvFile } from './commands.ts'

const KINDS = {
  GITHUB_OUTPUT: 'set_output',
  GITHUB_ENV: 'set_env',
  GITHUB_PATH: 'add_path',
  GITHUB_STATE: 'save_state',
  GITHUB_STEP_SUMMARY: 'step_summary',
} as const
type Kind = keyof typeof KINDS

export interface CommandFiles {
  /** Names of the files, by variable. */
  paths: Readonly<Record<Kind, string>>
  /** What was written, and the files removed. Throws where a line is not understood. */
  collect(): Promise<{
    outputs: [string, string][]
    env: [string, string][]
    paths: string[]
    state: [string, string][]
    summary: string
  }>
}

export async function openCommandFiles(temp: string): Promise<CommandFiles> {
  const dir = join(temp, '_runner_file_commands')
  await mkdir(dir, { recursive: true })
  const id = randomUUID()
  const file = (kind: Kind) => join(dir, `${KINDS[kind]}_${id}`)
  const paths: Record<Kind, string> = {
    GITHUB_OUTPUT: file('GITHUB_OUTPUT'),
    GITHUB_ENV: file('GITHUB_ENV'),
    GITHUB_PATH: file('GITHUB_PATH'),
    GITHUB_STATE: file('GITHUB_STATE'),
    GITHUB_STEP_SUMMARY: file('GITHUB_STEP_SUMMARY'),
  }
  await Promise.all(Object.values(paths).map((path) => writeFile(path, '')))
  const take = async (kind: Kind) => {
    // A step may have removed its files.
    const content = await readFile(paths[kind], 'utf8').catch(() => '')
    await rm(paths[kind], { force: true })
    return content.replace(/^\uFEFF/, '')
  }

  return {
    paths,
    async collect() {
      const [output, env, path, state, summary] = [
        await take('GITHUB_OUTPUT'),
        await take('GITHUB_ENV'),
        await take('GITHUB_PATH'),
        await take('GITHUB_STATE'),
        await take('GITHUB_STEP_SUMMARY'),
      ]
      return {
        outputs: parseEnvFile(output),
        env: parseEnvFile(env),
        paths: path.split(/\r?\n/).filter((line) => line !== ''),
        state: parseEnvFile(state),
        summary,
      }
    },
  }
}
