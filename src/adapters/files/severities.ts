import { parseConfigFile } from '../../core/config/config-file.ts'
import { CONFIG_FILE } from '../../core/model/forge-names.ts'
import { ok, type Result } from '../../core/model/result.ts'
import type { RuleSeverities } from '../../core/model/rules.ts'
import { openProjectFiles } from './project-files.ts'

/**
 * What the checkout at `root` says of single rules, for a review that runs nothing: there the file counts as it stands, as the
 * plan does. A run reads it from a commit.
 */
export async function readSeverities(root: string): Promise<Result<RuleSeverities>> {
  const text = await openProjectFiles({ root, home: undefined }).read(CONFIG_FILE)
  if (text === undefined) return ok({})
  const file = parseConfigFile(text)
  return file.ok ? ok(file.value.rules ?? {}) : file
}
