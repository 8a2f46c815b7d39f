/** All routes that are ours. */
import type { Api } from '../http/api.ts'
import type { Standing } from '../http/limits.ts'
import { json } from '../http/reply.ts'
import { graphql } from '../graphql/execute.ts'
import { actionsRoutes } from './actions.ts'
import { appRoutes } from './apps.ts'
import { checkRoutes } from './checks.ts'
import { commentRoutes } from './comments.ts'
import { commitRoutes } from './commits.ts'
import { contentRoutes } from './contents.ts'
import { gitDataRoutes } from './git-data.ts'
import { gitRoutes } from './git-http.ts'
import { issueRoutes } from './issues.ts'
import { mergeRoutes } from './merges.ts'
import { pullRoutes } from './pulls.ts'
import { refRoutes } from './refs.ts'
import { repositoryRoutes } from './repositories.ts'
import { reviewCommentRoutes } from './review-comments.ts'
import { reviewRoutes } from './reviews.ts'
import { statusRoutes } from './statuses.ts'

/** `root` is where bare repositories are made. */
export function allRoutes(api: Api, root: string): void {
  api.route('POST', '/graphql', graphql)
  api.route('GET', '/rate_limit', (call) => {
    const of = (resource: string): Standing => call.world.limits.standing(call.actor, resource)
    const resources = { core: of('core'), search: of('search'), graphql: of('graphql') }
    return json({ resources, rate: resources.core })
  })
  for (const add of [
    pullRoutes,
    mergeRoutes,
    reviewRoutes,
    reviewCommentRoutes,
    issueRoutes,
    commentRoutes,
    checkRoutes,
    statusRoutes,
    refRoutes,
    gitDataRoutes,
    contentRoutes,
    commitRoutes,
    actionsRoutes,
    appRoutes,
    gitRoutes,
  ])
    add(api)
  repositoryRoutes(api, root)
}
