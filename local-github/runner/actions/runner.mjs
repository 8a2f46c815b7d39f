// What the stand-ins need of the runner: inputs, outputs, state, messages.
import { appendFileSync } from 'node:fs'
import { randomUUID } from 'node:crypto'

export const input = (name) => (process.env[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`] ?? '').trim()
export const flag = (name) => input(name).toLowerCase() === 'true'
export const lines = (name) =>
  input(name)
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
export const state = (name) => process.env[`STATE_${name}`] ?? ''

const write = (variable, name, value) => {
  const delimiter = `delimiter_${randomUUID()}`
  appendFileSync(process.env[variable], `${name}<<${delimiter}\n${value}\n${delimiter}\n`)
}
export const output = (name, value) => write('GITHUB_OUTPUT', name, value)
export const saveState = (name, value) => write('GITHUB_STATE', name, value)

const escape = (text) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
export const warning = (text) => console.log(`::warning::${escape(text)}`)
export const fail = (text) => {
  console.log(`::error::${escape(text)}`)
  process.exitCode = 1
}
