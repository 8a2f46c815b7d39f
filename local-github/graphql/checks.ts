/** Check suites and their runs. */
import { nodeId } from '../render/account.ts'
import { runsOfSuite, suiteState } from '../render/check.ts'
import type { CheckRun, CheckSuite, Repository } from '../state/records.ts'
import { appNode } from './actors.ts'
import { connection, type PageArguments } from './connection.ts'
import type { Context } from './context.ts'

const upper = (text: string | null): string | null => text?.toUpperCase() ?? null

export function suiteNodes(
  context: Context,
  repo: Repository,
  sha: string,
  args: PageArguments & { filterBy?: { appId?: number; checkName?: string } },
): unknown {
  const { appId, checkName } = args.filterBy ?? {}
  const suites = repo.suites.filter(
    (suite) =>
      suite.sha === sha &&
      (appId == null || suite.appId === appId) &&
      (checkName == null || runsOfSuite(repo, suite).some((run) => run.name === checkName)),
  )
  return connection(suites, args, 'checkSuites', (suite) => suiteNode(context, repo, suite))
}

interface RunFilter {
  checkType?: 'ALL' | 'LATEST'
  appId?: number
  checkName?: string
  status?: string
}

function suiteNode(context: Context, repo: Repository, suite: CheckSuite): Record<string, unknown> {
  const app = context.world.apps.get(suite.appId)
  const { status, conclusion } = suiteState(repo, suite)
  return {
    __typename: 'CheckSuite',
    id: nodeId('CheckSuite', suite.id),
    databaseId: suite.id,
    app: app ? appNode(context.world, app) : null,
    status: upper(status),
    conclusion: upper(conclusion),
    createdAt: suite.createdAt,
    updatedAt: suite.updatedAt,
    checkRuns: (args: PageArguments & { filterBy?: RunFilter }) => {
      const filter = args.filterBy ?? {}
      const runs = runsOfSuite(repo, suite).filter(
        (run) =>
          (filter.checkName == null || run.name === filter.checkName) &&
          (filter.appId == null || filter.appId === suite.appId) &&
          (filter.status == null || filter.status === upper(run.status)),
      )
      const latest = runs.filter((run) => !runs.some((other) => other.name === run.name && other.id > run.id))
      return connection(filter.checkType === 'ALL' ? runs : latest, args, 'checkRuns', (run) =>
        runNode(context, repo, run),
      )
    },
  }
}

export function runNode(context: Context, repo: Repository, run: CheckRun): Record<string, unknown> {
  const url = `${context.world.url}/${repo.fullName}/runs/${run.id}`
  return {
    __typename: 'CheckRun',
    id: nodeId('CheckRun', run.id),
    databaseId: run.id,
    name: run.name,
    status: upper(run.status),
    conclusion: upper(run.conclusion),
    externalId: run.externalId,
    detailsUrl: run.detailsUrl ?? url,
    permalink: url,
    url,
    title: run.title,
    summary: run.summary,
    text: run.text,
    startedAt: run.startedAt,
    completedAt: run.completedAt,
    checkSuite: () => suiteNode(context, repo, run.suite),
  }
}
