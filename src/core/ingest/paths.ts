/** Paths in the text of plans. */
import type { Block } from '../text/blocks.ts'

/** Endings of files that projects hold; a bare word with another ending ("v1.2", "e.g.") is no path. */
const ENDINGS = new Set(
  (
    'ts tsx js jsx mjs cjs mts cts json jsonc json5 md mdx markdown txt rst adoc py pyi ipynb rb rs go java kt kts scala groovy gradle c h cc cpp cxx hpp ' +
    'hh m mm swift cs fs fsx vb php pl pm lua r jl ex exs erl hrl hs ml mli clj cljs edn el lisp dart zig nim v sv vhd vhdl sol vy move cairo ' +
    'html htm css scss sass less styl vue svelte astro ejs hbs pug liquid njk twig jinja j2 tmpl tpl xml xsd xsl svg png jpg jpeg gif webp ico ' +
    'yaml yml toml ini cfg conf properties env lock sql prisma graphql gql proto thrift avsc csv tsv parquet sh bash zsh fish ps1 bat cmd mk cmake ' +
    'tf tfvars hcl nix dockerfile bazel bzl bicep plist xib storyboard pbxproj entitlements wasm wat glsl vert frag wgsl metal cu cuh snap feature ' +
    'spec test rules example template sample patch diff pem crt key jks ttf woff woff2 mp3 wav mp4 glb gltf po pot pug mustache ex heex'
  ).split(' '),
)
const NAMES =
  /^(?:dockerfile|makefile|rakefile|gemfile|procfile|jenkinsfile|vagrantfile|justfile|codeowners|\.?(?:env|gitignore|gitattributes|dockerignore|npmrc|nvmrc|editorconfig)(?:\.[a-z]+)?)$/i
/** What every path has, or one of the names that need none of it. */
const MAYBE = /[./]|file|owners|env|git|ignore|rc|config/i
const TOKEN =
  /`([^`\n]{1,300})`|\[[^\]\n]{0,200}\]\(([^)\s]{1,300})\)|([^\s`"'“”‘’()（）<>,，、;；|]{2,300})/gu

export interface PathOptions {
  /** In a list or column of files: folders, globs and names without a known ending count too. */
  listed?: boolean
}

/** The paths that a text names, each once, in written order. Relative to the repository's root, without a leading "./". */
export function pathsIn(text: string, options: PathOptions = {}): string[] {
  const found = new Set<string>()
  for (const match of text.slice(0, 20_000).matchAll(TOKEN)) {
    const path = toPath(
      match[1] ?? match[2] ?? match[3] ?? '',
      options.listed === true,
      match[1] !== undefined,
    )
    if (path !== undefined) found.add(path)
  }
  return [...found]
}

function toPath(token: string, listed: boolean, code: boolean): string | undefined {
  if (!MAYBE.test(token)) return undefined
  const text = token
    .replace(/^\*{1,2}(?=[^*])|(?<=[^*/])\*{1,2}$/gu, '')
    // emphasis where it stands on both sides: `__init__.py` is a name
    .replace(/^(_{1,2})([^_].*[^_])\1$/u, '$2')
    .replace(/[.,:;!?。，：；]+$/u, '')
    .replace(/(?::\d+(?:[-,:]\d+)*|#L?\d.*)$/u, '')
    .replace(/^\.\//, '')
  if (
    text === '' ||
    text.length > 260 ||
    /\s|:\/\/|^[a-z]+:|^[#@$~%&=!?\\]|^\/|^[-–—]|[{}=|"'\\]|\.\.\.|…|^\.\.?$|\(\)/iu.test(text)
  ) {
    return undefined
  }
  if (/^(?:\d+[./]?)+$|^v?\d+(?:\.\d+)+$/u.test(text)) return undefined
  if (text.split('/').some((part) => part === '..')) return undefined
  const name = text.split('/').at(-1) ?? ''
  if (NAMES.test(name)) return text
  const ending = /[^.]\.([a-z0-9]{1,12})$/i.exec(name)?.[1]?.toLowerCase()
  if (ending !== undefined && ENDINGS.has(ending)) {
    // "Next.js", "Three.js" are products
    if (!text.includes('/') && !code && /^(?:[A-Z]\w+\.(?:js|io|py)|\w+\.io)$/u.test(text)) return undefined
    return text
  }
  if (!text.includes('/')) return listed && text.includes('*') && text.includes('.') ? text : undefined
  // a folder or glob: only in code or where files are listed, and never "and/or"
  if (
    /^[\w.@[\]()-]+(?:\/[\w.@*[\]()-]*)+$/u.test(text) &&
    (listed || (code && /\/$|\*\*?$|^(?:src|lib|app|test|tests|docs|packages|crates)\//u.test(text)))
  ) {
    return /\*|\/$|\/.*\//u.test(text) || code ? text : undefined
  }
  return undefined
}

/** The paths that paragraphs and lists below an item name. */
export function nestedPaths(blocks: readonly Block[]): string[] {
  const paths: string[] = []
  for (const block of blocks) {
    if (block.kind === 'paragraph') for (const line of block.lines) paths.push(...pathsIn(line.text))
    if (block.kind === 'list')
      for (const item of block.items) paths.push(...pathsIn(item.text), ...nestedPaths(item.blocks))
  }
  return paths
}
