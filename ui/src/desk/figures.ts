// What a ledger cannot say is not 0: an import without teams or without due times has no figure there.
import type { Key } from '../shared/i18n.svelte'

type Numbers = Record<string, number | undefined>

/** Why a figure says nothing, as a message key; null when it stands. The teams are those of the whole, not of a split's row. */
export function absent(name: string, own: Numbers, whole: Numbers = own): Key | null {
  if ((name === 'teams' || name === 'inspectors') && !whole.teams) return 'figure-absent.no-teams'
  const given = (own.assigned ?? 0) - (own.not_given_due ?? 0)
  if ((name === 'overdue' || name === 'was_late') && own.not_given_due && given <= 0) return 'figure-absent.no-due'
  return null
}

/** How much a figure moved: a group that was not there had nothing, a figure that the group does not have moves nowhere. */
export const moved = (now: number | undefined, then: number | undefined) => (now === undefined ? 0 : now - (then ?? 0))

/** A difference with its sign; nothing for none. */
export const signed = (n: number) => (n > 0 ? `+${n}` : n < 0 ? `−${-n}` : '')
