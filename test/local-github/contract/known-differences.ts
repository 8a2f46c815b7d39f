/** Where the local GitHub knowingly answers otherwise than GitHub describes. A line that no longer occurs fails the test too. */
export interface KnownDifference {
  why: string
  lines: string[]
}

export const KNOWN_DIFFERENCES: KnownDifference[] = [
  {
    why: 'The description demands that an account is a user and an enterprise at once (`allOf` for `anyOf`), in this list alone.',
    lines: ['name', 'slug', 'created_at', 'updated_at']
      .map((key) => `GET /app/installations 200: /*/account must have required property '${key}'`)
      .concat('GET /app/installations 200: /*/account must be null'),
  },
  {
    why: 'GitHub answers 422 to a check for an unknown commit; its description does not say so.',
    lines: ['POST /repos/{owner}/{repo}/check-runs 422: is no status that is documented'],
  },
  {
    why: 'The API description knows a suite of which every job was skipped as "skipped", the older webhook schemas do not.',
    lines: ['created', 'completed'].map(
      (action) =>
        `check_run$${action}: /check_run/check_suite/conclusion must be equal to one of the allowed values`,
    ),
  },
  {
    why: 'The API description demands `verified_at`, the older webhook schemas forbid it.',
    lines: ['status$event: /commit/commit/verification must NOT have additional properties'],
  },
]
