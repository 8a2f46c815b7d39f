/** A clause with its full stop; one that ends a sentence already, or leads on to the next line, stays as it is. */
export const fullStop = (text: string): string => (/[.!?…:]["'`)\]]?$/.test(text) ? text : `${text}.`)

/** A clause as a sentence: capital first, full stop last. */
export const sentence = (clause: string): string => fullStop(capital(clause))

/** The same with a capital first, for titles. */
export const capital = (clause: string): string => `${clause.slice(0, 1).toUpperCase()}${clause.slice(1)}`
