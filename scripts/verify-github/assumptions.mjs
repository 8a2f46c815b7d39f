// What we rely on GitHub to do. `docs/assumptions.md` is made from this list, and `npm run verify-github` tries it.
// `try` returns what it saw and throws where GitHub behaves otherwise; without one, `untried` says why.

const same = (seen, wanted, what) => {
  if (seen !== wanted) throw new Error(`${what}: ${seen}, and we rely on ${wanted}`)
  return `${what}: ${seen}`
}
const has = (text, part) => {
  if (!text.includes(part)) throw new Error(`no "${part}" in: ${text.trim().split('\n').slice(-2).join(' ')}`)
  return `said "${part}"`
}
const DOCS = 'https://docs.github.com/en'
const NEEDS_WORKFLOW = 'needs a workflow on the default branch, which this command does not put there'
const NEEDS_APP = 'needs an App installation: a personal token may not write check runs'

export const ASSUMPTIONS = [
  {
    group: 'Git',
    id: 'custom-refs',
    text: 'Refs outside `refs/heads` and `refs/tags` can be pushed by whoever may push: the ledger lives in `refs/orchestrate/*`.',
    source: 'git; GitHub documents no limit: our belief',
    test: 'test/local-github/push.test.ts',
    try: async (at) => {
      const { entry } = at.run()
      return has(at.git('ls-remote', 'origin', at.ledger), entry.slice(0, 12))
    },
  },
  {
    group: 'Git',
    id: 'atomic-with-leases',
    text: '`git push --atomic` with a lease per ref moves all refs or none: a claim and the branches that belong to it.',
    source: 'https://git-scm.com/docs/git-push',
    test: 'test/adapters/git/published-ledger.test.ts',
    try: async (at) => {
      const { head, entry } = at.run()
      const next = at.commit('stale', head)
      const said = at.refusedBy(
        'push',
        '--atomic',
        `--force-with-lease=${at.ledger}:${head}`,
        'origin',
        `${at.commit('stale', entry)}:${at.ledger}`,
        `${next}:refs/heads/${at.branch}`,
      )
      has(said, 'stale info')
      return has(at.git('ls-remote', 'origin', `refs/heads/${at.branch}`), head.slice(0, 12))
    },
  },
  {
    group: 'Git',
    id: 'not-a-fast-forward',
    text: 'Moving a branch through the API without `force` refuses what is no fast-forward with 422: landing never overwrites a push.',
    source: `${DOCS}/rest/git/refs#update-a-reference`,
    test: 'test/adapters/github/branches.test.ts',
    try: async (at) => {
      at.run()
      const back = at.octokit.rest.git.updateRef({
        ...at.repository,
        ref: `heads/${at.branch}`,
        sha: at.clone(),
        force: false,
      })
      return same(await at.statusOf(back), 422, 'status')
    },
  },
  {
    group: 'Git',
    id: 'ledger-by-graphql',
    text: "GraphQL resolves `object(expression:)` for a ref outside `refs/heads`, with its history and messages: the App reads a run's ledger in one request.",
    source: `${DOCS}/graphql/reference/objects#repository; that it takes such refs is our belief`,
    test: 'test/adapters/github/ledger.test.ts',
    try: async (at) => {
      const { entry } = at.run()
      const query = `query($owner: String!, $repo: String!, $ref: String!) { repository(owner: $owner, name: $repo) {
        object(expression: $ref) { ... on Commit { history(first: 1) { nodes { oid message } } } } } }`
      const { repository } = await at.octokit.graphql(query, {
        owner: at.owner,
        repo: at.repo,
        ref: at.ledger,
      })
      return same(repository.object?.history.nodes[0]?.oid, entry, 'newest entry')
    },
  },
  {
    group: 'Git',
    id: 'branches-of-a-run',
    text: 'GraphQL lists branches below `refs/heads/orchestrate/` that a `query` fits: the runs of a pull request come with its facts.',
    source: `${DOCS}/graphql/reference/objects#repository`,
    test: 'test/adapters/github/pull.test.ts',
    try: async (at) => {
      at.run()
      const query = `query($owner: String!, $repo: String!, $of: String!) { repository(owner: $owner, name: $repo) {
        refs(refPrefix: "refs/heads/orchestrate/", query: $of, first: 10) { nodes { name } } } }`
      const { repository } = await at.octokit.graphql(query, { owner: at.owner, repo: at.repo, of: at.name })
      return same(repository.refs.nodes[0]?.name, `${at.name}/plan`, 'branch')
    },
  },
  {
    group: 'Git',
    id: 'no-workflow-files-by-job-token',
    text: 'A GITHUB_TOKEN cannot push changes below `.github/workflows`: the review says so before money is spent.',
    source: `${DOCS}/actions/security-for-github-actions/security-guides/automatic-token-authentication`,
    test: 'test/local-github/push.test.ts',
    untried: NEEDS_WORKFLOW,
  },
  {
    group: 'What starts what',
    id: 'job-token-starts-nothing',
    text: 'What a GITHUB_TOKEN pushes or writes starts no workflow; `workflow_dispatch` and `repository_dispatch` are the exceptions.',
    source: `${DOCS}/actions/how-tos/write-workflows/choose-when-workflows-run/trigger-a-workflow`,
    test: 'test/local-github/runner/trust.test.ts',
    untried: NEEDS_WORKFLOW,
  },
  {
    group: 'What starts what',
    id: 'job-token-webhooks',
    text: 'Webhooks of what a GITHUB_TOKEN did are still sent to Apps: the App hears of checkpoints.',
    source: 'our belief',
    test: 'test/local-github/deliveries.test.ts',
    untried: NEEDS_APP,
  },
  {
    group: 'What starts what',
    id: 'default-branch-file',
    text: "`pull_request_target`, `issue_comment`, `schedule` and a dispatch on the default branch run the default branch's workflow file.",
    source: `${DOCS}/actions/reference/workflows-and-actions/events-that-trigger-workflows`,
    test: 'test/local-github/runner/trust.test.ts',
    untried: NEEDS_WORKFLOW,
  },
  {
    group: 'What starts what',
    id: 'dispatch-unknown-workflow',
    text: 'Dispatching a workflow that is not on the default branch answers 404: then we say how to add it.',
    source: `${DOCS}/rest/actions/workflows#create-a-workflow-dispatch-event`,
    test: 'test/adapters/github/workflows.test.ts',
    try: async (at) => {
      const ref = (await at.octokit.rest.repos.get(at.repository)).data.default_branch
      const asked = at.octokit.rest.actions.createWorkflowDispatch({
        ...at.repository,
        workflow_id: `${at.name}.yml`,
        ref,
      })
      return same(await at.statusOf(asked), 404, 'status')
    },
  },
  {
    group: 'Checks',
    id: 'checks-by-apps-only',
    text: 'Only Apps (the Actions token among them) write check runs: a person cannot forge one.',
    source: `${DOCS}/rest/checks/runs#create-a-check-run`,
    test: 'test/local-github/tokens.test.ts',
    try: async (at) => {
      const { head } = at.run()
      const made = at.octokit.rest.checks.create({ ...at.repository, name: at.name, head_sha: head })
      return same(await at.statusOf(made), 403, 'status')
    },
  },
  {
    group: 'Checks',
    id: 'checks-on-a-head',
    text: "A check run with an explicit `head_sha` shows in the pull request's checks; a dispatched workflow's own does not.",
    source: `${DOCS}/rest/checks/runs; the second half is our belief`,
    test: 'test/local-github/tokens.test.ts',
    untried: NEEDS_APP,
  },
  {
    group: 'Checks',
    id: 'check-limits',
    text: 'A check run takes 50 annotations a request (updates append), 3 buttons, 65,535 characters of summary.',
    source: `${DOCS}/rest/checks/runs#create-a-check-run`,
    test: 'test/adapters/github/checks.test.ts',
    untried: NEEDS_APP,
  },
  {
    group: 'Checks',
    id: 'button-to-its-app',
    text: '`check_run.requested_action` goes to the App that made the check run, and starts no workflow for checks that Actions made.',
    source: `${DOCS}/apps/creating-github-apps/writing-code-for-a-github-app/building-ci-checks-with-a-github-app`,
    test: 'test/nightly/github-contract.test.ts',
    untried: NEEDS_APP,
  },
  {
    group: 'Checks',
    id: 'check-by-its-app',
    text: 'Only the App that made a check run can change it, and a change that names only `external_id` leaves the rest: what the App notes of a pressed button is its word.',
    source: `${DOCS}/rest/checks/runs#update-a-check-run; what is left out stays as it is by our belief`,
    test: 'test/app/trust.test.ts',
    untried: NEEDS_APP,
  },
  {
    group: 'Checks',
    id: 'completed-again-running',
    text: 'A completed check run may be set back to `in_progress` and to another conclusion: a gate that was open closes when the plan changes.',
    source: `${DOCS}/rest/checks/runs#update-a-check-run; that a completed one may be reopened is our belief`,
    test: 'test/adapters/github/checks.test.ts',
    untried: NEEDS_APP,
  },
  {
    group: 'Comments',
    id: 'comment-limit',
    text: 'A comment of more than 65,536 characters is refused with 422; ours stay under 58,000.',
    source: 'our measurement of the API; documented for issues nowhere',
    test: 'test/core/report/gate-limits.test.ts',
    try: async (at) => {
      const { number } = await at.pull()
      const long = at.octokit.rest.issues.createComment({
        ...at.repository,
        issue_number: number,
        body: 'x'.repeat(65_537),
      })
      return same(await at.statusOf(long), 422, 'status')
    },
  },
  {
    group: 'Comments',
    id: 'reaction-once',
    text: 'The same reaction by the same account twice is one: the second answer is 200, not 201. That is how a command is marked as taken.',
    source: `${DOCS}/rest/reactions/reactions#create-reaction-for-an-issue-comment`,
    test: 'test/adapters/github/comments.test.ts',
    try: async (at) => {
      const { id } = await at.comment()
      const react = () =>
        at.statusOf(
          at.octokit.rest.reactions.createForIssueComment({
            ...at.repository,
            comment_id: id,
            content: 'rocket',
          }),
        )
      return same(`${await react()}, ${await react()}`, '201, 200', 'statuses')
    },
  },
  {
    group: 'Comments',
    id: 'edited-comment',
    text: 'GraphQL tells that a comment was edited (`lastEditedAt`) or hidden (`isMinimized`): an edited approval grants nothing.',
    source: `${DOCS}/graphql/reference/objects#issuecomment`,
    test: 'test/adapters/github/comments.test.ts',
    try: async (at) => {
      const { id, node_id: node } = await at.comment()
      await at.octokit.rest.issues.updateComment({
        ...at.repository,
        comment_id: id,
        body: '/status, said again',
      })
      const query =
        'query($id: ID!) { node(id: $id) { ... on IssueComment { lastEditedAt isMinimized viewerDidAuthor } } }'
      const { node: seen } = await at.octokit.graphql(query, { id: node })
      if (seen.lastEditedAt === null) throw new Error('lastEditedAt is null after an edit')
      return same(
        `${seen.isMinimized}, ${seen.viewerDidAuthor}`,
        'false, true',
        'isMinimized, viewerDidAuthor',
      )
    },
  },
  {
    group: 'People',
    id: 'role-name',
    text: "The collaborator's permission endpoint gives `role_name` (triage and maintain too), for people who are no collaborators as well.",
    source: `${DOCS}/rest/collaborators/collaborators#get-repository-permissions-for-a-user`,
    test: 'test/adapters/github/pull.test.ts',
    try: async (at) => {
      const { data: me } = await at.octokit.rest.users.getAuthenticated()
      const { data } = await at.octokit.rest.repos.getCollaboratorPermissionLevel({
        ...at.repository,
        username: me.login,
      })
      if (typeof data.role_name !== 'string') throw new Error('no role_name')
      return `role_name: ${data.role_name}`
    },
  },
  {
    group: 'Pull requests',
    id: 'files-by-graphql',
    text: 'GraphQL lists the files of a pull request with their kind of change, 100 a page: the gate finds the plan in the request that reads the pull request.',
    source: `${DOCS}/graphql/reference/objects#pullrequestchangedfile`,
    test: 'test/adapters/github/pull.test.ts',
    try: async (at) => {
      const { number } = await at.pull()
      const query = `query($owner: String!, $repo: String!, $number: Int!) { repository(owner: $owner, name: $repo) {
        pullRequest(number: $number) { files(first: 100) { nodes { path changeType } } } } }`
      const { repository } = await at.octokit.graphql(query, { owner: at.owner, repo: at.repo, number })
      const [file] = repository.pullRequest.files.nodes
      return same(`${file?.path} ${file?.changeType}`, `${at.name}.txt ADDED`, 'file')
    },
  },
  {
    group: 'Pull requests',
    id: 'many-blobs',
    text: 'One GraphQL query reads the texts of a whole directory: the number of requests does not grow with the number of specs.',
    source: `${DOCS}/graphql/reference/objects#tree`,
    test: 'test/adapters/github/files.test.ts',
    try: async (at) => {
      const { head } = at.run()
      const query = `query($owner: String!, $repo: String!, $at: String!) { repository(owner: $owner, name: $repo) {
        object(expression: $at) { ... on Tree { entries { name object { ... on Blob { text } } } } } } }`
      const { repository } = await at.octokit.graphql(query, {
        owner: at.owner,
        repo: at.repo,
        at: `${head}:`,
      })
      const entry = repository.object.entries.find(({ name }) => name === `${at.name}.txt`)
      return same(entry?.object.text, `${at.name}\n`, 'text').trim()
    },
  },
]
