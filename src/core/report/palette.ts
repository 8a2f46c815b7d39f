import picocolors from 'picocolors'

/** The colours that people see; without colour each is the identity. */
export interface Palette {
  error(text: string): string
  warning(text: string): string
  info(text: string): string
  strong(text: string): string
  dim(text: string): string
  /** Line numbers, carets' frame: what belongs to us, not to the plan. */
  frame(text: string): string
}

export function paletteOf(color: boolean): Palette {
  const c = picocolors.createColors(color)
  return {
    error: (text) => c.bold(c.red(text)),
    warning: (text) => c.bold(c.yellow(text)),
    info: (text) => c.bold(c.cyan(text)),
    strong: c.bold,
    dim: c.dim,
    frame: c.blue,
  }
}
