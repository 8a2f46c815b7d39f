import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { bad, type Case, DONE, handedIn, outcomeWord } from '../case.ts'
import { hostileCheckout, INSTRUCTION } from '../hostile-checkout.ts'

const execute = promisify(execFile)

/** What reaches an agent: from the checkout nothing, from our environment nothing, from us the whole prompt. */
export const CHECKOUT: Case[] = [
  {
    name: 'checkout configures nothing',
    wanted: 'hooks, MCP servers, settings, plugins and instructions of the checkout are not used',
    async run({ cwd, call, plainly, requests }) {
      // Below the working directory, where they can be left from a cage too.
      const marks = join(cwd, 'marks')
      mkdirSync(marks)
      for (const [path, text] of hostileCheckout(marks)) {
        mkdirSync(dirname(join(cwd, path)), { recursive: true })
        writeFileSync(join(cwd, path), text)
      }
      await execute('git', ['init', '-q'], { cwd })
      const outcome = await call({ moves: [{ shell: 'true' }, { answer: DONE }] })
      const ran = readdirSync(marks)
      if (ran.length > 0) return bad(`ran ${ran.join(', ')}`)
      const read = requests().some(({ system, asked }) => `${system}${asked}`.includes(INSTRUCTION))
      if (read) return bad('its instructions reached the model')
      // That it would do so shows that the checkout is as hostile as it is meant to be.
      if ((await plainly({ moves: [{ say: 'Done.' }] })) && readdirSync(marks).length === 0)
        return bad('no hook ran without our flags either: nothing is proved')
      return handedIn(outcome, DONE)
    },
  },
  {
    name: 'environment of tools',
    wanted:
      "no key of a provider, no token of the job: not in the agent's own process, nor in any file that is its",
    async run({ cwd, call, secrets }) {
      const file = join(cwd, 'env.txt')
      const look = `(env; for p in /proc/[0-9]*; do if grep -qz ORCHESTRATE_PROCESS "$p/environ" 2>/dev/null; then tr '\\0' '\\n' < "$p/environ"; tr '\\0' ' ' < "$p/cmdline"; fi; done; find "$HOME" "\${TMPDIR:-$HOME}" '${dirname(file)}' -type f -size -4096k ! -name env.txt -exec cat {} +) > '${file}' 2>/dev/null; true`
      const outcome = await call({ moves: [{ shell: look }, { answer: DONE }] })
      if (!existsSync(file)) return bad(`no environment, ${outcomeWord(outcome)}`)
      const seen = readFileSync(file, 'utf8')
      if (!seen.includes('ORCHESTRATE_RUN=')) return bad('not the environment that we gave')
      const leaked = secrets.filter((secret) => seen.includes(secret))
      return leaked.length > 0 ? bad(`sees ${leaked.join(', ')}`) : handedIn(outcome, DONE)
    },
  },
  {
    name: 'prompt of 1 MB',
    wanted: 'reaches the model whole',
    async run({ call, requests }) {
      const user = `${'word '.repeat(200_000)}and the end of it.`
      const outcome = await call({ moves: [{ answer: DONE }] }, { prompt: { system: 'You read.', user } })
      if (!requests().some((one) => one.asked.includes(user)))
        return bad(`cut short, ${outcomeWord(outcome)}`)
      return handedIn(outcome, DONE)
    },
  },
  {
    name: 'prompt with ---',
    wanted:
      'a prompt that begins like an option, with commands of the program in it, reaches the model as it is',
    async run({ call, requests }) {
      const user = '---\ntitle: x\n---\n/help\n@missing.txt\n!ls\n--version\n'
      const outcome = await call({ moves: [{ answer: DONE }] }, { prompt: { system: '--- You read.', user } })
      const whole = requests().some((one) => one.asked.includes(user.trim()))
      return whole ? handedIn(outcome, DONE) : bad(`another prompt, ${outcomeWord(outcome)}`)
    },
  },
]
