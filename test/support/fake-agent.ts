import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeArtifact } from '../../src/adapters/agents/scripted/play.ts'
import { askedIn, type Asked } from '../../src/adapters/agents/scripted/prompt.ts'
import { LineReader } from '../../src/adapters/process/line-reader.ts'
import type { Agent } from '../../src/core/ports.ts'
import { type Hand, type Message, playHere, type Reply, type Start } from './fake-agent-here.ts'

const PROGRAM = fileURLToPath(new URL('fake-agent-program.mjs', import.meta.url))
/** Less than a test has, so that what came instead is told. */
const PATIENCE_MS = 50_000

/** Which calls are meant; what is left out matches all. */
export interface CallMatch {
  step?: string
  phase?: string
  unit?: string
  attempt?: number
}

/**
 * A `command` agent that the test drives. Give `rig.command` as the agent command; every call then waits for the test:
 *
 *     const rig = await FakeAgentRig.create()
 *     const call = await rig.next({ step: 'implement' })
 *     await call.write({ 'src/a.ts': 'export const a = 1\n' })
 *     await call.finish({ artifact: { summary: 'Wrote a.' } })
 *     await rig.close()
 *
 * `rig.auto(handler)` answers every call that no `next` waits for; `rig.auto(answerWell)` is an agent that finds nothing
 * and writes one file per unit.
 */
export class FakeAgentRig {
  /** Every call so far, in the order they came. */
  readonly calls: FakeCall[] = []
  /** The shell command of the agent. */
  readonly command: string
  readonly #server: Server
  readonly #dir: string
  readonly #hands = new Set<Hand>()
  readonly #waiting: { match: CallMatch; take: (call: FakeCall) => void }[] = []
  #untaken: FakeCall[] = []
  #handler: ((call: FakeCall) => unknown) | undefined
  readonly #problems: unknown[] = []

