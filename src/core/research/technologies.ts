export const ECOSYSTEMS = ['npm', 'pypi', 'cargo', 'go', 'maven', 'gem'] as const
export type Ecosystem = (typeof ECOSYSTEMS)[number]

/** A technology that plans speak of by other names than its package's. */
export interface Technology {
  /** Name of its cheat sheet's directory. */
  tech: string
  /** Words that mean nothing else. */
  words: readonly string[]
  /** Words that count only where one of the packages is pinned: "express", "next". */
  ambiguous: readonly string[]
  /** File endings and names that show it. */
  endings: readonly string[]
  packages: Partial<Record<Ecosystem, string>>
  /** Agents know it by heart: a cheat sheet is used where there is one, and not missed. */
  common: boolean
}

interface Written {
  words?: string
  ambiguous?: string
  endings?: string
  npm?: string
  pypi?: string
  cargo?: string
  go?: string
  maven?: string
  gem?: string
  common?: true
}

const split = (text = ''): string[] => (text === '' ? [] : text.split(', '))

function technology(tech: string, { words, ambiguous, endings, common, ...packages }: Written): Technology {
  return {
    tech,
    words: split(words),
    ambiguous: split(ambiguous),
    endings: split(endings),
    packages,
    common: common ?? false,
  }
}

