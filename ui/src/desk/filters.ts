// The filters lists share, in the order of ui.md: place, state, time, theme, unit, keyword.
import type { Org, Region, Team } from '../shared/api-types'
import { pick, t, word } from '../shared/i18n.svelte'
import type { Filter } from './parts/Filters.svelte'

// the lights a list can be asked for: those of a deadline; what waits for others is a state
const lights = ['overdue', 'late', 'very_late', 'due_soon', 'on_time', 'not_given']

export const streetFilter = (regions: Region[] | undefined): Filter => ({
  name: 'street', label: t('col.street'),
  choices: (regions ?? []).filter((r) => r.level === 'town').map((r) => ({ code: r.code, label: r.name })),
})
export const teamFilter = (teams: Team[] | undefined): Filter => ({
  name: 'team', label: t('col.team'), choices: (teams ?? []).map((x) => ({ code: x.id, label: pick(x) })),
})
export const addresseeFilter = (orgs: Org[] | undefined): Filter => ({
  name: 'addressee', label: t('col.addressee'),
  choices: (orgs ?? []).filter((o) => o.kind === 'street' || o.kind === 'department').map((o) => ({ code: o.id, label: pick(o) })),
})
export const lightFilter = (): Filter => ({ name: 'light', label: t('filter.light'), choices: lights.map((code) => ({ code, label: word('light', code) })) })
const states = ['assigned', 'refused', 'in_progress', 'fix_claimed', 'verified', 'struck_off', 'on_record', 'duplicate', 'withdrawn']
const origins = ['finding', 'instruction', 'order', 'self_check']
export const stateFilter = (): Filter => ({ name: 'state', label: t('filter.state'), choices: states.map((code) => ({ code, label: word('state', code) })) })
export const originFilter = (): Filter => ({ name: 'origin', label: t('filter.origin'), choices: origins.map((code) => ({ code, label: word('origin', code) })) })
export const sortFilter = (): Filter => ({ name: 'sort', label: t('filter.sort'), choices: ['due', 'number', 'assigned'].map((code) => ({ code, label: word('sort', code) })) })
