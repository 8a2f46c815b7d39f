/** What the labels, sections and columns of plans are called, by language habit. Compared folded (see `fold`). */

import { SPEC_COLUMN } from '../text/status-rows.ts'
import { isStatusLabel } from '../text/status-spans.ts'

export type Kind =
  | 'tasks'
  | 'criteria'
  | 'files'
  | 'outputs'
  | 'dependencies'
  | 'provides'
  | 'status'
  | 'requirements'
  | 'questions'
  /** What is said to change: work where nothing else is called that. */
  | 'changes'
  /** Goals, risks, notes, owners: told, but neither work nor condition. */
  | 'aside'

const KINDS: [Kind, RegExp][] = [
  [
    'dependencies',
    /^(?:phase )?(?:depends(?: on)?|dependency|dependencies|depend on|blocked by|blocked on|blockers?|requires|prerequisites?|prereqs?|pre requisites?|after|waits for|needs|depende de|dependencias?|dependências?|bloqueado por|requiere|dipende da|dipendenze|abhängig von|abhängigkeit(?:en)?|voraussetzung(?:en)?|dépend de|dépendances?|prérequis|zależy od|zależności|зависит от|зависимост[ьи]|依赖|依赖于|依赖项|依赖关系|前置|前置依赖|前置条件|前置任务|前提|前提条件|依存|依存関係|의존|의존성|선행|선행 조건|선행 단계|תלוי ב|תלויות|يعتمد على|التبعيات)$/u,
  ],
  ['provides', /^(?:provides(?: to)?|blocks|unblocks|enables|feeds)$/u],
  [
    'criteria',
    /acceptance|criteri|criterion|definition of done|\bdod\b|done when|success|exit condition|completion condition|gate check|aceptaci|aceitaç|critéri|kriteri|abnahme|fertig wenn|accettazione|критери|приемк|验收|完成判据|完成标准|判据|成功标准|通过标准|達成基準|受入|受け入れ|完了条件|완료 조건|인수|성공 기준|קריטריונ|معايير/u,
  ],
  [
    'requirements',
    /^(?:requirements?(?: continued)?|requisitos|anforderungen|exigences|requisiti|wymagania|требования|需求|要件|요구사항)$/u,
  ],
  [
    'questions',
    /^(?:open questions?|questions?|key questions?|preguntas abiertas|offene fragen|待解决问题|未解決|열린 질문)$/u,
  ],
  [
    'files',
    /^(?:key |new |modified |changed |affected |target |related |primary |main |touched |renamed |deleted )*files?(?: (?:to .*|touched|changed|affected|modified|created|involved|list|paths?|targets?|inventory|scope))?$|^(?:file )?paths?$|^(?:涉及|修改|新增|相关|目标|关键|变更|新建)?(?:的)?文件(?:清单|列表|修改清单|变更)?$|^(?:archivos|ficheros|arquivos|dateien|fichiers|pliki|файлы|ファイル|対象ファイル|파일|קבצים|الملفات)(?: .*)?$/u,
  ],
  [
    'outputs',
    /^(?:key |expected )?(?:outputs?|deliverables?|artifacts?|artefacts?|outcomes?|produces?|entregables?|entregáveis|ergebnisse?|livrables?|consegne|produkty|результаты?|输出|交付物|交付|产出|产物|成果物|成果|出力|산출물|תוצרים|المخرجات)(?: .*)?$/u,
  ],
  [
    'tasks',
    /\b(?:tasks?|sub ?tasks?|to ?dos?|steps|checklist|action items|work items|tareas|subtareas|trabajos?|trabalhos?|actividades|atividades|pasos|tarefas|subtarefas|passos|aufgaben|schritte|tâches|étapes|attività|compiti|zadania|kroki|задачи|шаги|taken|görevler|משימות|المهام)\b|任务|子任务|步骤|清单|待办|タスク|作業|手順|작업|할 일|체크리스트/u,
  ],
  ['changes', /^(?:changes?|alterações|cambios|änderungen|изменения|变更|改动|変更内容)$/u],
  [
    'aside',
    /^(?:(?:primary |main |sub )?goals?|aims?|objectives?|purpose|why|rationale|context|background|overview|summary|description|focus|scope note|risks?(?: .*)?|mitigations?|notes?|remarks?|results?|findings?|decisions?|conclusions?|outcome|references?|resources|links?|owners?|assignee|agent|skills?|branch|pr|commits?|priority|effort|estimate|estimated.*|duration|time|timeline|date|created|updated|started|completed|finished|deadline|type|size|complexity|confidence|model|tools?|inputs?|verification|verify|verified|validation|verificaci[oó]n|verificaç[aã]o|validaci[oó]n|validaç[aã]o|evidence|testing notes|reason|warnings?|blocker|issues?|problems?|lessons.*|out of scope|non goals|assumptions|constraints|next steps?|next|objetivos?|metas?|riesgos?|riscos?|notas?|resultados?|ziele?|risiken|notizen|objectifs?|risques?|obiettiv[oi]|rischi|note|cele?|ryzyka?|notatki|uwagi|цел[ьи]|риски?|заметки|примечани[ея]|目标|目的|目標|背景|风险|備考|备注|注意|注意事项|说明|結果|结果|结论|決定|决策|决定|原因|类型|负责人|优先级|预计|预估|工期|时间|完成|发现|参考|验证|输入|描述|リスク|メモ|목표|리스크|참고|비고|결과|담당|우선순위|מטרה|מטרות|סיכונים|הערות|الهدف|الأهداف|المخاطر|ملاحظات)$/u,
  ],
]

