// The process that stands for an agent in tests: tells the test how it was started and does what the test says.
// Plain JavaScript on Node's own modules, so that it starts fast. One JSON object a line in both directions.
import { mkdirSync, readFileSync, rmSync, writeFileSync, appendFileSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname, resolve } from 'node:path'

const prompt = readFileSync(0, 'utf8')
const socket = connect(process.argv[2])
const tell = (message) => socket.write(`${JSON.stringify(message)}\n`)

const acts = {
  write({ files }) {
    for (const [path, text] of Object.entries(files)) {
      const file = resolve(path)
      if (text === null) rmSync(file, { recursive: true, force: true })
      else {
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(file, text)
      }
    }
  },
  append: ({ path, text }) => appendFileSync(resolve(path), text),
  print: ({ text }) => process.stdout.write(text),
  artifact: ({ text }) => writeFileSync(process.env.ORCHESTRATE_ARTIFACT, text),
  ignore: ({ signal }) => void process.on(signal, () => {}),
  kill: ({ signal }) => process.kill(process.pid, signal),
}

socket.on('connect', () => tell({ env: process.env, prompt, cwd: process.cwd(), pid: process.pid }))
// The test is over: nothing must stay behind.
socket.on('close', () => process.exit(70))
socket.on('error', () => process.exit(70))

let rest = ''
socket.setEncoding('utf8').on('data', (chunk) => {
  const lines = (rest + chunk).split('\n')
  rest = lines.pop()
  for (const line of lines) {
    const { id, act, ...details } = JSON.parse(line)
    if (act === 'exit') process.stdout.write('', () => process.exit(details.code))
    else {
      try {
        acts[act](details)
        tell({ id })
      } catch (error) {
        tell({ id, error: String(error) })
      }
    }
  }
})
