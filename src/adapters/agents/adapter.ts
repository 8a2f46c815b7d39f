/**
 * An agent program as the rest of us sees it, whichever it is: what it can do, how one call is started (as data), how its
 * output reads, and what its end means. One file each; `run-agent.ts` does the rest for all of them.
 */
import type { AgentName, Prices } from '../../core/model/config.ts'
import type { Failure } from '../../core/model/failure.ts'
import type { Usage } from '../../core/model/step.ts'
import type { AgentActivity, AgentFailure, AgentRequest } from '../../core/ports.ts'
import type { Bounds } from '../process/bounds.ts'
import type { ProcessEnd, ProcessSpec } from '../process/run-process.ts'
import type { Gateway } from '../gateway/gateway.ts'
import type { Cage } from '../sandbox/cage.ts'
import type { AgentFiles } from './agent-files.ts'

/** What agents need from the machine; a shell fills it in. */
export interface AgentSurroundings {
  /** Our own environment, from which an allow-list takes. */
  env: Readonly<Record<string, string | undefined>>
  /** Where throw-away files go. */
  tmpDir: string
  /** What calls run in. Undefined: nothing holds them. */
  cage?: Cage | undefined
  /** Hosts that calls may reach from the cage, besides their model. */
  hosts?: readonly string[]
  /** What a call may use of the machine; nobody looks where it is left out. */
  bounds?: Bounds
  /** Prices over our table. */
  prices?: Prices | undefined
  /** Strikes secrets out of what is told of a call. */
  redact?: (text: string) => string
  /** What stands between agents and their model. Undefined: they have the key and call it themselves. */
  gateway?: Gateway
}

/** What a program can do by itself. What it cannot is done by the cage, by the gateway, or is asked for in words. */
export interface Capabilities {
  /**
   * `structured`: its answer keeps to a JSON Schema by itself. `text`: its last message is asked for as JSON by that schema.
   * `file`: it writes the artifact where the prompt says.
   */
  artifact: 'structured' | 'text' | 'file'
  /** Whether a read-only step has no way to write, by the program's own means. */
  readOnly: boolean
  /** True until every cell of its column in docs/agents.md is green. */
  experimental?: boolean
  /** Whether it ends by itself at an amount of money. */
  budget: boolean
  /** Whether it takes descriptions of other agents that it may start. */
  subagents: boolean
  /** Whether it says what a call cost in money. */
  cost: boolean
  /** What its model's API speaks, where its calls can be sent through a gateway. Undefined: it calls whom it likes, or nobody. */
  protocol: Protocol | undefined
}

/** Programs that answer in plain text and can do little more by themselves, until every cell of their column is green. */
export const TEXT_ONLY = {
  artifact: 'text',
  readOnly: true,
  budget: false,
  subagents: false,
  cost: false,
  experimental: true,
} as const satisfies Omit<Capabilities, 'protocol'>

/** `bedrock` and `vertex`: Anthropic's models as AWS and Google sell them. */
export type Protocol = 'anthropic' | 'openai' | 'gemini' | 'bedrock' | 'vertex'

/** Where a call reaches its model. */
export interface Endpoint {
  /** Undefined: the provider itself. */
  baseUrl: string | undefined
  /** The provider's key, or whatever the gateway at `baseUrl` takes in its place. */
  apiKey: string | undefined
}

/** A request as it goes out to a provider. */
export interface Outgoing {
  method: string
  /** With its query, as it is sent. */
  url: URL
  /** Lower-case names. */
  headers: Readonly<Record<string, string>>
  body: Buffer
}

/** A provider as the gateway reaches it. */
export interface Provider extends Endpoint {
  /**
   * The headers by which it knows us, where that is not the protocol's usual way with `apiKey`: a signature, a token that is got
   * first. Rejects, with words for people, where there is nothing to know us by.
   */
  authorize?: (request: Outgoing) => Promise<Record<string, string>>
  /** What paths have to begin with, below `baseUrl`: whose project is charged. */
  within?: string
  /** True where `apiKey` is the token of a person's subscription, which the program itself has to know. */
  subscription?: boolean
}

/** One call, as data: what is to be started and with what. Nothing is done yet. */
export interface Launch {
  file: string
  args: readonly string[]
  /** Laid over what the allow-list takes from our own environment. */
  env: Readonly<Record<string, string>>
  /** Written to stdin. */
  input: string
  /** Files to be there in the throw-away HOME beforehand: relative path to text. */
  home?: ReadonlyMap<string, string>
  /** How it is asked to end before SIGKILL, where SIGTERM alone is not best. */
  endBy?: ProcessSpec['endBy']
}

/** Reads what a program prints, as it comes. */
export interface OutputReader {
  /** A line longer than this is passed over. Bytes. */
  readonly maxLineBytes: number
  line(text: string): void
  /** False for a line that the transcript does without, since another one tells the same. All are kept where nothing is said. */
  isKept?(text: string): boolean
  /** What was used so far, as the program tells it; {} where it tells nothing. */
  readonly usage: Usage
  /** The structured answer, as JSON text; undefined for programs that write a file, or where none came. */
  readonly answer: string | undefined
  /** Tools that were refused to it. */
  readonly denied: readonly string[]
  /** What the end means; exit code 0 alone proves nothing. Undefined: completed. */
  judge(end: ProcessEnd): AgentFailure | undefined
}

export interface AgentAdapter {
  readonly name: AgentName
  readonly capabilities: Capabilities
  /** Hosts that it has to reach besides its model's, e.g. to log in. */
  readonly hosts?: readonly string[]
  launch(request: AgentRequest, files: AgentFiles, endpoint: Endpoint): Launch
  reader(onActivity: (activity: AgentActivity) => void): OutputReader
  /** What is installed, and what to be warned of. Undefined where there is nothing to look for. */
  about?(): Promise<{ version?: string; warnings: string[] }>
  /** What would stop every call. Undefined where there is nothing to look for. */
  preflight(): Promise<Failure[]>
}
