import { input, lines, state } from '../runner.mjs'
import { save } from './store.mjs'

const key = input('key')
if (state('found') === key) console.log(`Cache ${key} was restored and is not saved again.`)
else console.log(save(lines('path'), key) ? `Cache ${key} saved.` : `Cache ${key} exists already.`)
