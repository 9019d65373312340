// Which page an address shows, and the navigation. Pages load when they are first needed.
import type { Component } from 'svelte'
import type { Key } from '../shared/i18n.svelte'
import { match } from '../shared/router.svelte'
import { asks, may } from './data.svelte'

// biome-ignore lint/suspicious/noExplicitAny: a page takes the named parts of its own pattern as properties
type Page = Component<any>
/** `first` is the read that the page is drawn from, under its topic: asked for while the page itself is still on its way. */
interface Route { pattern: string; help: string; load: () => Promise<{ default: Page }>; first?: (named: Record<string, string>) => [topic: string, path: string] }

export const routes: Route[] = [
  { pattern: '/', help: 'board', load: () => import('./pages/Board.svelte') },
  { pattern: '/leader', help: 'leader', load: () => import('./pages/Leader.svelte') },
  { pattern: '/inbox', help: 'inbox', load: () => import('./pages/Inbox.svelte') },
  { pattern: '/matters', help: 'matters', load: () => import('./pages/Matters.svelte'), first: () => ['matters', asks.matters()] },
  { pattern: '/matters/slips', help: 'matters', load: () => import('./pages/Slips.svelte') },
  { pattern: '/matters/:id', help: 'matter', load: () => import('./pages/Matter.svelte'), first: ({ id }) => ['matter', asks.matter(id!)] },
  { pattern: '/matters/:id/slip', help: 'matter', load: () => import('./pages/Slip.svelte') },
  { pattern: '/orders', help: 'orders', load: () => import('./pages/Orders.svelte') },
  { pattern: '/orders/new', help: 'orders', load: () => import('./pages/NewOrder.svelte') },
  { pattern: '/orders/looked-at', help: 'orders', load: () => import('./pages/LookedAt.svelte') },
  { pattern: '/orders/:id', help: 'order', load: () => import('./pages/Order.svelte') },
  { pattern: '/orders/:id/slip', help: 'order', load: () => import('./pages/OrderSlip.svelte') },
  { pattern: '/visits', help: 'visits', load: () => import('./pages/Visits.svelte') },
  { pattern: '/visits/new', help: 'visits', load: () => import('./pages/NewVisit.svelte') },
  { pattern: '/visits/:id', help: 'visit', load: () => import('./pages/Visit.svelte') },
  { pattern: '/findings', help: 'findings', load: () => import('./pages/Findings.svelte') },
  { pattern: '/hand-overs', help: 'hand-overs', load: () => import('./pages/HandOvers.svelte') },
  { pattern: '/briefs', help: 'briefs', load: () => import('./pages/Briefs.svelte') },
  { pattern: '/briefs/:id', help: 'briefs', load: () => import('./pages/Brief.svelte') },
  { pattern: '/meetings', help: 'meetings', load: () => import('./pages/Meetings.svelte') },
  { pattern: '/meetings/:id', help: 'meetings', load: () => import('./pages/Meeting.svelte') },
  { pattern: '/night', help: 'night', load: () => import('./pages/Night.svelte') },
  { pattern: '/nights/:day', help: 'night', load: () => import('./pages/Night.svelte') },
  { pattern: '/publications', help: 'publications', load: () => import('./pages/Publications.svelte') },
  { pattern: '/publications/new', help: 'publications', load: () => import('./pages/NewPublication.svelte') },
  { pattern: '/publications/:id', help: 'publications', load: () => import('./pages/Publication.svelte') },
  { pattern: '/publications/:id/coverage', help: 'publications', load: () => import('./pages/Coverage.svelte') },
  { pattern: '/publications/:id/measures', help: 'publications', load: () => import('./pages/Measures.svelte') },
  { pattern: '/reports', help: 'reports', load: () => import('./pages/Reports.svelte') },
  { pattern: '/reports/:id', help: 'reports', load: () => import('./pages/Report.svelte') },
  { pattern: '/suggestions', help: 'suggestions', load: () => import('./pages/Suggestions.svelte') },
  { pattern: '/grassroots', help: 'grassroots', load: () => import('./pages/Grassroots.svelte') },
  { pattern: '/discipline', help: 'discipline', load: () => import('./pages/Discipline.svelte') },
  { pattern: '/catalogues', help: 'catalogues', load: () => import('./pages/Catalogues.svelte') },
  { pattern: '/figures', help: 'figures', load: () => import('./pages/Figures.svelte') },
  { pattern: '/figures/:name', help: 'figures', load: () => import('./pages/Figure.svelte') },
  { pattern: '/incidents', help: 'incidents', load: () => import('./pages/Incidents.svelte') },
  { pattern: '/batches', help: 'batches', load: () => import('./pages/Batches.svelte') },
  { pattern: '/batches/:id', help: 'batches', load: () => import('./pages/Batch.svelte') },
  { pattern: '/imports', help: 'imports', load: () => import('./pages/Imports.svelte') },
  { pattern: '/imports/:id', help: 'imports', load: () => import('./pages/Import.svelte') },
  { pattern: '/teams/:id', help: 'team', load: () => import('./pages/Team.svelte') },
  { pattern: '/teams/:id/plan', help: 'sampling', load: () => import('./pages/SamplingPlan.svelte') },
  { pattern: '/registry/:kind', help: 'registry', load: () => import('./pages/Registry.svelte') },
  { pattern: '/ledger', help: 'ledger', load: () => import('./pages/Ledger.svelte') },
  { pattern: '/ledger/:pos', help: 'ledger', load: () => import('./pages/Entry.svelte') },
  { pattern: '/settings', help: 'settings', load: () => import('./pages/Settings.svelte') },
  { pattern: '/search', help: 'search', load: () => import('./pages/Search.svelte') },
  { pattern: '/more', help: 'board', load: () => import('./pages/More.svelte') },
]

