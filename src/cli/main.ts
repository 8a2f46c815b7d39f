#!/usr/bin/env node
import { existsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { lookFirst } from '../adapters/git/first-look.ts'
import type { printHelp as PrintHelp } from './help.ts'
import { loadProgram } from './load-program.ts'
import type { program as Program } from './program.ts'
import type { Shell } from './shell.ts'

declare const ORCHESTRATE_VERSION: string
/** The bundle of everything else, and the one that can only print help; their names carry a hash. */
declare const ORCHESTRATE_PROGRAM: string
declare const ORCHESTRATE_HELP: string

/** Node 20.18.1: what our newest dependency (@inquirer/prompts 8) and `engines` ask for. */
const NEEDED: readonly [number, number, number] = [20, 18, 1]

const [major = 0, minor = 0, patch = 0] = process.versions.node.split('.').map(Number)
const [neededMajor, neededMinor, neededPatch] = NEEDED
const tooOld =
  major < neededMajor ||
  (major === neededMajor && (minor < neededMinor || (minor === neededMinor && patch < neededPatch)))

if (tooOld) {
  process.stderr.write(
    `error: Node ${process.versions.node} is too old: Orchestrate needs ${NEEDED.join('.')} or newer.\n` +
      '  hint: Install a newer Node (https://nodejs.org, or `nvm install 22`) and try again.\n',
  )
  process.exitCode = 2
} else {
  const here = dirname(fileURLToPath(import.meta.url))
  const shell: Shell = {
    cwd: process.cwd(),
    env: process.env,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    version: ORCHESTRATE_VERSION,
    nodeVersion: process.versions.node,
    load: (specifier) => import(specifier),
    packageRoot: packageRoot(here),
    program:
      process.env['npm_lifecycle_event'] === 'orchestrate' ? 'npm run -s orchestrate --' : 'orchestrate',
  }
  const argv = process.argv.slice(2)
  if (!mayAskForHelp(argv) || !help(argv, shell, here)) {
    // Before anything large is read, so that git answers meanwhile.
    const look = startsRun(argv) ? lookFirst(placeAsked(argv, shell.cwd), shell.env) : undefined
    const { program } = loadProgram<{ program: typeof Program }>(join(here, ORCHESTRATE_PROGRAM))
    process.exitCode = await program(argv, { ...shell, ...(look === undefined ? {} : { look }) })
    // All of ours is closed. Node would still take its heap apart, which nobody has to wait for.
    await Promise.all([process.stdout, process.stderr].map(flushed))
    process.exit()
  }
}

function help(argv: readonly string[], shell: Shell, here: string): boolean {
  const { printHelp } = loadProgram<{ printHelp: typeof PrintHelp }>(join(here, ORCHESTRATE_HELP))
  return printHelp(argv, shell)
}

/** What really is asked for, the parser says. */
function mayAskForHelp(argv: readonly string[]): boolean {
  const words = ['--help', '-h', 'help', '--version', '-V']
  return argv.length === 0 || argv.some((arg) => words.includes(arg))
}

/** Resolves when what was written is out, or can never be. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()))
}

function startsRun([command]: readonly string[]): boolean {
  return command === 'run' || command === 'resume'
}

/** Where the command will open the repository: the plan's directory, most likely. Guessed wrong, git is asked again. */
function placeAsked([, ...words]: readonly string[], cwd: string): string {
  const asked = words.find((word) => !word.startsWith('-') && isDirectory(resolve(cwd, word)))
  return resolve(cwd, asked ?? '.')
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

function packageRoot(from: string): string {
  return existsSync(join(from, 'package.json')) || dirname(from) === from ? from : packageRoot(dirname(from))
}
