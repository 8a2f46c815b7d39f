import { parseConfigFile } from '../../core/config/config-file.ts'
import { CONFIG_FILE } from '../../core/model/forge-names.ts'
import { ok, type Result } from '../../core/model/result.ts'
import type { RuleSeverities } from '../../core/model/rules.ts'
import { openProjectFiles } from './project-files.ts'

/**
 * What the checkout at `root` says of single rules and whether an agent is to read along, for a review that runs nothing: there the file counts as it stands, as the
 * plan does. A run reads it from a commit.
 */
export async function readSeverities(
  root: string,
): Promise<Result<{ rules: RuleSeverities; agent: boolean }>> {
  const text = await openProjectFiles({ root, home: undefined }).read(CONFIG_FILE)
  if (text === undefined) return ok({ rules: {}, agent: false })
  const file = parseConfigFile(text)
  return file.ok ? ok({ rules: file.value.rules ?? {}, agent: file.value.reviewAgent === true }) : file
}
