// Tests with the real Claude Code, against a scripted model on loopback: `npm run test:claude`. Not part of `npm test`, since
// they need its binary, which scripts/install-agent.mjs fetches.
import base from './jest.config.mjs'

export default {
  ...base,
  testMatch: ['<rootDir>/test/nightly/claude*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
}
