import type { Status } from '../model/plan.ts'

/**
 * Words that people write for a status, by language habit. A blank stands for a blank, dash or underscore. Longer phrases
 * win ("not started" over "started", "部分完成" over "完成"), so negations and partial forms are listed as phrases.
 */
export const STATUS_WORDS: Record<Status, string[]> = {
  completed: (
    'complete|completed|all complete|fully complete|code complete|done|all done|finished|implemented|fully implemented|shipped|merged|delivered|' +
    'closed|resolved|verified|passed|fertig|erledigt|abgeschlossen|umgesetzt|terminé|terminée|fini|achevé|fait|' +
    'completado|completada|completo|completa|terminado|terminada|hecho|hecha|listo|lista|finalizado|finalizada|' +
    'concluído|concluída|concluido|concluida|feito|feita|completato|completata|fatto|fatta|concluso|conclusa|' +
    'zakończone|zakończona|zakończony|ukończone|ukończona|gotowe|zrobione|завершено|завершена|завершён|завершен|' +
    'выполнено|готово|сделано|виконано|завершено|voltooid|afgerond|klaar|färdig|klar|valmis|tamamlandı|hotovo|selesai|hoàn thành|' +
    '完成|已完成|全部完成|已实现|已交付|已结束|完了|完了済み|済|済み|完成済み|완료|완료됨|مكتمل|مكتملة|تم|منجز|הושלם|הושלמה|בוצע'
  ).split('|'),
  in_progress: (
    'in progress|inprogress|wip|work in progress|active|current|current focus|currently active|ongoing|started|doing|underway|' +
    'running|working|partial|partially|partially complete|partially completed|partially done|partly done|mostly complete|mostly done|' +
    'nearly complete|almost done|in review|under review|in development|en cours|en progreso|en curso|en proceso|em andamento|em progresso|em curso|' +
    'in corso|in bearbeitung|in arbeit|laufend|läuft|begonnen|teilweise|w trakcie|w toku|в процессе|в работе|выполняется|у процесі|bezig|pågår|devam ediyor|' +
    'atual|attuale|actual|进行中|進行中|执行中|实施中|开发中|处理中|部分完成|基本完成|当前|実施中|作業中|対応中|진행중|진행 중|' +
    'جاري|جارٍ|قيد التنفيذ|בתהליך|בעבודה|נוכחי'
  ).split('|'),
  pending: (
    'pending|not started|not yet started|notstarted|unstarted|todo|to do|open|planned|planning|ready|ready to start|new|backlog|queued|waiting|upcoming|' +
    'next|next up|future|proposed|scheduled|designed|needs revision|tbd|incomplete|not complete|not completed|not done|not implemented|unfinished|' +
    'pendiente|por hacer|no iniciado|no iniciada|sin empezar|planificado|pendente|a fazer|não iniciado|não iniciada|planejado|' +
    'da fare|in attesa|non iniziato|non iniziata|pianificato|offen|ausstehend|geplant|nicht begonnen|nicht gestartet|' +
    'en attente|à faire|a faire|non commencé|non démarré|planifié|oczekujące|oczekuje|do zrobienia|zaplanowane|zaplanowana|nierozpoczęte|' +
    'не начато|не начата|ожидает|ожидание|запланировано|в ожидании|к выполнению|не выполнено|gepland|beklemede|' +
    '待|待办|待辦|待处理|待處理|待开始|待開始|待进行|待执行|待实施|待定|未开始|未開始|未完成|未着手|未启动|未实施|尚未开始|计划中|計劃中|规划中|准备中|' +
    '予定|予定中|未実施|대기|대기중|대기 중|예정|미시작|미완료|시작 전|לא התחיל|טרם התחיל|מתוכנן|ממתין|معلق|قيد الانتظار|لم يبدأ|لم تبدأ'
  ).split('|'),
  draft:
    'draft|entwurf|borrador|rascunho|bozza|brouillon|szkic|черновик|草稿|草案|下書き|초안|טיוטה|مسودة'.split(
      '|',
    ),
  blocked: (
    'blocked|on hold|hold|paused|stalled|bloqueado|bloqueada|en pausa|bloqué|bloquée|blockiert|pausiert|bloccato|bloccata|zablokowane|' +
    'wstrzymane|заблокировано|приостановлено|阻塞|已阻塞|受阻|卡住|暂停|已暂停|ブロック|保留|차단|보류|חסום|محظور|متوقف'
  ).split('|'),
  skipped: (
    "skipped|skip|dropped|deferred|cancelled|canceled|removed|abandoned|postponed|obsolete|superseded|discarded|wont do|won't do|not needed|" +
    'omitido|omitida|saltado|pospuesto|pospuesta|cancelado|cancelada|adiado|adiada|übersprungen|verworfen|entfällt|zurückgestellt|' +
    'ignoré|annulé|annulée|reporté|reportée|rinviato|rinviata|saltato|saltata|annullato|pominięte|pominięta|anulowane|odłożone|' +
    'пропущено|отменено|отложено|跳过|已跳过|跳過|取消|已取消|推迟|延期|已延期|搁置|已搁置|废弃|スキップ|中止|건너뜀|취소|דולג|בוטל|تم التخطي|ملغى'
  ).split('|'),
  failed: (
    'failed|failure|broken|fehlgeschlagen|gescheitert|fallido|fallida|falló|falhou|échoué|échouée|fallito|fallita|nieudane|провалено|' +
    'не удалось|失败|失敗|已失败|실패|נכשל|فشل'
  ).split('|'),
}

/**
 * Signs that people put for a status, without variation selectors. Signs that decorate as often
 * as they state (🎉, 🔒, 🏗, 📅) and those with two common readings are left out.
 */
export const STATUS_SIGNS: Record<string, Status> = {
  '✅': 'completed',
  '✔': 'completed',
  '☑': 'completed',
  '✓': 'completed',
  '🟢': 'completed',
  '🔄': 'in_progress',
  '🚧': 'in_progress',
  '🟡': 'in_progress',
  '⏩': 'in_progress',
  '▶': 'in_progress',
  '⏳': 'pending',
  '⏸': 'pending',
  '⌛': 'pending',
  '📋': 'pending',
  '⬜': 'pending',
  '☐': 'pending',
  '🔲': 'pending',
  '⬛': 'pending',
  '🔜': 'pending',
  '⚪': 'pending',
  '🕐': 'pending',
  '❌': 'failed',
  '✗': 'failed',
  '✘': 'failed',
  '🚫': 'blocked',
  '⛔': 'blocked',
  '⏭': 'skipped',
}

/** The sign that we write for a status where a file uses signs. */
export const SIGN_OF: Record<Status, string> = {
  draft: '📋',
  pending: '⏳',
  in_progress: '🔄',
  completed: '✅',
  blocked: '⛔',
  skipped: '⏭️',
  failed: '❌',
}
