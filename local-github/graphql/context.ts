import type { Actor } from '../auth/actor.ts'
import type { World } from '../state/records.ts'

/** What every resolver may ask. */
export interface Context {
  world: World
  actor: Actor
}
