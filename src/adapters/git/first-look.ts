import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { type Env, gitEnv } from './environment.ts'
import { QUIET } from './git.ts'
import { STATUS_FLAGS } from './status.ts'

/** What one command said; undefined where it could not be asked. */
export type Said = Promise<{ code: number; output: string } | undefined>

/** What every start asks git, asked before anything else of us is loaded. */
export interface FirstLook {
  /** Where it was asked: of another directory it says nothing. */
  cwd: string
  version: Said
  place: Said
  config: Said
  /** Undefined too where it was left out. */
  status: Said
}

export const VERSION: readonly string[] = ['version']
/** The root comes last: a bare repository has none, and git ends there with what it printed before. */
export const PLACE: readonly string[] = [
  'rev-parse',
  '--path-format=absolute',
  '--git-common-dir',
  '--is-bare-repository',
  '--is-shallow-repository',
  '--show-object-format',
  '--show-toplevel',
]
export const CONFIG: readonly string[] = ['config', '--list', '-z']
export const CHECKOUT: readonly string[] = [...STATUS_FLAGS, '--branch', '--untracked-files=all']
/** The user's index is only looked at. */
export const READ_ONLY = { GIT_OPTIONAL_LOCKS: '0' }

const words = (args: readonly string[]): string => args.map((arg) => `'${arg}'`).join(' ')

/** One after the other; behind the output of each the mark and its exit code. */
const SCRIPT = `
end() { printf '\\n%s %s\\n' "$mark" "$1"; }
mark=$1 status=$2
git ${words(VERSION)}; end $?
place=$(git ${words(PLACE)}); code=$?
printf '%s\\n' "$place"; end $code
git ${words(CONFIG)}; end $?
test $code = 0 && test -n "$status" && cd "\${place##*
}" && git ${words([...QUIET, ...CHECKOUT])}; end $?
`

/**
 * Asks by one process of a small shell, which runs while our own code is read. Each answer is there as soon as git has given it.
 * Whatever goes wrong (no shell, no git, no repository) leaves answers undefined or with their exit code: who needs one asks
 * git again, and says what is wrong. The status of a large checkout is the one that takes long: not every caller needs it.
 */
export function lookFirst(cwd: string, env: Env, { status: withStatus } = { status: true }): FirstLook {
  const mark = randomBytes(16).toString('hex')
  const child = spawn('sh', ['-c', SCRIPT, 'sh', mark, withStatus ? 'status' : ''], {
    cwd,
    env: { ...gitEnv(env), ...READ_ONLY },
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
    windowsHide: true,
  })
  const answers = [answer(), answer(), answer(), answer()] as const
  let given = 0
  let text = ''
  let looked = 0
  // Paths are bytes: they pass as Latin-1 and become text when an answer is whole.
  child.stdout.setEncoding('latin1')
  child.stdout.on('data', (chunk: string) => {
    text += chunk
    for (;;) {
      const at = text.indexOf(`\n${mark} `, looked)
      const end = at < 0 ? -1 : text.indexOf('\n', at + 1)
      if (end < 0) {
        looked = at < 0 ? Math.max(0, text.length - mark.length - 1) : at
        return
      }
      const output = Buffer.from(text.slice(0, at), 'latin1').toString('utf8')
      answers[given++]?.give({ code: Number(text.slice(at + mark.length + 2, end)), output })
      text = text.slice(end + 1)
      looked = 0
    }
  })
  const ended = (): void => answers.forEach(({ give }) => give(undefined))
  child.on('error', ended)
  child.on('close', ended)
  const [version, place, config, status] = answers
  return { cwd, version: version.said, place: place.said, config: config.said, status: status.said }
}

function answer(): { said: Said; give: (said: Awaited<Said>) => void } {
  let give: (said: Awaited<Said>) => void = () => undefined
  const said: Said = new Promise((resolve) => (give = resolve))
  return { said, give }
}
