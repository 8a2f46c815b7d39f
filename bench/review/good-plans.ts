import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { PLAN_TEXT } from '../../src/cli/templates.ts'
import type { Files } from './edit.ts'
import type { GoodPlan } from './suite.ts'

/** The plan below "## Bad" or "## Good" of a rule's page: each fence is a file, named in the paragraph before it. */
export function exampleIn(page: string, title: 'Bad' | 'Good'): Files {
  // Plans have headings of the same level, so that only these two words part a page.
  const parts = page.split(/^## (Bad|Good)$/m)
  const section = parts[parts.indexOf(title) + 1] ?? ''
  const fences = section.matchAll(/(?:^`([^`\n]+)`\n\n)?^(`{3,})markdown\n([\s\S]*?)^\2$/gm)
  return Object.fromEntries([...fences].map(([, name = 'task_plan.md', , text = '']) => [name, text]))
}

/** Plans that are known to be good: those of the rules' pages, what `init` writes, and the demo's. `root` is the project's. */
export function goodPlans(root: string): GoodPlan[] {
  const pages = join(root, 'docs', 'rules')
  return [
    { name: 'init', files: { 'task_plan.md': PLAN_TEXT } },
    { name: 'demo', files: plansIn(join(root, 'demo', 'plan')) },
    ...readdirSync(pages)
      .filter((name) => name !== 'README.md')
      .map((name) => ({ name, files: exampleIn(readFileSync(join(pages, name), 'utf8'), 'Good') })),
  ]
}

/** The Markdown files below a directory, by path. */
export function plansIn(dir: string, prefix = ''): Files {
  return Object.assign(
    {},
    ...readdirSync(dir)
      .sort()
      .map((name): Files => {
        const path = join(dir, name)
        if (statSync(path).isDirectory()) return plansIn(path, `${prefix}${name}/`)
        return name.endsWith('.md') ? { [`${prefix}${name}`]: readFileSync(path, 'utf8') } : {}
      }),
  ) as Files
}
