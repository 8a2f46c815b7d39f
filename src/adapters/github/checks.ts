import * as z from 'zod/mini'

import type { CheckRun, CheckWrite } from '../../core/forge.ts'
import { type Sha, sha } from '../../core/model/ids.ts'
import { lazily } from '../../core/model/lazily.ts'
import { ok, type Result } from '../../core/model/result.ts'
import { missing, portions, type WireAnnotation, wireAnnotation } from './annotations.ts'
import type { Calls } from './calls.ts'
import { cut, LIMITS } from './limits.ts'
import { checkStatus, isMyApp, type Me } from './pull-facts.ts'

const READ = 'checks: read'
const WRITE = 'checks: write'

const checkSchema = lazily(() =>
  z.object({
    id: z.number(),
    name: z.string(),
    head_sha: z.string(),
    status: z.string(),
    conclusion: z.nullable(z.string()),
    external_id: z.nullish(z.string()),
    app: z.nullable(z.object({ id: z.number(), slug: z.optional(z.string()) })),
  }),
)
const writtenSchema = lazily(() =>
  z.object({
    id: z.number(),
    output: z.nullish(z.object({ annotations_count: z.optional(z.number()) })),
  }),
)
type Written = z.infer<ReturnType<typeof writtenSchema>>

export async function readCheck(
  calls: Calls,
  me: Me,
  id: number,
): Promise<Result<(CheckRun & { sha: Sha }) | undefined>> {
  const answer = await calls.find({
    what: `reading check run ${id}`,
    needs: READ,
    route: 'GET /repos/{owner}/{repo}/check-runs/{id}',
    params: { id },
    schema: checkSchema,
  })
  if (!answer.ok || answer.value === undefined) return answer.ok ? ok(undefined) : answer
  const raw = answer.value.data
  return ok({
    id: raw.id,
    name: raw.name,
    app: raw.app?.slug ?? '',
    ...(raw.app !== null && { appId: raw.app.id }),
    mine: raw.app !== null && isMyApp(me, raw.app.id, raw.app.slug ?? ''),
    status: checkStatus(raw.status),
    conclusion: raw.conclusion ?? undefined,
    externalId: raw.external_id ?? '',
    sha: sha(raw.head_sha),
  })
}

/**
 * Creates the check with its first 50 annotations, or updates the one that has `id`; one more request for each further 50.
 * An update looks at what the check shows already: GitHub only ever adds annotations.
 */
export async function writeCheck(
  calls: Calls,
  me: Me,
  check: CheckWrite,
  id: number | undefined,
): Promise<Result<{ id: number }>> {
  const wanted = (check.annotations ?? []).map(wireAnnotation)
  let fresh = id === undefined
  let made = id === undefined ? await create(calls, me, check, wanted) : await update(calls, check, id, [])
  if (made.ok && fresh && made.value.again) {
    // found again after a lost answer: it may be an older one of the same external id
    fresh = false
    made = await update(calls, check, made.value.id, [])
  }
  if (!made.ok) return made
  const { value } = made
  const left = await notShown(calls, value, fresh, wanted)
  if (!left.ok) return left
  for (const portion of portions(left.value)) {
    const added = await update(calls, check, value.id, portion)
    if (!added.ok) return added
  }
  return ok({ id: value.id })
}

/** What the check shows stays: a request that names nothing else changes nothing else. */
export async function tagCheck(calls: Calls, id: number, externalId: string): Promise<Result<void>> {
  const answer = await calls.send({
    what: `writing on check run ${id}`,
    needs: WRITE,
    route: 'PATCH /repos/{owner}/{repo}/check-runs/{id}',
    params: { id, external_id: externalId },
    schema: writtenSchema,
  })
  return answer.ok ? ok(undefined) : answer
}

/** The annotations that are still to be sent after the first request. */
async function notShown(
  calls: Calls,
  made: Written,
  fresh: boolean,
  wanted: readonly WireAnnotation[],
): Promise<Result<WireAnnotation[]>> {
  if (fresh) return ok(wanted.slice(LIMITS.annotations))
  if (wanted.length === 0 || made.output?.annotations_count === 0) return ok([...wanted])
  const shown = await shownAnnotations(calls, made.id)
  return shown.ok ? ok(missing(wanted, shown.value)) : shown
}

