// Server state of the desk: every read goes through one cache, and a live event marks what it touched as old.
import { createQuery, keepPreviousData, QueryClient } from '@tanstack/svelte-query'
import { get, query, Refused } from '../shared/api'
import type { Catalogue, Listed, Me } from '../shared/api-types'
import { lang, pick, t } from '../shared/i18n.svelte'
import type { Change } from '../shared/live.svelte'
import { params } from '../shared/router.svelte'

export const client = new QueryClient({
  defaultOptions: {
    queries: {
      networkMode: 'always', // a browser that thinks itself offline may well reach a server in the same building
      staleTime: 5_000,
      retry: (failures, error) => !(error instanceof Refused) && failures < 2,
      refetchOnWindowFocus: true,
    },
  },
})

interface Options<T> { still?: boolean; every?: number | ((data: T | undefined) => number | false) }

/** Reads a path under a topic; an empty path waits. `still` data changes only by hand, `every` asks again after so many ms. */
export function read<T>(topic: string, path: () => string, options: Options<T> = {}) {
  const { every } = options
  return createQuery(() => ({
    queryKey: [topic, path(), lang()],
    queryFn: ({ signal }) => get<T>(path(), signal),
    enabled: path() !== '',
    placeholderData: options.still ? undefined : keepPreviousData,
    staleTime: options.still ? Number.POSITIVE_INFINITY : 5_000,
    refetchInterval: typeof every === 'function' ? (query) => every(query.state.data as T | undefined) : every,
  }), () => client)
}

/** Asks for what a page will read, so that it is on its way before the page is. */
export const ahead = (topic: string, path: string) => client.prefetchQuery({ queryKey: [topic, path, lang()], queryFn: () => get(path) })

/** What a list of matters can be asked for, all in the address. */
export const matterFilters = ['street', 'state', 'light', 'theme', 'addressee', 'q', 'team', 'severity', 'problem_type', 'area', 'responsibility', 'origin', 'channel', 'day', 'site', 'sort']
export const filtered = (names: string[]) => Object.fromEntries(names.map((n) => [n, params().get(n)]))

/** The reads that are asked ahead; the pages use the very same addresses. */
export const asks = {
  matters: () => `/matters${query({ ...filtered(matterFilters), page: params().get('page'), limit: 50 })}`,
  matter: (id: string) => `/matters/${encodeURIComponent(id)}`,
}

const oneSubject: Record<string, string> = { matter: '/matters/', visit: '/visits/', snapshot: '/snapshots/', import: '/imports/' }
const unmoved = new Set(['catalogue', 'definition'])

let waiting: Change[] | null = null

/** Marks what a change touched; null means anything may have changed. Bursts are taken together. */
export function changed(change: Change | null) {
  if (waiting) {
    if (change) waiting.push(change)
    else waiting.length = 0
    return
  }
  mark(change ? [change] : [])
  waiting = []
  setTimeout(() => {
    const late = waiting ?? []
    waiting = null
    if (late.length) mark(late)
  }, 500)
}
function mark(changes: Change[]) {
  const subjects = new Set(changes.flatMap((c) => c.subjects))
  void client.invalidateQueries({
    predicate: ({ queryKey: [topic, path] }) => {
      if (unmoved.has(topic as string)) return false
      const prefix = oneSubject[topic as string]
      if (!prefix || changes.length === 0) return true
      const id = String(path).slice(prefix.length).split(/[/?]/)[0]
      return subjects.has(`${topic}:${id}`)
    },
  })
}

export const touched = (topics: string[]) => client.invalidateQueries({ predicate: ({ queryKey }) => topics.includes(queryKey[0] as string) })

let me = $state.raw<Me | null>(null)
let catalogue = $state.raw<Catalogue | null>(null)

export const who = () => me as Me
/** One list of the catalogue in force: themes, areas, severities and so on. */
export const list = (name: string): Listed[] => catalogue?.lists[name] ?? []
export const axes = () => catalogue?.axes ?? []
/** Whether the signed-in person may ever do an act; the server decides each time. */
export const may = (act: string) => !!me?.acts.includes(act)

export async function start() {
  ;[me, catalogue] = await Promise.all([get<Me>('/me'), get<Catalogue>('/catalogue')])
  return me
}

/** The name of a code in one of the catalogue's lists. */
export function named(name: string, code: string | null | undefined): string {
  if (!code) return t('none')
  const found = list(name).find((item) => item.code === code)
  return found ? pick(found) : code
}
export const namedAll = (name: string, codes: string[] | null | undefined) =>
  codes?.length ? codes.map((code) => named(name, code)).join(t('list-comma')) : t('none')

/** A team by its number; an imported ledger names none. */
export const teamName = (team: { no: number }) => (team.no ? t('team.no', { no: team.no }) : t('none'))

/** What was found, in words; where there are none, whether nobody gave any or they were destroyed. */
export const factOf = (row: { fact: string | null; fact_state: string }) => row.fact ?? t(row.fact_state === 'destroyed' ? 'matter.fact-destroyed' : 'matter.fact-none')
