// Loads every module, so that a wrong import or a syntax error is found, and writes down what each exports.
import { mkdir, readdir, writeFile } from 'node:fs/promises'

const src = new URL('./src/', import.meta.url)
const api = {}
for (const name of (await readdir(src)).filter((file) => file.endsWith('.mjs')).sort()) {
  try {
    api[name] = Object.keys(await import(new URL(name, src)))
  } catch (error) {
    console.error(`src/${name}: ${error.name}: ${error.message}`)
    process.exitCode = 1
  }
}
if (process.exitCode !== 1) {
  await mkdir(new URL('./dist/', import.meta.url), { recursive: true })
  await writeFile(new URL('./dist/api.json', import.meta.url), `${JSON.stringify(api, null, 2)}\n`)
  console.log(`${Object.keys(api).length} modules are fine`)
}
