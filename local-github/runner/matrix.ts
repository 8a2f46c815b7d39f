/** `strategy.matrix` as a list of jobs. */

export type Combination = Record<string, unknown>

/** GitHub's own bound. */
const MAX_JOBS = 256

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function records(value: unknown, name: string): Combination[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value) || !value.every(isRecord))
    throw new Error(`matrix.${name} must be a list of mappings`)
  return value
}

/**
 * The combinations of a matrix, in GitHub's order: the axes' product without what `exclude` names, then `include`, each entry
 * of which extends every combination whose axes it does not change, or stands alone. Throws where a vector is empty.
 */
export function expandMatrix(matrix: unknown): Combination[] {
  if (matrix === undefined || matrix === null) return [{}]
  if (!isRecord(matrix)) throw new Error('strategy.matrix must be a mapping')
  const { include, exclude, ...axes } = matrix
  const included = records(include, 'include')
  const excluded = records(exclude, 'exclude')

  let combinations: Combination[] = Object.keys(axes).length === 0 ? [] : [{}]
  for (const [name, values] of Object.entries(axes)) {
    if (!Array.isArray(values)) throw new Error(`Matrix vector '${name}' must be a list`)
    if (values.length === 0) throw new Error(`Matrix vector '${name}' does not contain any values`)
    combinations = combinations.flatMap((one) => values.map((value: unknown) => ({ ...one, [name]: value })))
  }
  combinations = combinations.filter(
    (one) => !excluded.some((rule) => Object.entries(rule).every(([name, value]) => same(one[name], value))),
  )

  const originals = combinations.map((one) => ({ ...one }))
  const alone: Combination[] = []
  for (const extra of included) {
    let extended = false
    originals.forEach((original, index) => {
      const fits = Object.entries(extra).every(
        ([name, value]) => !(name in original) || same(original[name], value),
      )
      if (!fits) return
      Object.assign(combinations[index] ?? {}, extra)
      extended = true
    })
    if (!extended) alone.push({ ...extra })
  }
  const all = [...combinations, ...alone]
  if (all.length === 0) throw new Error('The matrix does not contain any values')
  if (all.length > MAX_JOBS)
    throw new Error(`The matrix has ${all.length} jobs; at most ${MAX_JOBS} are allowed`)
  return all
}

/** What GitHub appends to the name of a job that has none of its own: `build (20, linux)`. */
export function combinationLabel(combination: Combination): string {
  const leaves = (value: unknown): string[] =>
    typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(leaves)
      : [value === null || value === undefined ? '' : String(value)]
  return leaves(combination).join(', ')
}
