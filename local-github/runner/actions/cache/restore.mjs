import { fail, flag, input, lines, output, saveState } from '../runner.mjs'
import { find, restore } from './store.mjs'

const paths = lines('path')
const key = input('key')
const found = find(paths, key, lines('restore-keys'))
output('cache-primary-key', key)
output('cache-hit', found === undefined ? '' : String(found === key))
if (found === undefined) {
  console.log(`No cache is named ${key}.`)
  if (flag('fail-on-cache-miss')) fail(`Failed to restore cache entry. No cache is named ${key}.`)
} else {
  output('cache-matched-key', found)
  if (!flag('lookup-only')) restore(paths, found)
  saveState('found', found)
  console.log(`Cache ${found} ${flag('lookup-only') ? 'is there' : 'restored'}.`)
}
