/**
 * How a route says no. Thrown, since a refusal may come from deep inside (a token, a permission, a field) and every route
 * answers it alike; `server.ts` is the one place that catches it.
 */
export interface FieldError {
  resource: string
  code: string
  field?: string
  message?: string
}

export class Refusal extends Error {
  readonly status: number
  readonly errors: (FieldError | string)[] | undefined
  readonly headers: Record<string, string>

  constructor(
    status: number,
    message: string,
    more: { errors?: (FieldError | string)[]; headers?: Record<string, string> } = {},
  ) {
    super(message)
    this.status = status
    this.errors = more.errors
    this.headers = more.headers ?? {}
  }

  body(): Record<string, unknown> {
    return {
      message: this.message,
      ...(this.errors ? { errors: this.errors } : {}),
      documentation_url: 'https://docs.github.com/rest',
      status: String(this.status),
    }
  }
}

export const notFound = (): Refusal => new Refusal(404, 'Not Found')
export const notAccessible = (): Refusal => new Refusal(403, 'Resource not accessible by integration')
export const invalid = (resource: string, field: string, code = 'invalid'): Refusal =>
  new Refusal(422, 'Validation Failed', { errors: [{ resource, field, code }] })
export const custom = (resource: string, message: string): Refusal =>
  new Refusal(422, 'Validation Failed', { errors: [{ resource, code: 'custom', message }] })
