import { input, output } from '../runner.mjs'

console.log(
  `Node ${input('node-version') || 'of any version'} was asked for; this machine's ${process.version} is used.`,
)
output('node-version', process.version)
output('cache-hit', 'false')
