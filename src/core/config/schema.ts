import * as z from 'zod'
import { AGENT_NAMES, COMMAND_KINDS, LAND_POLICIES, SANDBOX_MODES } from '../model/config.ts'
import { READER_RULES, REVIEW_RULES, RULE_SETTINGS } from '../model/rules.ts'
import { APPROVER_ROLES, DEFAULT_POLICY, OTHER_PERSON } from '../model/policy.ts'

const modelName = z.string().trim().min(1).max(100)
const slots = z.int().min(1).max(64)
const seconds = z
  .number()
  .positive()
  .max(24 * 3_600)
  .transform((s) => Math.round(s * 1_000))
const MOST = 1_000_000_000
const amount = z.int().positive().max(MOST)
const command = z.string().trim().min(1)
/** `example.com`, `*.example.com`, with a port or without. Neither addresses of this machine nor everybody. */
const host = z
  .string()
  .regex(/^(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])?(:\d{1,5})?$/i, 'a host name')

const limits = z.strictObject({
  step_seconds: seconds.optional().describe('Wall time of one step (600).'),
  extra_seconds: seconds
    .optional()
    .describe('Added once for a step that was active in its last minute (300).'),
  idle_seconds: seconds.optional().describe('No output and no file activity for so long ends a step (300).'),
  check_seconds: seconds.optional().describe('Wall time of one build or test command (900).'),
  wait_seconds: seconds
    .optional()
    .describe("So long a run stays where the model's service has no room, e.g. a usage limit (21600)."),
  disk_mb: amount
    .optional()
    .describe('MB that one step, build or test may write; past it the process is ended (10000).'),
  files: amount.optional().describe('Files that it may make (500000).'),
  processes: amount.optional().describe('Processes that it may have at one time (2000).'),
  memory_mb: amount.optional().describe("MB of memory that they may use (three quarters of the machine's)."),
  free_mb: z
    .int()
    .nonnegative()
    .max(MOST)
    .optional()
    .describe(
      'MB that stay free: with less on the disk nothing starts and what runs is ended; 0: any (500).',
    ),
})

/** One of `models` or `agents`: a setting for each kind of steps. */
const byStep = <T extends z.ZodType>(one: T) =>
  z.strictObject({
    implement: one.optional().describe('Steps that write: implementing, a lead and its workers, documents.'),
    review: one.optional().describe('Reviews of tests, code and performance, and of what fixers did.'),
    fix: one.optional().describe('Fixers of builds, tests and findings.'),
    research: one.optional().describe('Cheat sheets of technologies.'),
  })
const models = byStep(modelName)
const agents = byStep(
  z.union([
    z.enum(AGENT_NAMES),
    z.strictObject({ agent: z.enum(AGENT_NAMES), agent_command: command.optional() }),
  ]),
)

const usd = z.number().positive()
const budgets = z.strictObject({
  run: usd.optional().describe('US dollars for the whole run.'),
  phase: usd.optional().describe('US dollars for one phase, all its attempts together.'),
  step: usd.optional().describe('US dollars for one step.'),
})
const perMillion = z.number().nonnegative()
const price = z.strictObject({
  input: perMillion,
  output: perMillion,
  cache_read: perMillion.optional().describe('Input that the provider had kept (a tenth of input).'),
  cache_write: perMillion.optional().describe('Input that it keeps (as input).'),
})

const approve = z.strictObject({
  role: z
    .enum(APPROVER_ROLES)
    .optional()
    .describe('The least right in the repository that may approve and decide (write).'),
  other_person: z
    .enum(OTHER_PERSON)
    .optional()
    .describe(
      'Whether somebody else than author, last pusher and co-authors has to approve; auto: where more than one person may write (auto).',
    ),
  reviews: z.boolean().optional().describe('An approving review counts as /approve (false).'),
  bots: z.literal('never').optional().describe('No bot approves; there is no other value.'),
})

const rules = z.strictObject(
  Object.fromEntries(
    [...REVIEW_RULES, ...READER_RULES].map((id) => [id, z.enum(RULE_SETTINGS).optional()] as const),
  ),
)

const review = z.strictObject({
  agent: z
    .boolean()
    .optional()
    .describe('A coding agent reads the plan too, before the gate; `review: agent` is the same (false).'),
  rules: rules
    .optional()
    .describe('How much the findings of a rule weigh, by its id: off, info, warning, error.'),
})

/** `./directory`, `~/directory`, `owner/repository` with a ref or without. */
const catalogue = z
  .string()
  .regex(
    /^(?:\.|(?:\.|~)\/(?!.*\.\.)[^\0\\]+|[\w.-]+\/[\w.-]+(?:@[\w./-]+)?)$/,
    './directory, ~/directory or owner/repository',
  )
  .max(300)

const research = z.strictObject({
  agent: z
    .union([z.boolean(), z.literal('always')])
    .optional()
    .describe(
      'A coding agent writes the cheat sheets that are missing, before the gate; `research: agent` is the same. always: it writes those too that packages and pages would give (false).',
    ),
  sources: z
    .record(z.string().min(1).max(100), z.url({ protocol: /^https?$/ }).max(1_000))
    .optional()
    .describe(
      'Documentation by technology or package: the address of an llms.txt or another page of text; needs `online`.',
    ),
})