async function create(
  calls: Calls,
  me: Me,
  check: CheckWrite,
  wanted: readonly WireAnnotation[],
): Promise<Result<Written & { again: boolean }>> {
  const answer = await calls.send({
    what: `writing the check "${check.name}"`,
    needs: WRITE,
    route: 'POST /repos/{owner}/{repo}/check-runs',
    params: { head_sha: check.sha, ...body(check, wanted.slice(0, LIMITS.annotations)) },
    schema: writtenSchema,
    recover: () => findSame(calls, me, check),
  })
  if (!answer.ok) return answer
  const { data, again } = answer.value
  return ok({ ...data, again })
}

/** The check that a request made whose answer was lost. */
async function findSame(calls: Calls, me: Me, check: CheckWrite): Promise<Result<Written | undefined>> {
  const answer = await calls.send({
    what: `looking for the check "${check.name}"`,
    needs: READ,
    route: 'GET /repos/{owner}/{repo}/commits/{sha}/check-runs',
    params: { sha: check.sha, check_name: check.name, filter: 'latest', per_page: 100 },
    schema: () => z.object({ check_runs: z.array(z.extend(checkSchema(), writtenSchema().shape)) }),
  })
  if (!answer.ok) return answer
  const same = answer.value.data.check_runs.find(
    (run) =>
      run.external_id === check.externalId && run.app !== null && isMyApp(me, run.app.id, run.app.slug ?? ''),
  )
  return ok(same)
}

/** May be repeated, but for annotations, which would show twice: those are looked for after a lost answer. */
async function update(
  calls: Calls,
  check: CheckWrite,
  id: number,
  annotations: readonly WireAnnotation[],
): Promise<Result<Written & { again: boolean }>> {
  const answer = await calls.send({
    what: `updating the check "${check.name}"`,
    needs: WRITE,
    route: 'PATCH /repos/{owner}/{repo}/check-runs/{id}',
    params: { id, ...body(check, annotations) },
    schema: writtenSchema,
    ...(annotations.length > 0 && { recover: () => shownAlready(calls, id, annotations) }),
  })
  if (!answer.ok) return answer
  const { data, again } = answer.value
  return ok({ ...data, again })
}

async function shownAlready(
  calls: Calls,
  id: number,
  annotations: readonly WireAnnotation[],
): Promise<Result<Written | undefined>> {
  const shown = await shownAnnotations(calls, id)
  if (!shown.ok) return shown
  return ok(missing(annotations, shown.value).length === 0 ? { id } : undefined)
}

async function shownAnnotations(calls: Calls, id: number): Promise<Result<WireAnnotation[]>> {
  const found: WireAnnotation[] = []
  for (let page = 1; ; page += 1) {
    const answer = await calls.send({
      what: `reading the annotations of check run ${id}`,
      needs: READ,
      route: 'GET /repos/{owner}/{repo}/check-runs/{id}/annotations',
      params: { id, per_page: 100, page },
      schema: () =>
        z.array(
          z.object({
            path: z.string(),
            start_line: z.number(),
            end_line: z.number(),
            annotation_level: z.enum(['failure', 'warning', 'notice']),
            title: z.nullable(z.string()),
            message: z.nullable(z.string()),
          }),
        ),
    })
    if (!answer.ok) return answer
    const { data } = answer.value
    found.push(...data.map((each) => ({ ...each, title: each.title ?? '', message: each.message ?? '' })))
    if (data.length < 100) return ok(found)
  }
}

function body(check: CheckWrite, annotations: readonly WireAnnotation[]): Record<string, unknown> {
  return {
    name: check.name,
    status: check.status,
    ...(check.conclusion !== undefined && { conclusion: check.conclusion }),
    external_id: check.externalId,
    ...(check.detailsUrl !== undefined && { details_url: check.detailsUrl }),
    output: {
      title: cut(check.title, LIMITS.checkTitle),
      summary: cut(check.summary, LIMITS.checkText),
      ...(check.text !== undefined && { text: cut(check.text, LIMITS.checkText) }),
      ...(annotations.length > 0 && { annotations }),
    },
    actions: (check.buttons ?? [])
      // a button under another name would be another button; each has its command as well
      .filter((button) => button.identifier.length <= LIMITS.buttonIdentifier)
      .slice(0, LIMITS.buttons)
      .map((button) => ({
        label: cut(button.label, LIMITS.buttonLabel),
        description: cut(button.description, LIMITS.buttonDescription),
        identifier: button.identifier,
      })),
  }
}
