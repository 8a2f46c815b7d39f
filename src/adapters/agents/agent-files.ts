import { constants } from 'node:fs'
import { mkdtemp, mkdir, open, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode } from '../process/system-error.ts'

/** Room for 500 findings with their details; more is no artifact. */
const MAX_ARTIFACT_BYTES = 5 * 1024 * 1024

/** Throw-away files of one agent call, outside the working directory so that they are in no diff. */
export interface AgentFiles {
  /** Holds all of them. */
  dir: string
  /** Does not exist until the agent writes it. */
  artifact: string
  schema: string
  system: string
  /** An empty home directory, for agents that get one. */
  home: string
  remove(): Promise<void>
}

export async function makeAgentFiles(tmpDir: string, schema: object, system: string): Promise<AgentFiles> {
  const dir = await mkdtemp(join(tmpDir, 'orchestrate-agent-'))
  const files = {
    dir,
    artifact: join(dir, 'artifact.json'),
    schema: join(dir, 'schema.json'),
    system: join(dir, 'system.md'),
    home: join(dir, 'home'),
  }
  await Promise.all([
    writeFile(files.schema, JSON.stringify(schema)),
    writeFile(files.system, system),
    mkdir(join(files.home, 'tmp'), { recursive: true }),
  ])
  return { ...files, remove: () => rm(dir, { recursive: true, force: true, maxRetries: 3 }) }
}

/**
 * Text of an artifact. Undefined where there is none: no file, no plain file (an agent could leave a pipe, which would hold
 * us, or a link to something it may not read itself), or one of more than 5 MB (or `most` bytes).
 */
export async function readArtifact(path: string, most = MAX_ARTIFACT_BYTES): Promise<string | undefined> {
  let file
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if (['ENOENT', 'ELOOP', 'EACCES', 'ENXIO'].includes(errorCode(error) ?? '')) return undefined
    throw error
  }
  try {
    const stat = await file.stat()
    return stat.isFile() && stat.size <= most ? await file.readFile('utf8') : undefined
  } finally {
    await file.close()
  }
}