export function find(path: string): { route: Route; named: Record<string, string> } | null {
  for (const route of routes) {
    const named = match(route.pattern, path)
    if (named) return { route, named }
  }
  return null
}

/** One of `acts` opens the page; none: everybody's. */
interface Nav { href: string; label: Key; purpose: Key; icon: string; tab: boolean; acts?: string[] }
const all: Nav[] = [
  { href: '/', label: 'nav.board', purpose: 'board.purpose', icon: '▦', tab: true, acts: ['read'] },
  { href: '/leader', label: 'nav.leader', purpose: 'leader.purpose', icon: '◈', tab: true, acts: ['report.comment'] },
  { href: '/inbox', label: 'nav.inbox', purpose: 'inbox.purpose', icon: '☰', tab: true, acts: ['read'] },
  { href: '/matters', label: 'nav.matters', purpose: 'matters.purpose', icon: '⚑', tab: true, acts: ['read'] },
  { href: '/orders', label: 'nav.orders', purpose: 'orders.purpose', icon: '✎', tab: false, acts: ['read'] },
  { href: '/visits', label: 'nav.visits', purpose: 'visits.purpose', icon: '◎', tab: true, acts: ['read'] },
  { href: '/findings', label: 'nav.findings', purpose: 'findings.purpose', icon: '◇', tab: false, acts: ['read'] },
  { href: '/hand-overs', label: 'nav.hand-overs', purpose: 'hand-overs.purpose', icon: '✍', tab: false, acts: ['read'] },
  { href: '/briefs', label: 'nav.briefs', purpose: 'briefs.purpose', icon: '▤', tab: false, acts: ['read'] },
  { href: '/meetings', label: 'nav.meetings', purpose: 'meetings.purpose', icon: '⌂', tab: false, acts: ['read'] },
  { href: '/nights/today', label: 'nav.night', purpose: 'night.purpose', icon: '☾', tab: false, acts: ['read'] },
  { href: '/publications', label: 'nav.publications', purpose: 'publications.purpose', icon: '§', tab: false, acts: ['read'] },
  { href: '/reports', label: 'nav.reports', purpose: 'reports.purpose', icon: '✉', tab: false, acts: ['read'] },
  { href: '/suggestions', label: 'nav.suggestions', purpose: 'suggestions.purpose', icon: '☼', tab: false, acts: ['suggest'] },
  { href: '/grassroots', label: 'nav.grassroots', purpose: 'grassroots.purpose', icon: '❖', tab: false, acts: ['read'] },
  { href: '/discipline', label: 'nav.discipline', purpose: 'discipline.purpose', icon: '⚖', tab: false, acts: ['intercede', 'flags'] },
  { href: '/figures', label: 'nav.figures', purpose: 'figures.purpose', icon: '∑', tab: false, acts: ['read'] },
  { href: '/batches', label: 'nav.batches', purpose: 'batches.purpose', icon: '◫', tab: false, acts: ['read'] },
  { href: '/incidents', label: 'nav.incidents', purpose: 'incidents.purpose', icon: '!', tab: false, acts: ['read'] },
  { href: '/imports', label: 'nav.imports', purpose: 'imports.purpose', icon: '⇩', tab: false, acts: ['import'] },
  { href: '/registry/teams', label: 'nav.registry', purpose: 'registry.purpose', icon: '≡', tab: false, acts: ['read', 'rosters'] },
  { href: '/registry/people', label: 'nav.people', purpose: 'registry.purpose', icon: '☺', tab: false, acts: ['accounts'] },
  { href: '/ledger', label: 'nav.ledger', purpose: 'ledger.purpose', icon: '✓', tab: false, acts: ['ledger'] },
  { href: '/catalogues', label: 'nav.catalogues', purpose: 'catalogue.purpose', icon: '☷', tab: false, acts: ['rules'] },
  { href: '/settings', label: 'nav.settings', purpose: 'settings.purpose', icon: '⚙', tab: false },
]

/** The pages open to the signed-in person. */
export const nav = () => all.filter((n) => !n.acts || n.acts.some(may))

/** The four that stand at the bottom of a phone; the rest is behind a fifth. */
export const tabs = () => (nav().some((n) => n.tab) ? nav().filter((n) => n.tab) : nav()).slice(0, 4)

/** Where somebody begins: the board, or the first page open to who may not read business data. */
export const home = () => nav()[0]!.href
