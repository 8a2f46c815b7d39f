import { state } from '../runner.mjs'
import { forget } from './credentials.mjs'

if (state('dir') !== '') forget(state('dir'), process.env.GITHUB_SERVER_URL)
