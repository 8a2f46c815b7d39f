/** Build and tests of a project: how to run them where nobody says so, and what a runner's output says. */
export { detectCommands, type Detected, type Found } from './detect-commands.ts'
export { parseCounts, type TestCounts } from './parse-counts.ts'
