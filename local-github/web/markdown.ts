/** Markdown that people and Apps wrote, as HTML: GitHub's dialect, and of HTML in it only a few tags without attributes. */
import { micromark } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'
import { escaped, Html } from './html.ts'

type Extension = ReturnType<typeof gfmHtml>

const TAG =
  /<!--[\s\S]*?(?:-->|$)|<\/?(?:details|summary|sub|sup|kbd|br|b|i|em|strong|p)\s*\/?>|<details open>/gi

/** Comments go, the tags above stay, all else is shown as it was written. An entity stays one: it makes no tag. */
function allowed(source: string): string {
  let shown = ''
  let from = 0
  for (const found of source.matchAll(TAG)) {
    shown += shownAsText(source.slice(from, found.index))
    if (!found[0].startsWith('<!--')) shown += found[0].toLowerCase()
    from = found.index + found[0].length
  }
  return shown + shownAsText(source.slice(from))
}

const shownAsText = (text: string): string => escaped(text).replaceAll('&amp;', '&')

/** In place of what micromark makes of HTML: its two ways are to show all of it and to let all of it through. */
const someHtml: Extension = {
  enter: { htmlFlow: () => undefined, htmlText: () => undefined },
  exit: {
    htmlFlowData: () => undefined,
    htmlTextData: () => undefined,
    htmlFlow(token) {
      this.lineEndingIfNeeded()
      this.raw(allowed(this.sliceSerialize(token)))
    },
    htmlText(token) {
      this.raw(allowed(this.sliceSerialize(token)))
    },
  },
}

export const markdown = (text: string): Html =>
  new Html(micromark(text, { extensions: [gfm()], htmlExtensions: [gfmHtml(), someHtml] }))
