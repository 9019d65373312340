// A small router: the path chooses the page, the query holds a list's filters so that a link shows the same list.

let path = $state(location.pathname)
let search = $state(location.search)

export const here = () => path
export const params = () => new URLSearchParams(search)
export const param = (name: string) => params().get(name) ?? ''

function read() {
  path = location.pathname
  search = location.search
}
addEventListener('popstate', read)

export function go(to: string, options: { replace?: boolean } = {}) {
  if (to === location.pathname + location.search) return
  history[options.replace ? 'replaceState' : 'pushState'](null, '', to)
  const left = path
  read()
  if (path !== left) {
    scrollTo(0, 0)
    // the new page's heading takes the focus, so that a screen reader and the keyboard start there
    requestAnimationFrame(() => document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true }))
  }
}

/** Sets filters in the address; an empty value removes one. Paging starts again unless it is what changes. */
export function setParams(changes: Record<string, string>) {
  const next = params()
  if (!('page' in changes)) next.delete('page')
  for (const [name, value] of Object.entries(changes)) value ? next.set(name, value) : next.delete(name)
  const text = next.toString()
  go(path + (text ? `?${text}` : ''), { replace: true })
}

/** Takes clicks on the application's own links; others, new tabs and downloads stay the browser's. */
export function takeLinks(event: MouseEvent) {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
  const link = (event.target as Element | null)?.closest?.('a')
  if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return
  if (/^\/(api|login|logout|assets)(\/|$)/.test(link.pathname)) return
  if (link.hash && link.pathname === location.pathname) return
  event.preventDefault()
  go(link.pathname + link.search)
}

/** Matches "/matters/:id" and gives the named parts, or null. */
export function match(pattern: string, at: string): Record<string, string> | null {
  const want = pattern.split('/')
  const have = at.replace(/\/$/, '').split('/')
  if (pattern === '/') return at === '/' ? {} : null
  if (want.length !== have.length) return null
  const found: Record<string, string> = {}
  for (const [i, part] of want.entries()) {
    if (part.startsWith(':')) found[part.slice(1)] = decodeURIComponent(have[i]!)
    else if (part !== have[i]) return null
  }
  return found
}