/** The kind of a section, label or column by its folded name. */
export function kindOf(folded: string): Kind | undefined {
  const name = folded.replace(/^(?:\d+[a-z]? )+/u, '')
  if (isStatusLabel(name)) return 'status'
  for (const [kind, pattern] of KINDS) if (pattern.test(name)) return kind
  return undefined
}

/** Columns of tables, by the folded header cell. */
export const COLUMNS = {
  phase:
    /^(?:phases?|fases?|fas[ei]|faza|stages?|etapas?|étapes?|phasen?|этап|фаза|阶段|階段|切片|フェーズ|단계|שלב|المرحلة|milestones?|sprint phase)(?: .{1,12})?$/u,
  number: /^(?:|no|nr|num|number|id|序号|编号|番号|번호|n|nº|phase (?:no|id|number))$/u,
  status:
    /^(?:current )?(?:status|state|estado|stato|statut|stav|статус|状态|狀態|ステータス|상태|סטטוס|الحالة|progress status|done|durum)(?: .{1,20})?$/u,
  title:
    /^(?:name|title|description|phase name|task name|what|theme|summary|content|scope|goals?|objectives?|focus|目标|目標|목표|objetivos?|ziele?|objectifs?|nombre|nome|título|titulo|titolo|titre|bezeichnung|beschreibung|descripción|descrição|opis|nazwa|название|описание|内容|名称|标题|主题|描述|说明|任务|名前|概要|内容 概要|이름|내용|제목|한글명|תיאור|الوصف)$/u,
  task: /^(?:tasks?|task (?:name|title|description)|steps?|items?|action|actions|to ?do|work|subtask|tarea|tarefa|aufgabe|tâche|attività|zadanie|задача|任务|任务名称|步骤|子任务|事项|工作项|タスク|作業|작업|task 이름|작업명|משימה|المهمة)(?: .{1,20})?$/u,
  files:
    /^(?:files?|paths?|file paths?|files? (?:touched|changed|affected)|文件|文件路径|路径|archivo|archivos|arquivo|arquivos|datei|dateien|fichier|fichiers|plik|файл|ファイル|파일)$/u,
  action: /^(?:action|change|change type|operation|type|op|acción|ação|aktion|操作|变更|変更)$/u,
  purpose: /^(?:purpose|description|why|notes?|reason|what|propósito|zweck|用途|说明|目的|描述)$/u,
  dependencies:
    /^(?:depends(?: on)?|dependency|dependencies|deps|blocked by|requires|prerequisites?|after|depende de|bloqueado por|dependencias|dependências|abhängig von|abhängigkeiten|voraussetzung(?:en)?|dépend de|dépendances|dipende da|dipendenze|zależy od|zależności|зависит от|зависимости|依赖|依赖于|依赖关系|前置|前置依赖|前置条件|前置任务|依赖项|依存|依存関係|前提|前提条件|의존성|선행|선행 단계|선행 조건|תלויות)$/u,
  spec: SPEC_COLUMN,
  sprint: /^(?:sprints?|冲刺|スプリント|스프린트|iteration)$/u,
} as const

export type Column = keyof typeof COLUMNS

/** Index of the first column of a kind; -1 where there is none. */
export const columnOf = (header: readonly string[], column: Column): number =>
  header.findIndex((cell) => COLUMNS[column].test(cell))

/** Titles of sections that speak about phases without being the list of phases. */
export const ABOUT_PHASES =
  /\b(?:current|next|critical|parallel\w*|dependenc\w*|acceptance|summary|results?|notes?|status|rationale|decisions?|errors?|log|history|archived?|deferred|future|out of scope|atual|actual|attuale)\b|当前|下一|依赖|并行|总结|记录|现状|当前阶段|完成情况/u

/** What follows a phase's number where a heading mentions the phase and does not name it. */
export const MENTION =
  /^(?:acceptance|criteria|summary|results?|totals?|plan|plans|deliverables?|outputs?|checklist|notes?|complete|completed|status|overview|details?|report|retrospective|review notes|exit|gate|progress|dependencies|risks?|scope|timeline|总计|总结|小结|验收|结果|完成|交付物|to\b|through\b|and\b|vs\b)/iu

/** Sections that tell what is not to be done now, or nothing that is: a phase below them is none of this plan. */
export const NOT_NOW =
  /^(?:(?:possible|potential) )?(?:future(?: (?:work|ideas|phases?|enhancements?|improvements?|considerations?|scope))?|later|out of scope|not in scope|non goals|nice to haves?|wish ?list|icebox|parking lot|appendix(?: .*)?|archived?(?: .*)?|templates?|examples?|example (?:plan|phase)s?|hors périmètre|plus tard|fuera de(?:l)? alcance|trabajo futuro|fora d[eo] escopo|trabalhos? futuros?|außerhalb|nicht im umfang|spätere ausbaustufen|ausblick|附录|未来(?:工作|规划|计划)?|后续(?:工作|规划|计划)?|不在范围|范围外|今後(?:の.{1,6})?|対象外|スコープ外|향후(?: .*)?|범위 외|вне рамок|на будущее|poza zakresem)$/u
