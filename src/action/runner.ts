/**
 * The two things that the runner is asked and told before any work begins. `@actions/core` does them too, but carries an HTTP
 * client that takes longer to load than all that our first request needs: it comes when there is something to publish.
 */
import type { Env } from './surroundings.ts'

/** An input as the runner hands it over; "" where it is left out. */
export const inputOf =
  (env: Env) =>
  (name: string): string =>
    (env[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`] ?? '').trim()

/** The command that keeps a text out of the log. */
export const maskOf = (secret: string): string =>
  `::add-mask::${secret.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')}\n`
