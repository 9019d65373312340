// Clauses that an item may rest on: those of directives in force, and those of the catalogue.
import { get } from '../shared/api'
import type { Publication, PublicationRow } from '../shared/api-types'
import { pick } from '../shared/i18n.svelte'
import { list } from './data.svelte'

/** `ref` is publication#code, or a code of the catalogue. */
export interface ClauseRef { ref: string; label: string; text?: string }

export async function clausesOf(kinds: string[]): Promise<ClauseRef[]> {
  const found: ClauseRef[] = []
  for (const kind of kinds) {
    const { items } = await get<{ items: PublicationRow[] }>(`/publications?kind=${kind}`)
    for (const p of await Promise.all(items.filter((i) => i.in_force).map((i) => get<Publication>(`/publications/${encodeURIComponent(i.id)}`)))) {
      for (const i of p.item_list) if (!i.repealed_from && !i.parent) found.push({ ref: `${p.id}#${i.code}`, label: [p.title, i.code, i.text].filter(Boolean).join(' '), text: i.text ?? '' })
    }
  }
  return found
}
export const catalogueClauses = (): ClauseRef[] => list('clauses').map((c) => ({ ref: c.code, label: `${c.code} ${pick(c)}` }))
