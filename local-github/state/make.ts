/** Makes accounts, repositories, labels, Apps and tokens. */
import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { GitRepository } from '../git/repository.ts'
import { writeFiles } from '../git/write-files.ts'
import { isoNow } from './time.ts'
import type { Account, Label, Repository, World } from './records.ts'
import { accountOfLogin, repositoryOf } from './find.ts'

export const newToken = (prefix: 'ghp' | 'ghs'): string => `${prefix}_${randomBytes(18).toString('hex')}`

export function makeAccount(
  world: World,
  login: string,
  type: Account['type'],
  more: { id?: number; appId?: number } = {},
): Account {
  if (accountOfLogin(world, login)) throw new Error(`the login ${login} is taken`)
  const { id = world.nextId(), ...rest } = more
  const account: Account = { id, login, type, createdAt: isoNow(world), ...rest }
  world.accounts.set(login.toLowerCase(), account)
  return account
}

export function emailOf(account: Account): string {
  return `${account.id}+${account.login}@users.noreply.github.com`
}

const blank = (
  world: World,
): Pick<
  Repository,
  | 'issues'
  | 'labels'
  | 'suites'
  | 'checks'
  | 'statuses'
  | 'protections'
  | 'createdAt'
  | 'updatedAt'
  | 'pushedAt'
> => ({
  issues: new Map(),
  labels: new Map(),
  suites: [],
  checks: new Map(),
  statuses: [],
  protections: new Map(),
  createdAt: isoNow(world),
  updatedAt: isoNow(world),
  pushedAt: isoNow(world),
})

export async function makeRepository(
  world: World,
  root: string,
  input: {
    owner: Account
    name: string
    private: boolean
    defaultBranch: string
    files: Readonly<Record<string, string>> | undefined
  },
): Promise<Repository> {
  const fullName = `${input.owner.login}/${input.name}`
  if (repositoryOf(world, fullName)) throw new Error(`the repository ${fullName} exists`)
  const git = await GitRepository.create(path.join(root, `${fullName}.git`), input.defaultBranch)
  if (input.files) await firstCommit(git, input.owner, input.defaultBranch, input.files)
  const repo: Repository = {
    id: world.nextId(),
    owner: input.owner,
    name: input.name,
    fullName,
    private: input.private,
    defaultBranch: input.defaultBranch,
    description: null,
    git,
    roles: new Map(),
    ...blank(world),
  }
  world.repositories.set(fullName.toLowerCase(), repo)
  return repo
}

export async function makeFork(
  world: World,
  root: string,
  parent: Repository,
  owner: Account,
): Promise<Repository> {
  const fullName = `${owner.login}/${parent.name}`
  const git = await GitRepository.copy(parent.git, path.join(root, `${fullName}.git`))
  const repo: Repository = {
    id: world.nextId(),
    owner,
    name: parent.name,
    fullName,
    private: parent.private,
    defaultBranch: parent.defaultBranch,
    description: parent.description,
    parent,
    git,
    roles: new Map(),
    ...blank(world),
  }
  world.repositories.set(fullName.toLowerCase(), repo)
  return repo
}

async function firstCommit(
  git: GitRepository,
  owner: Account,
  branch: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const writes = await Promise.all(
    Object.entries(files).map(async ([file, text]) => ({
      path: file,
      mode: text.startsWith('#!') ? '100755' : '100644',
      sha: await git.writeBlob(text),
    })),
  )
  const tree = await writeFiles(git, undefined, writes)
  const author = { name: owner.login, email: emailOf(owner) }
  const sha = await git.writeCommit({ tree, parents: [], message: 'Initial commit\n', author })
  await git.updateRef(`refs/heads/${branch}`, sha)
}

/** The label of that name, made where there is none, as adding an unknown label to an issue does. */
export function labelNamed(world: World, repo: Repository, name: string): Label {
  const found = repo.labels.get(name.toLowerCase())
  if (found) return found
  const label = { id: world.nextId(), name, color: 'ededed', description: null }
  repo.labels.set(name.toLowerCase(), label)
  return label
}

export const nextNumber = (repo: Repository): number => Math.max(0, ...repo.issues.keys()) + 1
