#!/usr/bin/env node
// Stands in for GitHub's `gh` in tests of the README: the commands that stand there, by the requests that `gh` makes for them.
// What the local GitHub has no route for (environments, secrets, variables) is kept in a file, where the runner reads it.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

const { GH_API, GH_TOKEN, GH_SETTINGS = '' } = process.env
const [group, verb, ...rest] = process.argv.slice(2)
const { flags, words } = read(rest)

const COMMANDS = {
  'label create': ([name]) => ask('POST', '/labels', { name }),
  'secret set': ([name]) =>
    keep(({ environments }) => {
      const environment = environments[one('--env')]
      if (environment === undefined) fail(`there is no environment ${one('--env')}`)
      environment.secrets[name] = readFileSync(0, 'utf8').trim()
    }),
  'variable set': ([name]) => keep(({ variables }) => (variables[name] = one('--body'))),
  'pr create': async () => {
    const { default_branch: base } = await ask('GET', '')
    await ask('POST', '/pulls', { title: one('--title'), body: one('--body'), head: branch(), base })
  },
  'pr edit': async () => {
    const pulls = await ask('GET', '/pulls?state=open')
    const { number } =
      pulls.find(({ head }) => head.ref === branch()) ?? fail('no pull request of this branch')
    await ask('POST', `/issues/${number}/labels`, { labels: [one('--add-label')] })
  },
}

if (group === 'api') api()
else await (COMMANDS[`${group} ${verb}`] ?? fail)(words)

/** Of environments what a runner has to know: that they are there, and which branches may use them. */
function api() {
  const {
    flags: given,
    words: [route = ''],
  } = read([verb, ...rest])
  const [, name = '', policies] =
    /^repos\/\{owner\}\/\{repo\}\/environments\/(\w+)(\/deployment-branch-policies)?$/.exec(route) ??
    fail(route)
  const [method] = given.get('--method') ?? []
  keep(({ environments }) => {
    if (method === 'PUT' && policies === undefined)
      environments[name] = { secrets: {}, branches: [], fields: given.get('-F') }
    else if (method === 'POST' && environments[name] !== undefined)
      environments[name].branches.push(given.get('-f')[0].replace('name=', ''))
    else fail(`${method} ${route}`)
  })
}

function read(args) {
  const flags = new Map()
  const words = []
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]
    if (!arg.startsWith('-')) words.push(arg)
    else flags.set(arg, [...(flags.get(arg) ?? []), args[++at]])
  }
  return { flags, words }
}

function one(flag) {
  const [value, ...more] = flags.get(flag) ?? []
  return value === undefined || more.length > 0 ? fail(`${flag} is not given once`) : value
}

function branch() {
  return execFileSync('git', ['branch', '--show-current'], { encoding: 'utf8' }).trim()
}

function keep(change) {
  const settings = JSON.parse(readFileSync(GH_SETTINGS, 'utf8'))
  change(settings)
  writeFileSync(GH_SETTINGS, JSON.stringify(settings))
}

async function ask(method, path, body) {
  const headers = { accept: 'application/vnd.github+json', authorization: `Bearer ${GH_TOKEN}` }
  const answer = await fetch(`${GH_API}${path}`, { method, headers, body: body && JSON.stringify(body) })
  if (!answer.ok) fail(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  return answer.json()
}

function fail(why) {
  console.error(`gh: ${process.argv.slice(2).join(' ')}: ${why}`)
  process.exit(1)
}
