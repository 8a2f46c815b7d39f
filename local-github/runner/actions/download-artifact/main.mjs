import { cpSync, existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fail, input, output } from '../runner.mjs'

const source = join(process.env.RUNNER_ARTIFACTS ?? '.', process.env.GITHUB_RUN_ID ?? '0', input('name'))
const target = resolve(process.env.GITHUB_WORKSPACE ?? '.', input('path'))
if (!existsSync(source)) fail(`Unable to download artifact(s): Artifact not found for name: ${input('name')}`)
else {
  cpSync(source, target, { recursive: true })
  output('download-path', target)
}
