/** What the agents of the plans in `test/fixtures/runs` have to see of the documents beside the tasks, and what not. */
import type { FakeCall } from '../support/fake-agent.ts'

interface Seen {
  phase: string
  unit: string
  /** Texts of its prompt: parts as text, whole documents by their path. */
  sees: readonly string[]
  /** What belongs to others. */
  not?: readonly string[]
}

const SEEN: Record<string, readonly Seen[]> = {
  'bmad-v4': [
    {
      phase: '1.7',
      unit: '1.7.2',
      sees: ['Task 2: Implement extract_specific()', 'Reuses _run_gitingest() helper', 'docs/prd.md'],
      not: ['wraps GitIngest CLI for full repository extraction'],
    },
  ],
  'bmad-v6': [
    {
      phase: '6.1',
      unit: '6.1.2',
      sees: ['2.2 In `server/src/ws/wsServer.ts`', 'broadcasts a presence:update offline for that user'],
      not: ['zero analytics, telemetry, or tracking packages', 'Create release workflow for cross-platform'],
    },
  ],
  gsd: [
    {
      phase: '3',
      unit: '03-02',
      sees: [
        'Create a shared `SolverConfig` contract',
        '`POST /api/simulations/dc-opf` — Run DC OPF on a model',
        'All simulation endpoints support both sync (fast) and async/job',
        '.planning/PROJECT.md',
      ],
      not: ['Add flow metadata DB and model contracts', 'List uploaded models with metadata'],
    },
    { phase: '4', unit: '04-01', sees: ['Inspect model topology and component summary'] },
  ],
  kiro: [
    {
      phase: '6',
      unit: '6.2',
      sees: ['SHALL support pagination parameters for', 'Requirement 6.1', 'cpu-optimization/design.md'],
      not: ['Remove or profile-gate'],
    },
  ],
  openspec: [
    {
      phase: '1',
      unit: '1.2',
      sees: ['proposal.md', 'design.md', 'specs/module-documentation/spec.md'].map(
        (name) => `openspec/changes/update-module-docs/${name}`,
      ),
    },
  ],
  'plan-md': [{ phase: '2', unit: '2.1', sees: ['honour a configurable diff command'] }],
  'spec-kit': [
    {
      phase: '3',
      unit: 'T006',
      sees: [
        'invalid Git credentials are provided, **Then** the system logs an initialization error',
        ...['plan.md', 'research.md', 'data-model.md', 'contracts/sync-api.md'].map(
          (name) => `specs/002-gitops-sync/${name}`,
        ),
      ],
      not: ['the API rejects the request as unauthorized'],
    },
  ],
  superpowers: [
    {
      phase: '2',
      unit: '',
      sees: ['Keep the existing route and page structure, but update', 'Step 2: Preserve page integration'],
      not: ['Update printable content hierarchy'],
    },
  ],
  'task-master': [
    {
      phase: '2',
      unit: '2.4',
      sees: [
        'Develop ckboost-protocol-type as the central governor',
        'Test strategy: Unit tests for each contract function',
        'Include multi-signature and timelock mechanisms',
      ],
      not: ['Wallet-based Authentication Flow'],
    },
  ],
}

/** What was not in the prompts of the agents that implement, or was in one to which it does not belong. */
export function unseen(
  name: string,
  calls: readonly Pick<FakeCall, 'step' | 'phase' | 'unit' | 'prompt'>[],
): string[] {
  const wanted = SEEN[name]
  if (wanted === undefined) return [`nothing is said of ${name}`]
  return wanted.flatMap(({ phase, unit, sees, not = [] }) => {
    const call = calls.find((one) => one.step === 'implement' && one.phase === phase && one.unit === unit)
    if (call === undefined) return [`no agent implemented ${unit} of ${phase}`]
    return [
      ...sees.filter((text) => !call.prompt.includes(text)).map((text) => `${phase} ${unit} misses: ${text}`),
      ...not.filter((text) => call.prompt.includes(text)).map((text) => `${phase} ${unit} sees too: ${text}`),
    ]
  })
}
