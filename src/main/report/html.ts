/** Text that is HTML already and goes onto a page as it is. Everything else is escaped. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Insert = Html | string | number | undefined | readonly (Html | string | number | undefined)[]

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** A template that escapes what is put into it, in text and in quoted attributes; Html, and lists of it, go in as they are. */
export function html(template: TemplateStringsArray, ...inserts: readonly Insert[]): Html {
  return new Html(template.raw.reduce((text, part, index) => text + render(inserts[index - 1]) + part))
}

/** A link to a file beside the page, `/` between folders, whatever characters its name has; never a scheme or a host. */
export function relativeLink(path: string): string {
  return `./${path.split('/').map(encodeURIComponent).join('/')}`
}

function render(insert: Insert): string {
  if (insert === undefined) return ''
  if (insert instanceof Html) return insert.text
  if (typeof insert === 'object') return insert.map(render).join('')
  return String(insert).replace(/[&<>"']/g, (character) => ENTITIES[character] as string)
}
