/** What a registry entry goes by, the more telling first. */
export const KINDS = ['extension', 'domain', 'language', 'generic'] as const
export type Kind = (typeof KINDS)[number]

/** Phases that show one of `match` get this agent type and these skills. */
export interface RegistryEntry {
  by: Kind
  /** For `extension` endings (".tsx") and file names ("Dockerfile"), else key words. */
  match: readonly string[]
  agent: string
  skills: readonly string[]
}

export interface Registry {
  entries: readonly RegistryEntry[]
  /** Skills that need no file: what an agent should keep in mind, a few sentences. */
  texts: Readonly<Record<string, string>>
}

const entry = (by: Kind, match: string, agent: string, ...skills: string[]): RegistryEntry => ({
  by,
  match: match.split(', '),
  agent,
  skills,
})

/** What we ship. A project puts its own over it in `.orchestrate/skills.json`. */
export const DEFAULT_REGISTRY: Registry = {
  entries: [
    entry('extension', '.tsx, .jsx', 'frontend-engineer', 'react'),
    entry('extension', '.vue, .svelte, .astro, .css, .scss, .less, .html', 'frontend-engineer', 'web-ui'),
    entry('extension', '.swift, .xib, .storyboard', 'mobile-engineer', 'apple-platforms'),
    entry('extension', '.kt, .kts, AndroidManifest.xml', 'mobile-engineer', 'android'),
    entry('extension', '.dart', 'mobile-engineer', 'flutter'),
    entry('extension', '.sql, .prisma', 'database-engineer', 'schema-changes'),
    entry(
      'extension',
      '.tf, .tfvars, Dockerfile, docker-compose.yml, compose.yaml, Chart.yaml',
      'infrastructure-engineer',
      'infrastructure',
    ),
    entry('extension', '.ipynb', 'data-engineer', 'data-pipelines'),
    entry('extension', '.ts, .mts, .cts', 'typescript-engineer', 'typescript'),
    entry('extension', '.js, .mjs, .cjs', 'javascript-engineer'),
    entry('extension', '.py, .pyi', 'python-engineer', 'python'),
    entry('extension', '.rs', 'rust-engineer', 'rust'),
    entry('extension', '.go', 'go-engineer', 'go'),
    entry('extension', '.java, .scala, .gradle', 'jvm-engineer'),
    entry('extension', '.cs, .csproj, .fs', 'dotnet-engineer'),
    entry('extension', '.rb, .erb', 'ruby-engineer'),
    entry('extension', '.php', 'php-engineer'),
    entry('extension', '.c, .h, .cc, .cpp, .hpp, .m, .mm, .zig', 'systems-engineer', 'systems'),
    entry('extension', '.ex, .exs', 'elixir-engineer'),
    entry('extension', '.sh, .bash, .zsh, .ps1', 'shell-engineer', 'shell'),
    entry(
      'domain',
      'authentication, authorization, oauth, oidc, jwt, rbac, encryption, csrf, xss, 认证, 鉴权, 权限',
      'security-engineer',
      'security',
    ),
    entry(
      'domain',
      'database, schema, migration, migrations, postgres, postgresql, mysql, sqlite, 数据库, 迁移',
      'database-engineer',
      'schema-changes',
    ),
    entry(
      'domain',
      'docker, kubernetes, terraform, helm, deployment, ci/cd, observability, 部署, 容器',
      'infrastructure-engineer',
      'infrastructure',
    ),
    entry(
      'domain',
      'machine learning, model training, embeddings, rag, fine-tuning, pytorch, inference, 模型训练, 向量',
      'ml-engineer',
      'machine-learning',
    ),
    entry(
      'domain',
      'etl, data pipeline, dataset, warehouse, pandas, spark, airflow, 数据处理',
      'data-engineer',
      'data-pipelines',
    ),
    entry(
      'domain',
      'react, next.js, vue, svelte, tailwind, ui, ux, accessibility, component, components, frontend, 前端, 界面, 页面, 组件',
      'frontend-engineer',
      'web-ui',
    ),
    entry(
      'domain',
      'rest, graphql, grpc, endpoint, endpoints, webhook, webhooks, backend, api, 后端, 接口',
      'backend-engineer',
      'api-design',
    ),
    entry(
      'domain',
      'ios, android, swiftui, jetpack compose, react native, flutter, mobile app, 小程序',
      'mobile-engineer',
    ),
    entry(
      'domain',
      'performance, profiling, latency, throughput, benchmark, benchmarks, 性能',
      'performance-engineer',
      'performance',
    ),
    entry('language', 'typescript', 'typescript-engineer', 'typescript'),
    entry('language', 'javascript, node.js', 'javascript-engineer'),
    entry('language', 'python', 'python-engineer', 'python'),
    entry('language', 'rust', 'rust-engineer', 'rust'),
    entry('language', 'golang', 'go-engineer', 'go'),
    entry('language', 'kotlin, java, spring boot', 'jvm-engineer'),
    entry('language', 'swift', 'mobile-engineer', 'apple-platforms'),
    entry('language', 'c#, .net', 'dotnet-engineer'),
    entry('language', 'ruby, rails', 'ruby-engineer'),
    entry('language', 'php, laravel', 'php-engineer'),
    entry('language', 'c++', 'systems-engineer', 'systems'),
    entry('language', 'bash, shell script', 'shell-engineer', 'shell'),
    entry('generic', 'tests, test, testing, coverage, e2e, 测试', 'test-engineer', 'testing'),
    entry(
      'generic',
      'documentation, readme, docs, guide, changelog, 文档',
      'documentation-writer',
      'documentation',
    ),
    entry('generic', 'refactor, refactoring, cleanup, restructure, 重构', 'software-engineer', 'refactoring'),
    entry('generic', 'cli, command line, command-line, library, package, sdk', 'software-engineer'),
  ],
  texts: {
    react:
      'State lives as low as it can; effects synchronise with something outside and clean up after themselves. Keys are stable ids. Every async view has a loading, an empty and an error state.',
    'web-ui':
      'Use the elements that mean it (button, label, nav), reachable by keyboard and named for screen readers. Reuse the design tokens that are there. Long text, no data and small screens are normal cases.',
    'apple-platforms':
      'UI state changes on the main actor; closures that outlive their owner capture it weakly. Respect Dynamic Type and dark mode. Follow the deployment target for API availability.',
    android:
      'No work on the main thread; scope coroutines to a lifecycle. State survives rotation and process death. Texts come from resources.',
    flutter:
      'Dispose controllers and subscriptions. Check `mounted` after an await that is followed by use of the context. Prefer const widgets.',
    'schema-changes':
      'Every change of the schema is a migration that works on existing data and on a table in use; say how to go back. Add columns nullable or with a default, backfill, then constrain. Index what is filtered and joined by.',
    infrastructure:
      'Pin versions of images and providers. No secret in a file or layer: name the variable. Least privilege, health checks, resource limits. What is applied must be safe to apply twice.',
    typescript:
      'Make illegal states unrepresentable: unions over optional flags, `unknown` over `any`, validation where data enters. Follow the tsconfig’s strictness and module style that are there.',
    python:
      'Type the public functions. Context managers for what must be closed, no mutable default arguments, specific exceptions. Use the project’s environment and formatter, not new ones.',
    rust: 'Errors are `Result` with context; no `unwrap` outside of tests and proven invariants. Borrow before you clone. Keep `unsafe` out or justify it in a SAFETY comment. Clippy stays clean.',
    go: 'Handle every error once, wrapped with what was tried. Pass a context first, stop every goroutine you start, keep interfaces small and on the side of the user.',
    systems:
      'Every allocation has an owner and an end. Check sizes and overflow before use. No undefined behaviour; compile with warnings on and run the sanitizers that are set up.',
    shell:
      'Quote every expansion, `set -euo pipefail`, no parsing of ls. Works with spaces in paths and twice in a row.',
    security:
      'Check authorization where the data is read, not only in the UI. Compare secrets in constant time, store passwords with a slow hash, give tokens an end. Never log credentials. Test what must be refused.',
    'machine-learning':
      'Fix seeds, keep training, validation and test data apart, and compute no statistic over all of them. Record data, parameters and version with each result.',
    'data-pipelines':
      'Each step can run twice with the same result. Validate what comes in, count what is dropped and say so. Stream what does not fit in memory. Times carry their zone.',
    'api-design':
      'Validate input at the border and answer with the status that fits. Errors have one shape. Lists have limits. What exists keeps working: add, do not change.',
    performance:
      'Measure first, change one thing, measure again, and keep the numbers. Look for repeated work and needless I/O before micro-optimizations.',
    testing:
      'A test names a behaviour and fails when it breaks. Cover the error paths and the edges. No sleeping, no order, no network; real collaborators where they are cheap.',
    documentation:
      'Start with what a reader wants to do. Every command and example is one that runs. Say what is not covered. Link instead of repeating.',
    refactoring:
      'Behaviour stays the same: have tests before you move code, go in small steps that each build, and mix in no new feature.',
  },
}
