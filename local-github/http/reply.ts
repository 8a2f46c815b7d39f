/** What a route answers. */
export interface Reply {
  status: number
  body?: unknown
  headers?: Record<string, string>
}

export const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Reply => ({
  status,
  body,
  headers,
})
export const empty = (status = 204): Reply => ({ status })
