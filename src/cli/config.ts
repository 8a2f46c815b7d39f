import { parseConfigFile, type FileConfig } from '../core/config/config-file.ts'
import { namedRegistries } from '../core/execute/registries.ts'
import { merge, refuse } from '../core/config/merge.ts'
import type { Config } from '../core/model/config.ts'
import { CONFIG_FILE } from '../core/model/forge-names.ts'
import { err, ok, type Result } from '../core/model/result.ts'
import type { Repository } from '../core/ports.ts'

/** What a run runs with: flags over `.github/orchestrate.yml` at HEAD over the defaults, and where packages come from by the files there. */
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
  if (failures.length > 0) return err(failures)
  if (head === undefined) return ok(config)
  const { named } = await namedRegistries((path) => repository.readFile(head, path))
  return ok(named.length === 0 ? config : { ...config, registries: named })
}
