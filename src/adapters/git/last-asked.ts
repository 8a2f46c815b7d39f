/** The answer to the last question, for who asks ahead. For questions whose answer never changes. */
export class LastAsked<T> {
  #question: string | undefined
  #answer: Promise<T> | undefined

  get(question: string, ask: () => Promise<T>): Promise<T> {
    if (this.#answer !== undefined && this.#question === question) return this.#answer
    const answer = ask()
    this.#question = question
    this.#answer = answer
    answer.catch(() => {
      if (this.#answer === answer) this.#answer = undefined
    })
    return answer
  }
}
