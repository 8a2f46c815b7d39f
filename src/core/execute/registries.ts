/** Where a project's own files have its packages come from, besides the public registries that everybody reaches. */
import { type NamedRegistry, REGISTRIES, REGISTRY_FILES } from '../model/registries.ts'

export interface Registries {
  named: NamedRegistry[]
  /** What is to be known of them before somebody approves, a sentence each. */
  notes: string[]
}

/** Enough for any project; a lockfile that names more is looked at by somebody. */
const MOST = 40
/** Lockfiles are large; what names hosts in them does so in the first of its lines as well as in the last. Characters. */
const MOST_TEXT = 20_000_000

/** An address as files of package managers write it: registry+, sparse+ and git's own before it are theirs. */
const ADDRESS =
  /(?<![\w.])(?:[a-z]{1,10}\+)?https?:\/\/(?:([^\s/@"'<>]{0,500})@)?(\[[^\]\s]*\]|[^\s/:"'<>,;)}\]]{1,253})(:\d{1,5})?/gi

/** What each file calls an address that packages come from: the next one behind it in the same line. */
const NAMES: Readonly<Record<string, RegExp>> = {
  '.npmrc': /^\s*(?:@[\w.-]+:)?registry\s*=/i,
  '.yarnrc': /^\s*"?(?:@[\w.-]+:)?registry"?\s/i,
  '.yarnrc.yml': /^\s*(?:npmRegistryServer|npmPublishRegistry|"?https?:\/\/)/,
  'bunfig.toml': /registry|url\s*=|^\s*"?@?[\w-]+"?\s*=/,
  'package-lock.json': /"resolved":/,
  'npm-shrinkwrap.json': /"resolved":/,
  'yarn.lock': /^\s*resolved\s|::__archiveUrl=/,
  'pnpm-lock.yaml': /tarball:/,
  'pip.conf': /^\s*(?:(?:extra-)?index-url|find-links)\s*=|^\s+https?:/,
  'pyproject.toml': /^\s*(?:url|index-url|extra-index-url|default-index|index)\s*=/,
  Pipfile: /^\s*url\s*=/,
  'uv.lock': /registry\s*=|url\s*=/,
  'poetry.lock': /^\s*url\s*=/,
  'uv.toml': /^\s*(?:url|index-url|extra-index-url)\s*=/,
  '.cargo/config.toml': /^\s*(?:index|registry)\s*=/,
  '.cargo/config': /^\s*(?:index|registry)\s*=/,
  'Cargo.lock': /^\s*source\s*=/,
  'pom.xml': /<url>/,
  'build.gradle': /\burl\b|maven\s*\(/,
  'build.gradle.kts': /\burl\b|maven\s*\(/,
  'settings.gradle': /\burl\b|maven\s*\(/,
  'settings.gradle.kts': /\burl\b|maven\s*\(/,
  Gemfile: /^\s*source\s/,
  'Gemfile.lock': /^\s*remote:/,
  'composer.json': /"url"\s*:/,
  'nuget.config': /<add\b[^>]*\bvalue\s*=/i,
  'NuGet.Config': /<add\b[^>]*\bvalue\s*=/i,
}
const REQUIREMENTS = /(?:^|\s)(?:-i|--index-url|--extra-index-url|--find-links|-f)[\s=]/

/** Parts of a file that name registries, where an address elsewhere is somebody's home page. Until the next such line, or this one's. */
interface Block {
  from: RegExp
  to: RegExp
  /** Whether the line that ends a block is still of it. */
  closes?: boolean
}
const table = (names: string): Block => ({ from: new RegExp(`^\\[+(?:${names})`), to: /^\[/ })
const GRADLE: Block = { from: /\bmaven\b\s*[({]/, to: /[)}]/, closes: true }
const BLOCKS: Readonly<Record<string, Block>> = {
  'pyproject.toml': table('tool\\.poetry\\.source|tool\\.uv\\b|tool\\.pdm\\.source|tool\\.hatch|tool\\.rye'),
  'poetry.lock': table('package\\.source'),
  Pipfile: table('source'),
  'bunfig.toml': table('install'),
  '.cargo/config.toml': table('registries|registry|source'),
  '.cargo/config': table('registries|registry|source'),
  'pom.xml': { from: /<(?:pluginR|r)epository>/, to: /<\/(?:pluginR|r)epository>/, closes: true },
  'build.gradle': GRADLE,
  'build.gradle.kts': GRADLE,
  'settings.gradle': GRADLE,
  'settings.gradle.kts': GRADLE,
}

/** Keys by which files carry what lets somebody in. What stands for a variable is none. */
const CREDENTIAL =
  /(?:_authToken|_auth|_password|npmAuthToken|npmAuthIdent|ClearTextPassword)"?\s*(?:=|:|\s+value\s*=)\s*["']?(?!\s|["']|\$)\S/i
const BY_VARIABLE =
  /(?:_authToken|_auth|_password|npmAuthToken|npmAuthIdent)"?\s*[=:]\s*["']?\$\{?([A-Za-z_]\w*)/

/** Hosts of the project's own registries, by the files at one commit. `read` gives nothing for a file that is not there. */
export async function namedRegistries(
  read: (path: string) => Promise<string | undefined>,
): Promise<Registries> {
  const found = new Map<string, NamedRegistry>()
  const notes: string[] = []
  const texts = await Promise.all(REGISTRY_FILES.map(async (file) => ({ file, text: await read(file) })))
  for (const { file, text } of texts) {
    if (text === undefined || text.length > MOST_TEXT) continue
    const { hosts, refused, secret, variable } = look(file, text)
    for (const host of hosts) if (found.size < MOST && !found.has(host)) found.set(host, { host, file })
    if (refused.length > 0)
      notes.push(
        `${file} names ${refused.slice(0, 3).join(', ')} for packages: addresses without a public name are not reached from the cage.`,
      )
    if (secret)
      notes.push(
        `${file} holds a key of a registry, and whoever works in the tree can read it: take it out of the repository and make a new one.`,
      )
    if (variable !== undefined)
      notes.push(
        `${file} takes a key from ${variable}, which nothing in the cage is given: packages that need it are to be there before (\`uncaged: [setup]\` where the project's own set-up may have it).`,
      )
  }
  return { named: [...found.values()], notes }
}

interface Look {
  hosts: Set<string>
  refused: string[]
  secret: boolean
  variable: string | undefined
}

function look(file: string, text: string): Look {
  const names = new RegExp(NAMES[file] ?? REQUIREMENTS, 'gi')
  const blocks = BLOCKS[file]
  const seen: Look = { hosts: new Set(), refused: [], secret: false, variable: undefined }
  let inside = blocks === undefined
  for (const line of text.split('\n')) {
    const part = line.trim()
    if (blocks !== undefined && blocks.closes !== true && blocks.to.test(part)) inside = false
    if (blocks?.from.test(part) === true) inside = true
    const isIn = inside
    if (blocks?.closes === true && blocks.to.test(part)) inside = false
    seen.secret ||= CREDENTIAL.test(line)
    seen.variable ??= BY_VARIABLE.exec(line)?.[1]
    if (!isIn || /^\s*(?:#|\/\/|;)/.test(line)) continue
    for (const { index } of line.matchAll(names)) {
      ADDRESS.lastIndex = index
      const [, user = '', name = '', port = ''] = ADDRESS.exec(line) ?? []
      if (name === '') continue
      if (user.includes(':') && !user.includes('$')) seen.secret = true
      const host = `${name.toLowerCase()}${port === ':443' ? '' : port}`
      // A variable of the shell or of the tool: nobody knows what it stands for.
      if (name.includes('$') || PUBLIC.has(host)) continue
      if (PUBLIC_NAME.test(host)) seen.hosts.add(host)
      else if (!seen.refused.includes(host)) seen.refused.push(host)
    }
  }
  return seen
}

/** As `sandbox_network` takes it: neither an address nor a name of this machine or its network alone. */
const PUBLIC_NAME = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z](?:[a-z0-9-]*[a-z0-9])?(?::\d{1,5})?$/
/** Everybody reaches them anyway, or they stand in a file for what is no registry. */
const PUBLIC = new Set<string>([...REGISTRIES, 'www.w3.org', 'maven.apache.org', 'schemas.microsoft.com'])
