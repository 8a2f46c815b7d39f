import { parseConfigFile, type FileConfig } from '../core/config/config-file.ts'
import { merge, refuse } from '../core/config/merge.ts'
import type { Config } from '../core/model/config.ts'
import { CONFIG_FILE } from '../core/model/forge-names.ts'
import { err, ok, type Result } from '../core/model/result.ts'
import type { Repository } from '../core/ports.ts'

/** What a run runs with: flags over `.github/orchestrate.yml` at HEAD over the defaults. */
export async function readConfig(
  flags: Partial<Config>,
  repository: Pick<Repository, 'resolve' | 'readFile'>,
): Promise<Result<Config>> {
  const head = await repository.resolve('HEAD')
  const text = head === undefined ? undefined : await repository.readFile(head, CONFIG_FILE)
  const file = text === undefined ? ok<FileConfig>({}) : parseConfigFile(text)
  if (!file.ok) return file
  const config = merge(flags, file.value)
  const failures = refuse(config)
  return failures.length > 0 ? err(failures) : ok(config)
}
