import { parsePolicy } from '../../config/config-file.ts'
import type { Forge } from '../../forge.ts'
import { DEFAULT_POLICY } from '../../model/policy.ts'
import type { Result } from '../../model/result.ts'

/**
 * Open pull requests that ask for a gate: by the label that the default branch's configuration names. Two requests. For a
 * sweep, which knows no pull request yet; each is then looked at by the rules of its own base.
 */
export async function gatedPulls(forge: Forge): Promise<Result<number[]>> {
  const label = await gateLabel(forge)
  return label.ok ? await forge.labelled(label.value) : label
}

/** As `assess` takes it: a configuration that cannot be understood asks for the label that people know. */
async function gateLabel(forge: Forge): Promise<Result<string>> {
  const config = (await forge.defaultConfig?.()) ?? { ok: true, value: undefined }
  if (!config.ok)
    return config.error.every(({ reason }) => reason === 'invalid-config')
      ? { ok: true, value: DEFAULT_POLICY.label }
      : config
  const read = parsePolicy(config.value)
  return { ok: true, value: read.ok ? read.value.policy.label : DEFAULT_POLICY.label }
}
