import { ENVIRONMENT, LABEL, WORKFLOW } from '../core/model/forge-names.ts'

/** Stands in the workflow wherever a user names the repository that the Action comes from. */
export const OUR_PLACE = 'OWNER/REPOSITORY@COMMIT'

/** What follows `init --github`, the first where the workflow does not name us yet. The README's commands are the same. */
export const GITHUB_NEXT: readonly string[] = [
  `Where .github/workflows/${WORKFLOW} says ${OUR_PLACE} (twice with /setup in between), write the repository of Orchestrate and a commit of it.`,
  'Commit workflow and configuration to the default branch: on GitHub they count from nowhere else.',
  `Make the label, and an environment that holds the agent's key:
gh label create ${LABEL}
gh api --method PUT repos/{owner}/{repo}/environments/${ENVIRONMENT}
gh secret set ANTHROPIC_API_KEY --env ${ENVIRONMENT}`,
  `With the App (buttons, a check that only it can write): host it as docs/hosting.md says, then
gh variable set ORCHESTRATE_APP --body true
gh variable set ORCHESTRATE_APP_ID --body APP_ID`,
  `Open a pull request with a plan, set the label ${LABEL} on it, and read the check.`,
]

/** What `init` writes. Every setting is commented out: the file changes nothing until somebody decides so. */
export const CONFIG_TEXT = `# Settings of Orchestrate. They count once they are committed: a run reads this file from HEAD.
# Flags of the command line go over what stands here. An unknown key is an error.

# agent: claude              # claude, command or scripted
# agent_command: node my-agent.mjs
# model: sonnet
# models:                    # over model, for single kinds of steps
#   implement: opus
#   review: sonnet
#   fix: sonnet
#   research: haiku
# agents:                    # another agent for single kinds of steps: here what one wrote, the other reviews
#   review: codex
# max_parallel: 3            # agents at one time in a phase
# max_parallel_phases: 3
# parallel: false            # phases without stated dependencies run side by side where files allow
# with_optional: false       # do the tasks too that a plan calls optional
# land: end                  # when your branch is fast-forwarded: end, each, none
# max_cost: 5                # US dollars; no step starts above it
# budgets:                   # US dollars; these also stop a step in the middle
#   run: 10
#   phase: 4
#   step: 1
# prices:                    # US dollars for a million tokens, where our table is wrong
#   my-model-*: { input: 3, output: 15 }
# sandbox: auto              # caged where a cage can be made; required, off. Jobs require one
# sandbox_network: []        # hosts that may be reached from there besides the model and package registries
# uncaged: []                # setup, build, test: what runs outside, e.g. tests that start containers
# online: false              # matching and research may ask GitHub and documentation sites
# research: agent            # an agent writes the cheat sheets that nothing else gives
# skills: { catalogues: [] } # ./directory or owner/repository with .claude-plugin/marketplace.json
# dispatch: auto             # auto, team, classic
# subprocess: true           # false: one agent does a whole phase
# setup_cmd: npm ci          # makes a fresh worktree ready; detected from the lockfile when left out
# build_cmd: npm run build
# test_cmd: npm test
# limits:
#   step_seconds: 600
#   extra_seconds: 300       # once, for a step that was active in the last minute
#   idle_seconds: 300
#   wait_seconds: 21600      # so long a run stays where the model has no room
#   check_seconds: 900
#   disk_mb: 10000           # what a step, build or test may write; also: files, processes, memory_mb, free_mb
# protected_paths:           # no agent may change these
#   - migrations/**
# review:
#   rules:                   # off, info, warning, error; all: orchestrate explain
#     no-docs: off

# On GitHub, read from the base branch of the pull request:
# label: orchestrate         # makes a pull request a gate
# approve:
#   role: write              # who may approve: write, maintain, admin
#   other_person: auto       # than author and pushers: auto (where more than one may write), always, never
#   reviews: false           # an approving review counts as /approve
#   bots: never
`

export const PLAN_TEXT = `# A greeting on the command line

## Phase 1: Greet by name

Prints a greeting for the name that is given.

### Tasks

- [ ] Create the function \`greet(name)\` in src/greet.mjs
- [ ] Create tests for it in test/greet.test.mjs

### Acceptance criteria

- AC-1: \`greet("Kim")\` returns "Hello, Kim!"
- AC-2: an empty name is refused with an error that says so

## Phase 2: Command line

Depends on: Phase 1

### Tasks

- [ ] Create src/cli.mjs, which prints the greeting for its first argument
- [ ] Create a test in test/cli.test.mjs that starts it as a process

### Acceptance criteria

- AC-3: \`node src/cli.mjs Kim\` prints "Hello, Kim!" and exits 0
- AC-4: without an argument it prints its usage and exits 2
`
