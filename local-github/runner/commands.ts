/** Workflow commands: what a step says to the runner on its output, and in the files that it is given. */

export interface Command {
  name: string
  properties: Record<string, string>
  value: string
}

const unescapeValue = (text: string) =>
  text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')
const unescapeProperty = (text: string) =>
  text
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n')
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%25', '%')

/** Reads `::name key=value,key=value::text`; undefined for a line that is none. */
export function parseCommand(line: string): Command | undefined {
  const match = /^\s*::([A-Za-z][\w-]*)(?: +([^:]*(?::(?!:)[^:]*)*))?::(.*)$/.exec(line)
  if (!match) return undefined
  const [, name = '', list = '', value = ''] = match
  const properties: Record<string, string> = {}
  for (const pair of list.split(',')) {
    const at = pair.indexOf('=')
    if (at > 0) properties[pair.slice(0, at).trim()] = unescapeProperty(pair.slice(at + 1))
  }
  return { name: name.toLowerCase(), properties, value: unescapeValue(value) }
}

/** Reads a file of `name=value` lines and `name<<DELIMITER` blocks. Throws with the real runner's words. */
export function parseEnvFile(content: string): [string, string][] {
  const result: [string, string][] = []
  const lines = content.split(/\r?\n/)
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? ''
    if (line === '') continue
    const equals = line.indexOf('=')
    const heredoc = line.indexOf('<<')
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      if (equals === 0) throw new Error(`Invalid format '${line}'`)
      result.push([line.slice(0, equals), line.slice(equals + 1)])
      continue
    }
    if (heredoc <= 0) throw new Error(`Invalid format '${line}'`)
    const name = line.slice(0, heredoc)
    const delimiter = line.slice(heredoc + 2)
    const end = delimiter === '' ? -1 : lines.indexOf(delimiter, index + 1)
    if (end < 0) throw new Error(`Invalid value. Matching delimiter not found '${delimiter}'`)
    result.push([name, lines.slice(index + 1, end).join('\n')])
    index = end
  }
  return result
}
