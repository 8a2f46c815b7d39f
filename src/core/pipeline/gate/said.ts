import { commandsOf, type Source } from '../../gate/approval.ts'
import type { GateFacts } from '../../gate/authorize.ts'
import { parseCommands } from '../../gate/command.ts'
import { parseButton } from '../../report/forge-buttons.ts'
import type { Account, Forge, Statement } from '../../forge.ts'
import type { Failure } from '../../model/failure.ts'
import type { GateCommand } from '../../model/gate-command.ts'
import type { Sha } from '../../model/ids.ts'
import type { Policy } from '../../model/policy.ts'
import { ok, type Result } from '../../model/result.ts'
import { readCheckId } from './marker.ts'

export type From =
  /** `again`: found by the sweep; somebody may have begun with it and died. */
  | { kind: 'comment' | 'review'; id: number; again?: boolean }
  /** `shown`: the check's external id when it was pressed. */
  | { kind: 'button'; check: number; identifier: string; by: Account; shown?: string }

/** What somebody said, as it stands now. */
export interface Said {
  by: Account
  source: Source
  text: string
  from: GateFacts['from']
  /** Where reactions go: reviews and buttons take none. */
  comment?: number
  /** Of the check that the button stands on. */
  externalId?: string
  /** No command was written: a review that requests changes is one by itself. Where it does not fit, nobody is answered. */
  unsaid?: true
}

export type Read =
  | { kind: 'nothing' }
  | { kind: 'unreadable'; said: Said; failures: Failure[] }
  | { kind: 'commands'; said: Said; commands: GateCommand[] }

/** Reads it again at its source. */
export async function readFrom(
  forge: Forge,
  { pull, from }: { pull: number; from: From },
): Promise<Result<Statement | Pressed | undefined>> {
  if (from.kind !== 'button') return await forge.statement(from.kind, from.id, pull)
  const check = await forge.check(from.check)
  if (!check.ok) return check
  if (check.value === undefined || !check.value.mine) return ok(undefined)
  const { sha, name, externalId } = check.value
  const { by, identifier, shown = externalId } = from
  const at = readCheckId(shown)?.at ?? 0
  const source = { kind: 'check', id: from.check, ...(at === 0 ? {} : { at }) } as const
  return ok({ by, sha, identifier, source, name, externalId })
}

/** A button of a check of ours. */
interface Pressed {
  by: Account
  sha: Sha
  identifier: string
  source: Source
  name: string
  externalId: string
}

type Origin = Awaited<ReturnType<typeof readFrom>> extends Result<infer T> ? T : never

export function commandsIn(read: Origin, policy: Policy): Read {
  if (read === undefined) return { kind: 'nothing' }
  if ('identifier' in read) {
    const { by, sha, identifier, source, name, externalId } = read
    const command = parseButton(identifier, name)
    if (command === undefined) return { kind: 'nothing' }
    const said: Said = { by, text: identifier, source, from: { kind: 'button', sha }, externalId }
    return { kind: 'commands', said, commands: [command] }
  }
  const said: Said = {
    by: read.author,
    text: read.body,
    source: { kind: read.kind, id: read.id },
    from: { kind: read.kind, statement: read },
    ...(read.kind === 'comment' ? { comment: read.id } : {}),
  }
  const parsed = parseCommands(read.body)
  if (parsed.kind === 'refused') return { kind: 'unreadable', said, failures: parsed.failures }
  const commands = commandsOf(read, policy)
  if (commands.length === 0) return { kind: 'nothing' }
  const unsaid = parsed.kind === 'none' && read.state === 'changes-requested'
  return { kind: 'commands', said: unsaid ? { ...said, unsaid } : said, commands }
}