const skills = z.strictObject({
  catalogues: z
    .array(catalogue)
    .max(50)
    .optional()
    .describe(
      'Catalogues of skills and agents: directories or GitHub repositories with .claude-plugin/marketplace.json.',
    ),
  install: z
    .boolean()
    .optional()
    .describe('What catalogues offer for a phase is used, in that run alone, and recorded (false).'),
})

/** `.github/orchestrate.yml` as written. */
export const written = z.strictObject({
  label: z
    .string()
    .trim()
    .min(1)
    .max(50)
    .optional()
    .describe(`The label that makes a pull request a gate (${DEFAULT_POLICY.label}).`),
  approve: approve.optional().describe('Who may pass the gate of a pull request.'),
  agent: z.enum(AGENT_NAMES).optional().describe('Which coding agent does the edits (claude).'),
  agent_command: command.optional().describe('The program of the agent "command".'),
  model: command.optional().describe('Model asked of the agent.'),
  models: models.optional().describe('Models of single kinds of steps, over `model` and under `--model`.'),
  agents: agents
    .optional()
    .describe(
      'Another agent for single kinds of steps, e.g. {review: codex}: by name, or with its agent_command.',
    ),
  max_parallel: slots.optional().describe('Agents at one time in a phase (3).'),
  max_parallel_phases: slots.optional().describe('Phases at one time (3).'),
  parallel: z
    .boolean()
    .optional()
    .describe('Phases without stated dependencies run side by side where files allow (false).'),
  with_optional: z
    .boolean()
    .optional()
    .describe(
      'Do the tasks too that a plan calls optional (asked at the gate; left out where nobody is there).',
    ),
  land: z
    .enum(LAND_POLICIES)
    .optional()
    .describe('When the branch that the plan came from is fast-forwarded (end).'),
  max_cost: z.number().positive().optional().describe('US dollars; no step starts above it.'),
  budgets: budgets.optional().describe('Limits that stop a step in the middle. max_cost only starts none.'),
  prices: z
    .record(z.string().trim().min(1).max(100), price)
    .optional()
    .describe(
      'US dollars for a million tokens, by model; "my-model-*" is all that begin so. Over our own table.',
    ),
  sandbox: z
    .enum(SANDBOX_MODES)
    .optional()
    .describe(
      'Whether agents, builds and tests run in a cage (auto: where one can be made; jobs require one).',
    ),
  sandbox_network: z
    .array(host)
    .max(100)
    .optional()
    .describe('Hosts that may be reached from the cage besides the model and the package registries.'),
  uncaged: z
    .array(z.enum(COMMAND_KINDS))
    .max(COMMAND_KINDS.length)
    .optional()
    .describe('Commands that run outside of the cage, e.g. [test] where tests start containers.'),
  dispatch: z
    .enum(['auto', 'team', 'classic'])
    .optional()
    .describe('How agents of a phase work together (auto).'),
  subprocess: z
    .boolean()
    .optional()
    .describe('True: every step is a process of its own; false: one agent does a whole phase (true).'),
  setup_cmd: command
    .optional()
    .describe('Makes a fresh worktree ready, e.g. "npm ci"; detected from the lockfile when left out.'),
  build_cmd: command.optional().describe('Builds the project.'),
  test_cmd: command.optional().describe('Tests the project.'),
  online: z
    .boolean()
    .optional()
    .describe('Matching and research may ask catalogues on GitHub and documentation sites (false).'),
  skills: skills.optional().describe('Where skills and agents come from besides .claude and the registry.'),
  research: research.optional().describe('How cheat sheets of technologies come about.'),
  limits: limits.optional(),
  review: review.optional().describe('What the review of plans looks for.'),
  protected_paths: z
    .array(z.string().min(1))
    .max(200)
    .optional()
    .describe('Globs of paths that no agent may change.'),
})
export type WrittenConfig = z.infer<typeof written>

/** Known keys by the path of the mapping they stand in, for "did you mean". */
export const KEYS: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(written.shape),
  limits: Object.keys(limits.shape),
  approve: Object.keys(approve.shape),
  models: Object.keys(models.shape),
  agents: Object.keys(agents.shape),
  budgets: Object.keys(budgets.shape),
  review: Object.keys(review.shape),
  'review.rules': Object.keys(rules.shape),
  skills: Object.keys(skills.shape),
  research: Object.keys(research.shape),
}

/** Sections whose one switch may be said in a word: `review: agent` is `review: { agent: true }`. */
const SHORT = ['review', 'research'] as const

export const asWritten = (content: unknown): unknown => {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return content
  const said = new Map(Object.entries(content))
  const short = SHORT.filter((key) => said.get(key) === 'agent')
  return { ...content, ...Object.fromEntries(short.map((key) => [key, { agent: true }])) }
}

function withShort<S extends { properties?: Record<string, unknown> | undefined }>(schema: S): S {
  const short = SHORT.map((key) => [key, { anyOf: [{ const: 'agent' }, schema.properties?.[key]] }] as const)
  return { ...schema, properties: { ...schema.properties, ...Object.fromEntries(short) } }
}

/** JSON Schema of the file, for editors; published as docs/orchestrate.schema.json. */
export function configJsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(written, { io: 'input' })
  return {
    $schema,
    title: 'Orchestrate: .github/orchestrate.yml',
    description: 'Settings of Orchestrate. What is left out has the default in brackets.',
    ...withShort(schema),
  }
}
