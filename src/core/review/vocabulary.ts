/**
 * The words by which a plan shows what it is about, in the languages that plans are written in most. Word lists are a
 * judgement: rules that rest on them warn or inform, they never stop a plan.
 */
const any = (latin: string, cjk: string): RegExp => new RegExp(`\\b(?:${latin})\\b|${cjk}`, 'i')

export const WORDS = {
  building: any(
    'implement\\w*|creat(?:e|es|ing)|build|add|develop|refactor|migrate|write|rewrite|integrate|port|fix|wire|expose|' +
      'implementar|crear|criar|desenvolver|erstell\\w*|implementier\\w*|entwick\\w*|utworz\\w*|ajouter|créer',
    '实现|开发|新增|添加|创建|编写|重构|実装|作成|追加|구현|추가|реализ|созда|добав',
  ),
  tests: any(
    'tests?|testing|tested|testable|e2e|tdd|jest|vitest|pytest|playwright|cypress|junit|unittest|coverage|qa|' +
      'prueba\\w*|teste\\w*|testy|tests?fälle',
    '测试|单测|验收用例|テスト|테스트|тест',
  ),
  setup: any(
    'set[- ]?up|scaffold\\w*|bootstrap\\w*|initiali[sz]\\w*|init|install\\w*|skeleton|boilerplate|foundation\\w*|' +
      'environment|project structure|configur\\w*|einricht\\w*|configurar|preparar|konfigur\\w*',
    '初始化|搭建|环境|骨架|脚手架|安装|配置|基础框架|セットアップ|環境構築|초기|환경|настро|установ',
  ),
  schema: any(
    'alter table|create table|drop column|add columns?|new tables?|new columns?|(?:database|db|prisma|sql) schema|' +
      'schema changes?|foreign keys?|database tables?',
    '建表|数据库表|表结构|数据表|新增字段|テーブル作成',
  ),
  migration: any(
    'migrat\\w*|seed\\w*|flyway|liquibase|alembic|knex|init[-_]db|backfill\\w*|db push|ddl|schema\\.sql|rollback|migra\\w*',
    '迁移|マイグレーション|마이그레이션|миграц',
  ),
  services: any(
    'postgres(?:ql)?|mysql|mariadb|mongodb|redis|kafka|rabbitmq|elasticsearch|opensearch|clickhouse|neo4j|minio|' +
      'memcached|cassandra|nats|pgvector|qdrant|milvus',
    '消息队列',
  ),
  infrastructure: any(
    'docker\\w*|compose|terraform|pulumi|helm|kubernetes|k8s|provision\\w*|deploy\\w*|ci/cd|github actions|vercel|' +
      'netlify|railway|heroku|supabase|neon|planetscale|aws|azure|gcp|cloud run|fly\\.io|env(?:ironment)? variables?|' +
      'env vars?|infrastructure|systemd|nginx|testcontainers?|hosted|managed|connection string',
    '\\.env\\b|部署|容器|基础设施|环境变量|デプロイ|배포|развер',
  ),
  surface: any(
    'public api|rest api|graphql api|api endpoints?|endpoints?|cli|command[- ]line|sdk|flags?|subcommands?|webhooks?|' +
      'config(?:uration)? (?:options?|file|keys?)',
    '接口|命令行|エンドポイント',
  ),
  docs: any(
    'docs?|documentation|documented|document|readme\\w*|changelog|guide|tutorial|openapi|swagger|jsdoc|docstrings?|' +
      'usage|dokument\\w*|documenta\\w*',
    '文档|说明|手册|ドキュメント|문서|документ',
  ),
  fromScratch: any(
    'greenfield|from scratch|new (?:project|repository|repo|app|application)|new codebase',
    '从零|新项目|全新|新規プロジェクト',
  ),
  /** A title of a phase that all later ones stand on. Generous: side by side is offered only where it is safe. */
  groundwork: any(
    'set[- ]?up|foundation\\w*|scaffold\\w*|bootstrap\\w*|init\\w*|skeleton|infrastructure|core|base|shared|common|' +
      'research|discovery|requirements|planning|design|architecture|models?|types|schema|audit|analysis|librar(?:y|ies)|' +
      'utilit(?:y|ies)|framework|engine|platform|prerequisites?|preparation',
    '初始化|搭建|基础|骨架|准备|调研|需求|设计|架构|分析|環境構築|設計',
  ),
  /** A phase that stands on all earlier ones. */
  finish: any(
    'test\\w*|verif\\w*|validat\\w*|qa|polish\\w*|deploy\\w*|deliver\\w*|releas\\w*|launch|integrat\\w*|final\\w*|' +
      'cleanup|clean[- ]up|wrap[- ]up|documentation|docs|e2e|review|migration|rollout',
    '测试|验证|部署|发布|上线|交付|联调|集成|收尾|总结|文档|验收|テスト|リリース',
  ),
} as const

/** The concerns that one phase should not mix; a test or a document goes with any of them. */
export const CONCERNS: Readonly<Record<string, { words: RegExp; files: RegExp }>> = {
  database: {
    words: any(
      'database|sql|schema|migrations?|tables?|orm|prisma|index(?:es)? on',
      '数据库|建表|表结构|データベース',
    ),
    files: /\.(sql|prisma)$|(^|\/)(migrations?|db|database|schema)(\/|\.)/i,
  },
  backend: {
    words: any(
      'api|endpoints?|routes?|backend|server|controllers?|middleware|webhooks?|rest|graphql|auth\\w*|queue|workers?',
      '接口|后端|服务端|バックエンド',
    ),
    files: /(^|\/)(api|server|backend|routes?|controllers?|services?|handlers?)(\/|\.)/i,
  },
  frontend: {
    words: any(
      'ui|ux|frontend|front-end|pages?|components?|screens?|views?|css|styles?|styling|layout|modal|form|buttons?|dashboard',
      '页面|界面|前端|组件|样式|画面|フロントエンド',
    ),
    files: /\.(tsx|jsx|vue|svelte|css|scss|less|html)$|(^|\/)(components?|pages|views?|screens?|ui)\//i,
  },
  infrastructure: {
    words: any(
      'docker\\w*|ci|ci/cd|deploy\\w*|terraform|kubernetes|helm|nginx|pipeline|hosting|monitoring|provision\\w*',
      '部署|容器|运维|流水线|デプロイ',
    ),
    files: /(^|\/)(Dockerfile|docker-compose[^/]*|\.github|terraform|helm|k8s|deploy|infra)(\/|$|\.)|\.tf$/i,
  },
}
