import type { ProjectFiles } from '../ports.ts'
import { fromNodeModules } from './npm-package.ts'
import { fromGems, fromMaven } from './gems.ts'
import { fromCrates, fromGoModules, fromSitePackages } from './other-packages.ts'
import type { Material } from './inspect.ts'
import type { Pinned } from './pinned.ts'
import type { PackageFacts } from './sheet.ts'
import type { Ecosystem } from './technologies.ts'

/** What is installed of a pinned package, or why no sheet can be made of it; with what it says of itself. */
export type Installed = { material?: Material[] } & (
  { ok: true; facts: PackageFacts } | { ok: false; why: string }
)

const READERS: Readonly<Record<Ecosystem, (pinned: Pinned, files: ProjectFiles) => Promise<Installed>>> = {
  npm: fromNodeModules,
  pypi: fromSitePackages,
  cargo: fromCrates,
  go: fromGoModules,
  maven: fromMaven,
  gem: fromGems,
}

export const readInstalled = (pinned: Pinned, files: ProjectFiles): Promise<Installed> =>
  READERS[pinned.ecosystem](pinned, files)
