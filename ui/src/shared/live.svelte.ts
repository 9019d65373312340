// Live updates: one stream for all tabs. Events say what changed and where in the ledger, never how.
// Read with fetch and not EventSource, because the server's heartbeat is a comment and EventSource
// hides comments: silence would look the same as a quiet night.

export interface Change { pos: number; subjects: string[]; at: string }
type Listener = (change: Change | null) => void // null: something may have changed, ask again

const silence = 30_000 // heartbeat is every 15 s
export const poll = 15_000
const url = '/api/v1/events'

let live = $state<'connecting' | 'live' | 'polling'>('connecting')
let lastAt = $state(0)
let brokenAt = $state(0)

export const liveState = () => live
/** When this tab last knew the stream alive, ms; 0 before. */
export const lastHeard = () => lastAt
export const brokenSince = () => brokenAt

function heard() {
  lastAt = Date.now()
  live = 'live'
  brokenAt = 0
}
function broken() {
  if (live === 'polling') return
  live = 'polling'
  brokenAt = lastAt || Date.now()
}

/** Splits a growing event stream into events; returns what is left over. Comments count as heard only. */
export function parse(buffer: string, on: (event: string, data: string, id: string) => void): string {
  const blocks = buffer.replace(/\r\n?/g, '\n').split('\n\n')
  const rest = blocks.pop() ?? ''
  for (const block of blocks) {
    let event = 'message'
    let id = ''
    const data: string[] = []
    for (const line of block.split('\n')) {
      const colon = line.indexOf(':')
      if (colon <= 0) continue
      const name = line.slice(0, colon)
      const value = line.slice(colon + 1).replace(/^ /, '')
      if (name === 'event') event = value
      else if (name === 'data') data.push(value)
      else if (name === 'id') id = value
    }
    if (data.length) on(event, data.join('\n'), id)
  }
  return rest
}

/** Starts listening, knowing the first `head` entries; the returned function stops. */
export function listen(listener: Listener, head: number): () => void {
  const me = Math.random().toString(36).slice(2)
  const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('duzhan-live') : null
  let leading = !channel
  let stopped = false
  let lastId = ''
  let known = head
  let abort: AbortController | null = null

  const tell = (kind: string, change: Change | null = null) => channel?.postMessage({ kind, from: me, change })

  async function stream() {
    while (!stopped && leading) {
      abort = new AbortController()
      let timer = setTimeout(() => abort?.abort(), silence)
      const alive = () => {
        clearTimeout(timer)
        timer = setTimeout(() => abort?.abort(), silence)
        heard()
        tell('beat')
      }
      try {
        const headers: Record<string, string> = { Accept: 'text/event-stream' }
        if (lastId) headers['Last-Event-ID'] = lastId
        const reply = await fetch(url, { headers, signal: abort.signal, credentials: 'same-origin', cache: 'no-store' })
        if (!reply.ok || !reply.body) throw new Error(String(reply.status))
        const reader = reply.body.getReader()
        const decoder = new TextDecoder()
        let buffer = ''
        alive()
        for (;;) {
          const { done, value } = await reader.read()
          if (done) break
          alive()
          buffer = parse(buffer + decoder.decode(value, { stream: true }), (event, data, id) => {
            if (id) lastId = id
            if (event === 'change') announce(JSON.parse(data) as Change)
            else if (event === 'hello') {
              const now = (JSON.parse(data) as { head: number }).head
              if (now !== known) announce(null) // it changed before the stream stood, and was not heard
              known = now
            }
          })
        }
      } catch {
        // ended, refused or silent: all the same to the reader
      }
      clearTimeout(timer)
      if (!stopped && leading) await new Promise((next) => setTimeout(next, 1000 + Math.random() * 1000))
    }
  }
  function announce(change: Change | null) {
    tell('change', change)
    take(change)
  }
  function take(change: Change | null) {
    if (change) known = change.pos + 1
    listener(change)
  }
  function lead() {
    if (leading || stopped) return
    leading = true
    void stream()
  }

  // A tab asks who leads; nobody answering within a moment, it leads itself.
  let ask = 0
  if (channel) {
    channel.onmessage = ({ data }: MessageEvent<{ kind: string; from: string; change: Change | null }>) => {
      if (data.kind === 'who' && leading) tell('beat')
      else if (data.kind === 'beat' || data.kind === 'change') {
        // two leaders can arise when two tabs open at once: the smaller name stays
        if (leading && data.from < me) {
          leading = false
          abort?.abort()
        }
        clearTimeout(ask)
        heard()
        if (data.kind === 'change') take(data.change)
      } else if (data.kind === 'bye' && !leading) {
        clearTimeout(ask)
        ask = window.setTimeout(lead, Math.random() * 200)
      }
    }
    tell('who')
    ask = window.setTimeout(lead, 200)
  } else {
    void stream()
  }

  const watch = setInterval(() => {
    if (Date.now() - Math.max(lastAt, started) <= silence) return
    broken()
    lead() // the leading tab may be asleep or gone
  }, 1000)
  const polling = setInterval(() => {
    if (live === 'polling') listener(null)
  }, poll)
  const started = Date.now()
  const bye = () => {
    if (leading) tell('bye')
  }
  addEventListener('pagehide', bye)

  return () => {
    stopped = true
    bye()
    removeEventListener('pagehide', bye)
    abort?.abort()
    channel?.close()
    clearInterval(watch)
    clearInterval(polling)
    clearTimeout(ask)
  }
}