/** Well-known ones. What a project depends on is found by its own name too, without standing here. */
export const TECHNOLOGIES: readonly Technology[] = [
  technology('typescript', {
    words: 'typescript',
    endings: '.ts, .mts, .cts',
    npm: 'typescript',
    common: true,
  }),
  technology('javascript', { words: 'javascript', endings: '.js, .mjs, .cjs', common: true }),
  technology('python', { words: 'python', endings: '.py', common: true }),
  technology('rust', { words: 'rust', endings: '.rs', common: true }),
  technology('go', { words: 'golang', endings: '.go', common: true }),
  technology('java', { words: 'java', endings: '.java', common: true }),
  technology('kotlin', { words: 'kotlin', endings: '.kt', common: true }),
  technology('swift', { words: 'swift', endings: '.swift', common: true }),
  technology('css', { endings: '.css, .scss, .less', common: true }),
  technology('html', { endings: '.html', common: true }),
  technology('sql', { words: 'sql', endings: '.sql', common: true }),
  technology('bash', { words: 'bash', endings: '.sh', common: true }),
  technology('docker', {
    words: 'docker, dockerfile, docker compose',
    endings: 'Dockerfile, docker-compose.yml, compose.yaml',
    common: true,
  }),
  technology('kubernetes', { words: 'kubernetes, k8s, kubectl' }),
  technology('terraform', { words: 'terraform', endings: '.tf' }),
  technology('github-actions', { words: 'github actions', common: true }),
  technology('react', { words: 'react, reactjs, react.js', endings: '.tsx, .jsx', npm: 'react' }),
  technology('react-native', { words: 'react native', npm: 'react-native' }),
  technology('next', { words: 'next.js, nextjs', ambiguous: 'app router', npm: 'next' }),
  technology('vue', { words: 'vue, vue.js, vuejs', endings: '.vue', npm: 'vue' }),
  technology('nuxt', { words: 'nuxt, nuxt.js', npm: 'nuxt' }),
  technology('svelte', { words: 'svelte, sveltekit', endings: '.svelte', npm: 'svelte' }),
  technology('angular', { words: 'angular', npm: '@angular/core' }),
  technology('astro', { words: 'astro', endings: '.astro', npm: 'astro' }),
  technology('tailwindcss', { words: 'tailwind, tailwindcss', npm: 'tailwindcss' }),
  technology('vite', { words: 'vite', npm: 'vite' }),
  technology('vitest', { words: 'vitest', npm: 'vitest' }),
  technology('jest', { words: 'jest', npm: 'jest' }),
  technology('playwright', { words: 'playwright', npm: '@playwright/test', pypi: 'playwright' }),
  technology('cypress', { words: 'cypress', npm: 'cypress' }),
  technology('express', { words: 'express.js, expressjs', ambiguous: 'express', npm: 'express' }),
  technology('fastify', { words: 'fastify', npm: 'fastify' }),
  technology('hono', { words: 'hono', npm: 'hono' }),
  technology('nestjs', { words: 'nestjs, nest.js', npm: '@nestjs/core' }),
  technology('graphql', { words: 'graphql', endings: '.graphql, .gql', npm: 'graphql' }),
  technology('trpc', { words: 'trpc', npm: '@trpc/server' }),
  technology('prisma', { words: 'prisma', endings: '.prisma', npm: '@prisma/client' }),
  technology('drizzle-orm', { words: 'drizzle orm, drizzle-orm', ambiguous: 'drizzle', npm: 'drizzle-orm' }),
  technology('mongoose', { ambiguous: 'mongoose, mongodb', npm: 'mongoose' }),
  technology('zod', { words: 'zod', npm: 'zod' }),
  technology('zustand', { words: 'zustand', npm: 'zustand' }),
  technology('redux', { words: 'redux, redux toolkit', npm: '@reduxjs/toolkit' }),
  technology('tanstack-query', { words: 'react query, tanstack query', npm: '@tanstack/react-query' }),
  technology('three', { words: 'three.js, threejs', npm: 'three' }),
  technology('d3', { words: 'd3.js', ambiguous: 'd3', npm: 'd3' }),
  technology('electron', { words: 'electron', npm: 'electron' }),
  technology('tauri', { words: 'tauri', npm: '@tauri-apps/api', cargo: 'tauri' }),
  technology('socket.io', { words: 'socket.io', npm: 'socket.io' }),
  technology('next-auth', { words: 'next-auth, nextauth, auth.js', npm: 'next-auth' }),
  technology('stripe', { words: 'stripe', npm: 'stripe', pypi: 'stripe' }),
  technology('openai', { words: 'openai', npm: 'openai', pypi: 'openai' }),
  technology('anthropic', {
    words: 'anthropic sdk, claude api',
    ambiguous: 'anthropic',
    npm: '@anthropic-ai/sdk',
    pypi: 'anthropic',
  }),
  technology('mcp', {
    words: 'model context protocol, mcp server',
    ambiguous: 'mcp',
    npm: '@modelcontextprotocol/sdk',
    pypi: 'mcp',
  }),
  technology('supabase', { words: 'supabase', npm: '@supabase/supabase-js', pypi: 'supabase' }),
  technology('firebase', { words: 'firebase, firestore', npm: 'firebase' }),
  technology('puppeteer', { words: 'puppeteer', npm: 'puppeteer' }),
  technology('fastapi', { words: 'fastapi', pypi: 'fastapi' }),
  technology('django', { words: 'django', pypi: 'django' }),
  technology('flask', { words: 'flask', pypi: 'flask' }),
  technology('pydantic', { words: 'pydantic', pypi: 'pydantic' }),
  technology('sqlalchemy', { words: 'sqlalchemy', pypi: 'sqlalchemy' }),
  technology('pytest', { words: 'pytest', pypi: 'pytest' }),
  technology('pandas', { words: 'pandas', pypi: 'pandas' }),
  technology('numpy', { words: 'numpy', pypi: 'numpy' }),
  technology('pytorch', { words: 'pytorch', ambiguous: 'torch', pypi: 'torch' }),
  technology('transformers', {
    words: 'hugging face transformers',
    ambiguous: 'transformers',
    pypi: 'transformers',
  }),
  technology('langchain', { words: 'langchain', npm: 'langchain', pypi: 'langchain' }),
  technology('streamlit', { words: 'streamlit', pypi: 'streamlit' }),
  technology('celery', { words: 'celery', pypi: 'celery' }),
  technology('tokio', { words: 'tokio', cargo: 'tokio' }),
  technology('axum', { words: 'axum', cargo: 'axum' }),
  technology('serde', { words: 'serde', cargo: 'serde' }),
  technology('gin', { words: 'gin-gonic', ambiguous: 'gin', go: 'github.com/gin-gonic/gin' }),
  technology('cobra', { words: 'spf13/cobra', ambiguous: 'cobra', go: 'github.com/spf13/cobra' }),
  technology('redis', { words: 'redis', npm: 'ioredis', pypi: 'redis', cargo: 'redis' }),
  technology('postgres', { words: 'postgres, postgresql', npm: 'pg', pypi: 'psycopg' }),
  technology('flutter', { words: 'flutter', endings: 'pubspec.yaml' }),
  technology('swiftui', { words: 'swiftui' }),
  technology('spring-boot', {
    words: 'spring boot, springboot',
    maven: 'org.springframework.boot:spring-boot-starter',
  }),
  technology('rails', { words: 'ruby on rails', ambiguous: 'rails', gem: 'rails' }),
  technology('rspec', { words: 'rspec', endings: '_spec.rb', gem: 'rspec' }),
  technology('junit', { words: 'junit', maven: 'org.junit.jupiter:junit-jupiter' }),
]