  private constructor(server: Server, dir: string) {
    this.#server = server
    this.#dir = dir
    this.command = `"${process.execPath}" "${PROGRAM}" "${join(dir, 'socket')}"`
    server.on('connection', (socket) => this.#connected(socket))
  }

  /**
   * The same agent without a process of its own, for tests of what follows from what an agent says and writes: two of three CPU
   * seconds of a run in tests went into starting Node. Whatever is about processes (limits, signals, what they see of us, what
   * they leave behind) takes `command`.
   */
  get here(): Agent {
    return {
      name: 'command',
      preflight: () => Promise.resolve([]),
      run: (request, signal) =>
        playHere(request, signal, (hand, start) => {
          this.#hands.add(hand)
          void hand.gone.then(() => this.#hands.delete(hand))
          this.#arrived(new FakeCall(hand, start))
        }),
    }
  }

  static async create(): Promise<FakeAgentRig> {
    // Short: the path of a socket has at most 107 bytes.
    const dir = mkdtempSync(join(tmpdir(), 'fake-'))
    const server = createServer()
    server.listen(join(dir, 'socket'))
    await once(server, 'listening')
    return new FakeAgentRig(server, dir)
  }

  /** The next call that matches and was not taken yet; waits for it. Fails with what came instead. */
  async next(match: CallMatch = {}): Promise<FakeCall> {
    const there = this.#untaken.find((call) => matches(call, match))
    if (there !== undefined) {
      this.#untaken = this.#untaken.filter((call) => call !== there)
      return there
    }
    return new Promise((resolve, reject) => {
      const waiting = {
        match,
        take: (call: FakeCall) => {
          clearTimeout(timer)
          resolve(call)
        },
      }
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1)
        const seen = this.calls.map((call) => `${call.phase}/${call.step}/${call.unit}`).join(', ')
        reject(new Error(`no call ${JSON.stringify(match)} came; calls so far: ${seen || 'none'}`))
      }, PATIENCE_MS)
      this.#waiting.push(waiting)
    })
  }

  /** Answers, from now on, every call that no `next` waits for, those that wait already too. Undefined ends that. */
  auto(handler: ((call: FakeCall) => unknown) | undefined): void {
    this.#handler = handler
    if (handler === undefined) return
    for (const call of this.#untaken.splice(0)) this.#answer(call)
  }

  /** Ends every call that is still open. Throws what a handler of `auto` threw. */
  async close(): Promise<void> {
    for (const hand of this.#hands) hand.drop()
    this.#server.close()
    rmSync(this.#dir, { recursive: true, force: true })
    if (this.#problems.length > 0) throw this.#problems[0]
  }

  #connected(socket: Socket): void {
    const hand = handOver(socket)
    this.#hands.add(hand)
    socket.on('error', () => {})
    socket.on('close', () => this.#hands.delete(hand))
    let call: FakeCall | undefined
    const lines = new LineReader(64 * 1024 * 1024, (line) => {
      const message = JSON.parse(line) as Start & Reply
      if (call !== undefined) call.replied(message)
      else {
        call = new FakeCall(hand, message)
        this.#arrived(call)
      }
    })
    socket.on('data', (chunk: Buffer) => lines.write(chunk))
  }

  #arrived(call: FakeCall): void {
    this.calls.push(call)
    const index = this.#waiting.findIndex(({ match }) => matches(call, match))
    const [waiting] = index === -1 ? [] : this.#waiting.splice(index, 1)
    if (waiting !== undefined) waiting.take(call)
    else if (this.#handler !== undefined) this.#answer(call)
    else this.#untaken.push(call)
  }

  #answer(call: FakeCall): void {
    void (async () => this.#handler?.(call))().catch((error: unknown) => {
      // A call that was killed under its handler is what a test of killing wants.
      if (!(error instanceof CallGone)) this.#problems.push(error)
      void call.crash()
    })
  }
}

const handOver = (socket: Socket): Hand => ({
  tell: (message) =>
    void socket.write(`${JSON.stringify(message)}
`),
  drop: () => socket.destroy(),
  gone: new Promise((resolve) => socket.on('close', () => resolve())),
})

/** The agent's process ended before it did what it was told. */
export class CallGone extends Error {
  override name = 'CallGone'
}

/** One agent process that waits to be told what to do. */
export class FakeCall {
  readonly env: Readonly<Record<string, string>>
  /** Everything that came on stdin. */
  readonly prompt: string
  readonly cwd: string
  readonly pid: number
  /** Resolves when the process is gone, however it ended. */
  readonly gone: Promise<void>
  readonly #hand: Hand
  readonly #open = new Map<number, { resolve: () => void; reject: (error: Error) => void }>()
  #count = 0
  #isGone = false

  constructor(hand: Hand, { env, prompt, cwd, pid }: Start) {
    this.#hand = hand
    this.env = env
    this.prompt = prompt
    this.cwd = cwd
    this.pid = pid
    hand.onReply?.((reply) => this.replied(reply))
    this.gone = hand.gone.then(() => {
      this.#isGone = true
      for (const { reject } of this.#open.values()) reject(new CallGone(`${this.step} ended`))
    })
  }

  get run(): string {
    return this.env['ORCHESTRATE_RUN'] ?? ''
  }
  get phase(): string {
    return this.env['ORCHESTRATE_PHASE'] ?? ''
  }
  get step(): string {
    return this.env['ORCHESTRATE_STEP'] ?? ''
  }
  get unit(): string {
    return this.env['ORCHESTRATE_UNIT'] ?? ''
  }
  get attempt(): number {
    return Number(this.env['ORCHESTRATE_ATTEMPT'])
  }
  get nonce(): string {
    return this.env['ORCHESTRATE_NONCE'] ?? ''
  }
  /** The JSON Schema it was given; readable until the call ends. */
  get schema(): unknown {
    return JSON.parse(readFileSync(this.env['ORCHESTRATE_SCHEMA'] ?? '', 'utf8'))
  }
  /** Findings and criteria that the prompt asks about. */
  get asked(): Asked {
    return askedIn(this.prompt)
  }

  /** Writes files below the working directory (or at absolute paths); null deletes. */
  write(files: Record<string, string | null>): Promise<void> {
    return this.#tell('write', { files })
  }

  append(path: string, text: string): Promise<void> {
    return this.#tell('append', { path, text })
  }

  /** Prints to stdout. */
  print(text: string): Promise<void> {
    return this.#tell('print', { text })
  }

  /** Writes the artifact: a text as it is, an object with the call's nonce unless it has one. */
  artifact(artifact: object | string): Promise<void> {
    const text = typeof artifact === 'string' ? artifact : JSON.stringify({ nonce: this.nonce, ...artifact })
    return this.#tell('artifact', { text })
  }

  ignore(signal: NodeJS.Signals): Promise<void> {
    return this.#tell('ignore', { signal })
  }

  /**
   * Writes an artifact and ends. Without `artifact` it is a good one for the step: no findings, every criterion met, every
   * finding fixed; false writes none.
   */
  async finish({
    artifact,
    exit = 0,
  }: { artifact?: object | string | false; exit?: number } = {}): Promise<void> {
    if (artifact !== false) await this.artifact(artifact ?? this.goodArtifact())
    await this.exit(exit)
  }

  goodArtifact(): object {
    return makeArtifact({}, this, this.asked)
  }

  async exit(code: number): Promise<void> {
    this.#send({ act: 'exit', code })
    await this.gone
  }

  /** Ends by SIGKILL, as a crash would. */
  async crash(): Promise<void> {
    this.#send({ act: 'kill', signal: 'SIGKILL' })
    await this.gone
  }

  /** For the rig. */
  replied({ id, error }: Reply): void {
    const open = this.#open.get(id)
    this.#open.delete(id)
    if (error === undefined) open?.resolve()
    else open?.reject(new Error(error))
  }

  #tell(act: string, details: object): Promise<void> {
    if (this.#isGone) return Promise.reject(new CallGone(`${this.step} ended`))
    const id = (this.#count += 1)
    return new Promise((resolve, reject) => {
      this.#open.set(id, { resolve, reject })
      this.#send({ id, act, ...details })
    })
  }

  #send(message: Message): void {
    if (!this.#isGone) this.#hand.tell(message)
  }
}

/** A handler for `auto`: implements by writing one file of the unit's name, fixes by adding to it, finds nothing. */
export async function answerWell(call: FakeCall): Promise<void> {
  const name = (call.unit === '' ? `phase-${call.phase}` : call.unit).replace(/[^A-Za-z0-9.-]+/g, '-')
  const edits =
    call.step === 'implement' || call.step === 'phase' || call.step === 'lead' || call.step.startsWith('fix-')
  if (edits) await call.append(`${name}.txt`, `${call.step} ${call.attempt}\n`)
  await call.finish()
}

function matches(call: FakeCall, match: CallMatch): boolean {
  return (
    (match.step ?? call.step) === call.step &&
    (match.phase ?? call.phase) === call.phase &&
    (match.unit ?? call.unit) === call.unit &&
    (match.attempt ?? call.attempt) === call.attempt
  )
}
