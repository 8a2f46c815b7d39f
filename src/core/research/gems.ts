import type { ProjectFiles } from '../ports.ts'
import { absent } from './absent.ts'
import type { Installed } from './installed.ts'
import { sheet } from './other-packages.ts'
import type { Pinned } from './pinned.ts'

const READMES = ['README.md', 'Readme.md', 'readme.md', 'README.markdown']

/** A gem, vendored by Bundler, or where `gem install` and rbenv put it. */
export async function fromGems(pinned: Pinned, files: ProjectFiles): Promise<Installed> {
  const { name, version } = pinned
  const own = `gems/${name}-${version}`
  const vendored = await files.glob(`vendor/bundle/ruby/*/${own}/*`)
  const below =
    vendored.length > 0 ? vendored : await files.globHome(`{.gem,.local/share/gem}/ruby/*/${own}/*`)
  const path = below.find((one) => READMES.includes(one.split('/').at(-1) ?? ''))
  if (path === undefined) return absent(pinned)
  const isHome = vendored.length === 0
  const text = (await (isHome ? files.readHome(path) : files.read(path))) ?? ''
  return sheet(pinned, text, {
    description: '',
    sources: [isHome ? `~/${path}` : path],
    install: `bundle add ${name} --version ${version}`,
    exports: [],
    versionNotes: [],
  })
}

/** Maven's artifacts are class files: nothing in them is written for people. What is known comes from sheets and look-ups. */
export const fromMaven = ({ name, version, lockfile }: Pinned): Promise<Installed> =>
  Promise.resolve({
    ok: false,
    why: `${lockfile} ${version === '' ? 'declares' : 'pins'} ${`${name} ${version}`.trim()}, and an artifact of Maven has no README`,
  })
