import tseslint from 'typescript-eslint'

// The arrows of docs/design.md: shells → adapters → core; a stage imports only model/, ports.ts and itself.
const shells = ['**/cli/**', '**/app/**', '**/action/**']
const stages = ['ingest', 'review', 'match', 'research', 'gate', 'run', 'execute', 'record', 'report']
const forbid = (groups, message) => ['error', { patterns: [{ group: groups, message }] }]

export default tseslint.config(
  { ignores: ['build/', 'dist/', 'coverage/', '.cache/', 'test/fixtures/'] },
  ...tseslint.configs.recommended,
  {
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'env',
          message: 'Only shells read the environment: take it as a parameter.',
        },
      ],
    },
  },
  {
    files: [
      'src/cli/**',
      'src/action/**',
      'src/app/main.ts',
      'scripts/**',
      'test/**',
      'bench/**',
      'conformance/**',
      'local-github/**',
      'demo/**',
      '*.mjs',
      'src/adapters/agents/scripted/program.ts',
    ],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: ['src/adapters/**'],
    rules: { 'no-restricted-imports': forbid(shells, 'Adapters do not import shells.') },
  },
  {
    files: ['src/core/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: [...shells, '**/adapters/**'], message: 'Core does not import shells or adapters.' },
            {
              group: ['node:fs', 'node:fs/*', 'node:child_process', 'node:http', 'node:net', 'execa'],
              message: 'Core does no I/O of its own: use a port.',
            },
          ],
        },
      ],
    },
  },
  ...stages.map((stage) => ({
    files: [`src/core/${stage}/**`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: [...shells, '**/adapters/**'], message: 'Core does not import shells or adapters.' },
            {
              group: ['node:fs', 'node:fs/*', 'node:child_process', 'node:http', 'node:net', 'execa'],
              message: 'Core does no I/O of its own: use a port.',
            },
            {
              group: stages
                .filter((s) => s !== stage)
                .map((s) => `../${s}/**`)
                .concat(stages.filter((s) => s !== stage).map((s) => `../../${s}/**`)),
              message: 'Stages meet only in pipeline.ts.',
            },
          ],
        },
      ],
    },
  })),
)
