// What takes longer than a test run should: `npm run test:nightly`. It starts the built program, so `npm run build` comes first.
import base from './jest.config.mjs'

export default {
  ...base,
  testMatch: ['<rootDir>/test/nightly/{formats,kill-*,github-*,attack-*,cage-*,fuzz,lead-*,units*}.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 180_000,
}
