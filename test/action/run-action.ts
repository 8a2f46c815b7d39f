import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { packageRoot, run } from '../support/cli.ts'

/** A workflow command, read as the runner reads it. */
export interface Command {
  name: string
  properties: Record<string, string>
  message: string
}

export interface ActionRun {
  code: number | null
  commands: Command[]
  /** Lines of stdout that are no command. */
  log: string[]
  stderr: string
  outputs: Record<string, string>
  summary: string
}

/** The committed bundle, run as the runner runs it: inputs as variables, outputs and summary through files of `scratch`. */
export async function runAction(
  inputs: Record<string, string>,
  { workspace, scratch }: { workspace: string; scratch: string },
): Promise<ActionRun> {
  const [output, summary] = [join(scratch, 'output'), join(scratch, 'summary')]
  await Promise.all([writeFile(output, ''), writeFile(summary, '')])
  const { code, stdout, stderr } = await run(process.execPath, [join(packageRoot, 'dist', 'index.js')], {
    cwd: workspace,
    env: {
      GITHUB_WORKSPACE: workspace,
      GITHUB_OUTPUT: output,
      GITHUB_STEP_SUMMARY: summary,
      ...Object.fromEntries(Object.entries(inputs).map(([k, v]) => [`INPUT_${k.toUpperCase()}`, v])),
    },
  })
  const lines = stdout.split(/\r\n|\r|\n/).filter((line) => line !== '')
  return {
    code,
    commands: lines.flatMap((line) => readCommand(line) ?? []),
    log: lines.filter((line) => readCommand(line) === undefined),
    stderr,
    outputs: readOutputs(await readFile(output, 'utf8')),
    summary: await readFile(summary, 'utf8'),
  }
}

/** `::name key=value,key=value::message`; escapes as in actions/runner, ActionCommand.cs. */
function readCommand(line: string): Command | undefined {
  const [, name = '', list = '', message = ''] = /^\s*::(\S+?)(?: (.*?))?::(.*)$/.exec(line) ?? []
  if (name === '') return undefined
  const pairs = list.split(',').filter((pair) => pair !== '')
  const properties = pairs.map((pair): [string, string] => {
    const at = pair.indexOf('=')
    return [pair.slice(0, at), unescaped(pair.slice(at + 1))]
  })
  return { name, properties: Object.fromEntries(properties), message: unescaped(message) }
}

const unescaped = (text: string): string =>
  text
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n')
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%25', '%')

/** `name<<delimiter`, the value's lines, `delimiter`. */
function readOutputs(text: string): Record<string, string> {
  const outputs: Record<string, string> = {}
  const lines = text.split('\n')
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    if (line === '') continue
    const [name = '', delimiter = ''] = line.split('<<')
    const end = lines.indexOf(delimiter)
    if (delimiter === '' || end === -1) throw new Error(`not an output: ${line}`)
    outputs[name] = lines
      .splice(0, end + 1)
      .slice(0, -1)
      .join('\n')
  }
  return outputs
}
