/** How a surface marks text. Core asks for a meaning, the shell decides whether there are colours. */
export interface Style {
  bold(text: string): string
  dim(text: string): string
  good(text: string): string
  bad(text: string): string
  warn(text: string): string
  accent(text: string): string
}

const same = (text: string): string => text

/** No marks at all: for files, logs and terminals without colours. */
export const PLAIN: Style = { bold: same, dim: same, good: same, bad: same, warn: same, accent: same }

const sgr = (open: number, close: number) => (text: string) =>
  text === '' ? '' : `\u001b[${open}m${text}\u001b[${close}m`

export const COLOURED: Style = {
  bold: sgr(1, 22),
  dim: sgr(2, 22),
  good: sgr(32, 39),
  bad: sgr(31, 39),
  warn: sgr(33, 39),
  accent: sgr(36, 39),
}
