import type { ProjectFiles } from '../ports.ts'
import { absent } from './absent.ts'
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

/** By the version that is installed where no exact one is pinned, as far as an ecosystem tells it. */
export const readInstalled = async (pinned: Pinned, files: ProjectFiles): Promise<Installed> =>
  pinned.version !== '' || pinned.ecosystem === 'npm' || pinned.ecosystem === 'pypi'
    ? await READERS[pinned.ecosystem](pinned, files)
    : absent(pinned)
