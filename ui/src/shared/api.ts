// Reads and commands. A refusal is a value the form shows at its fields, not an error of the program.
import type { Problem } from './api-types'
import { lang } from './i18n.svelte'
import { chosenIncident } from './incident.svelte'

export class Refused extends Error {
  problem: Problem
  constructor(problem: Problem) {
    super(problem.detail || problem.title)
    this.problem = problem
  }
}
/** The server was not reached, or did not answer as one: nothing is known about what it did. */
export class Unreached extends Error {}

const base = '/api/v1'

export function query(params: Record<string, string | number | null | undefined>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(params)) if (value != null && value !== '') search.set(name, String(value))
  const text = search.toString()
  return text ? `?${text}` : ''
}

async function send<T>(path: string, init: RequestInit): Promise<T> {
  let reply: Response
  try {
    reply = await fetch(base + path, {
      ...init,
      credentials: 'same-origin',
      headers: { Accept: 'application/json', 'Accept-Language': lang(), ...init.headers },
    })
  } catch (cause) {
    if (init.signal?.aborted) throw cause
    throw new Unreached(String(cause))
  }
  if (reply.status === 401) {
    location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`)
    return new Promise(() => {}) // the page is leaving
  }
  if (reply.ok) return reply.status === 204 ? (undefined as T) : ((await reply.json()) as T)
  const type = reply.headers.get('Content-Type') ?? ''
  if (!type.includes('json')) throw new Unreached(`HTTP ${reply.status}`)
  throw new Refused((await reply.json()) as Problem)
}

export const get = <T>(path: string, signal?: AbortSignal) => send<T>(path, { signal })

/** The incident that a command is entered under, if this tab works in another than the current one. */
function under(): Record<string, string> {
  const incident = chosenIncident()
  return incident ? { 'Duzhan-Incident': incident.id } : {}
}

/** Sends a command under an idempotency key that stays the same while the same body is tried again. */
export async function command<T>(path: string, body: unknown): Promise<T> {
  const text = JSON.stringify(body)
  const key = keyFor(path, text)
  const result = await send<T>(path, {
    method: 'POST',
    body: text,
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key, ...under() },
  })
  forget(path)
  return result
}

/** Sends a form with files under a key of its own. */
export async function upload<T>(path: string, form: FormData, key = uuid()): Promise<T> {
  return send<T>(path, { method: 'POST', body: form, headers: { 'Idempotency-Key': key, ...under() } })
}

const attempt = (path: string) => `attempt:${path}`

/** The key of an attempt: kept over retries and a reload, new as soon as the body is another. */
export function keyFor(path: string, body: string): string {
  const kept = sessionStorage.getItem(attempt(path))
  if (kept) {
    const [key, sent] = [kept.slice(0, 36), kept.slice(36)]
    if (sent === body) return key
  }
  const key = uuid()
  sessionStorage.setItem(attempt(path), key + body)
  return key
}
const forget = (path: string) => sessionStorage.removeItem(attempt(path))

/** A random UUID, version 4; crypto.randomUUID is newer than the browsers served. */
export function uuid(): string {
  const b = crypto.getRandomValues(new Uint8Array(16))
  b[6] = (b[6]! & 0x0f) | 0x40
  b[8] = (b[8]! & 0x3f) | 0x80
  const hex = [...b].map((x) => x.toString(16).padStart(2, '0')).join('')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
