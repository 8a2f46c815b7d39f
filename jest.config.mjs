// Tests are ESM TypeScript, transpiled file by file; `npm run types` checks the types.
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/nightly/'],
  transform: { '^.+\\.ts$': '<rootDir>/test/transform.mjs' },
  testTimeout: 60_000,
  maxWorkers: 2,
}
