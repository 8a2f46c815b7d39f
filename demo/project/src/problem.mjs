/** Something in the input that a person has to correct. `line` counts from 1 and may be left out. */
export class Problem extends Error {
  constructor(message, line) {
    super(line === undefined ? message : `line ${line}: ${message}`)
    this.name = 'Problem'
    this.line = line
  }
}
