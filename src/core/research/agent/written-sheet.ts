import type { SheetArtifact } from '../../model/finding.ts'
import { clean, oneLine } from '../../text/clean.ts'
import { sanitize } from '../../text/sanitize.ts'
import { type Inspect, suspicion } from '../inspect.ts'
import type { ToWrite } from '../research.ts'
import { writeSheet } from '../sheet.ts'

export type WrittenSheet = { ok: true; text: string } | { ok: false; why: string }

/**
 * The sheet of what an agent handed in, in the form of all sheets. What it read was written by strangers, so what it wrote is
 * looked at like a page: one that hides text or speaks to agents is not used.
 */
export function sheetOf(
  { name, version, lockfile, material, tech }: ToWrite,
  written: SheetArtifact,
  { by, now, inspect }: { by: string; now: number; inspect?: Inspect },
): WrittenSheet {
  const line = (text = ''): string => oneLine(sanitize(text))
  const lines = (all: readonly string[] = []): string[] => all.map(line).filter((one) => one !== '')
  const patterns = written.patterns
    .map(({ title, lead, lang, code }) => ({
      ...{ title: line(title) || 'Example', lead: line(lead), lang: lang ?? '' },
      code: clean(code).trimEnd(),
    }))
    .filter(({ code }) => code.trim() !== '')
  if (patterns.length === 0) return { ok: false, why: `${by}'s sheet shows no example` }
  const text = writeSheet(
    {
      ...{ name, version, lockfile, by, patterns },
      sources: material.map(({ from }) => from),
      description: line(written.description).slice(0, 300),
      install: line(written.install).replaceAll('`', ''),
      exports: [],
      api: lines(written.api).map((one) => `- ${one}`),
      pitfalls: lines(written.pitfalls),
      versionNotes: lines(written.versionNotes),
    },
    now,
  )
  const aimed = suspicion(`${by}'s sheet of ${tech}`, text, inspect)
  return aimed === undefined ? { ok: true, text } : { ok: false, why: aimed }
}
