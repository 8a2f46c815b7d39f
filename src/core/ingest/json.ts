/** `ingest --json`, exactly as the published contract has it. */
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Failure } from '../model/failure.ts'
import type { Phase, PlanMode, Status } from '../model/plan.ts'
import type { IngestResult } from './ingest.ts'

export interface IngestJson {
  mode: PlanMode | 'invalid'
  phases: {
    id: string
    title: string
    status: Status
    dependsOn: string[]
    files: string[]
    line: number
    tasks: { id: string; title: string; done: boolean; files: string[]; line: number }[]
    criteria: { id: string; text: string; line: number }[]
    specs: {
      name: string
      sprint: number | null
      dependsOn: string[]
      status: Status
      file: string | null
    }[]
  }[]
  diagnostics: Pick<Diagnostic, 'rule' | 'severity' | 'file' | 'line' | 'message' | 'hint'>[]
}

/** The plan as machines read it. Failures are error diagnostics; a directory that is no plan has no phases. */
export function toJson(result: IngestResult): IngestJson {
  return {
    mode: result.mode,
    phases: result.plan?.phases.map(phaseJson) ?? [],
    diagnostics: [...result.failures.map(failureJson), ...result.diagnostics.map(diagnosticJson)],
  }
}

/** In a spec-driven plan the specs' tasks are the phase's. */
function phaseJson(phase: Phase): IngestJson['phases'][number] {
  const tasks = [...phase.tasks, ...phase.specs.flatMap((s) => s.tasks)]
  const criteria = [...phase.criteria, ...phase.specs.flatMap((s) => [...s.requirements, ...s.criteria])]
  return {
    id: phase.id,
    title: phase.title,
    status: phase.status,
    dependsOn: [...phase.dependsOn],
    // where files are listed, the list is what the phase says; else what its text names
    files: phase.targets.length > 0 ? [...new Set(phase.targets.map((t) => t.path))] : phase.files,
    line: phase.place.line,
    tasks: tasks.map(({ id, title, done, files, place }) => ({ id, title, done, files, line: place.line })),
    criteria: criteria.map(({ id, text, place }) => ({ id, text, line: place.line })),
    specs: phase.specs.map(({ name, sprint, dependsOn, status, file }) => ({
      name,
      sprint: sprint ?? null,
      dependsOn,
      status,
      file: file ?? null,
    })),
  }
}

const failureJson = (f: Failure): IngestJson['diagnostics'][number] => ({
  rule: f.reason,
  severity: 'error',
  file: f.file ?? '',
  line: f.line ?? 1,
  message: f.message,
  hint: f.hint,
})

const diagnosticJson = ({
  rule,
  severity,
  file,
  line,
  message,
  hint,
}: Diagnostic): IngestJson['diagnostics'][number] => ({
  rule,
  severity,
  file,
  line,
  message,
  hint,
})
