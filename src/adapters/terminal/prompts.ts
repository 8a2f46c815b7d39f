/** What of the library is used: loaded through this file, the rest of it (an editor, tables of encodings) is not bundled. */
export { input, select } from '@inquirer/prompts'
