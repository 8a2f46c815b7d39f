import { GitConfig } from './config.ts'
import { gitEnv, type Env } from './environment.ts'
import { Git } from './git.ts'

/** Who works in this repository, as git knows this person: "Name <address>"; undefined where git does not. */
export async function actor(root: string, env: Env): Promise<string | undefined> {
  const author = (await GitConfig.read(new Git(root, gitEnv(env)))).author()
  return author === undefined ? undefined : `${author.name} <${author.email}>`
}
