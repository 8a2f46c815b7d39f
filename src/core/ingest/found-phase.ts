import type { Status } from '../model/plan.ts'
import type { Block, Piece } from '../text/blocks.ts'

/** A phase as a task plan names it: by a heading, an item of a list, or a row of a table. */
export interface FoundPhase {
  id: string
  title: string
  status: Status | undefined
  line: number
  /** Offset of the phase's first character, and of its text. */
  start: number
  textStart: number
  /** What belongs to it. */
  blocks: Block[]
  /** Dependencies written in the heading or row itself. */
  dependencies: Piece[]
  from: 'heading' | 'list' | 'table'
  /** Lines of further phases with this id, which are left out although something stands in them. */
  repeatedAt: number[]
  /** Further sections about this phase, which tell how and are no work of their own unless `work` is set. */
  more?: { section: FoundPhase; work: boolean }[]
}
