// Names the pages use for what the API sends; the shapes are generated from its OpenAPI (schema.d.ts).
import type { components } from './schema'

type Schemas = components['schemas']
/** The server sends every list, empty or not; the generator cannot know. */
type Lists<T> = T extends readonly (infer Item)[] ? Lists<Item>[] : T extends object ? { [K in keyof T]: Lists<NonNullList<T[K]>> } : T
type NonNullList<T> = Extract<T, readonly unknown[]> extends never ? T : Exclude<T, null>
type Sent<Name extends keyof Schemas> = Lists<Schemas[Name]>

export type Label = Sent<'Words'>
export type Named = Sent<'Named'>
export type Me = Omit<Sent<'Me'>, 'map'> & { map: Sent<'BaseMap'> | null }
export type Listed = Sent<'Listed'>
export type Catalogue = Sent<'CatalogueView'>
export type Region = Sent<'RegionView'>
export type Org = Sent<'OrgView'>
export type Team = Sent<'TeamView'>
export type Site = Sent<'SiteView'>
export type PeopleRead = Sent<'PeopleRead'>
export type Person = Sent<'FoundPerson'>
export type Incident = Sent<'IncidentPage'>
export type HandOverSheet = Sent<'HandOverSheet'>
export type HandOvers = Sent<'HandOvers'>
export type Batch = Sent<'BatchView'>
export type Coverage = Sent<'CoverageView'>
export type Checklist = Sent<'ChecklistPage'>
export type CheckLine = Sent<'CheckLine'>
export type Cited = Sent<'Cited'>
export type Board = Omit<Sent<'Board'>, 'incident'> & { incident: Sent<'IncidentView'> | null }
export type MatterRow = Sent<'MatterRow'>
export type Photo = Sent<'Photo'>
export type EvidenceFile = Omit<Sent<'EvidenceFile'>, 'of'> & { of: Sent<'MatterRef'> | null }
export type FindingRow = Omit<Sent<'FindingRow'>, 'clause' | 'matter' | 'clock' | 'files'> & { files: EvidenceFile[]; clause: Sent<'Clause'> | null; matter: Sent<'MatterRef'> | null; clock: Sent<'ClockView'> | null }
export type Matter = Omit<Sent<'MatterPage'>, 'finding' | 'master' | 'extension'> & {
  finding: FindingRow | null
  master: Sent<'MatterRef'> | null
  extension: Sent<'ExtensionView'> | null
}
export type Reason = Sent<'Reason'>
export type MatterList = Sent<'MatterList'>
export type SearchResult = Sent<'SearchResult'>
export type Hit = Sent<'Hit'>
export type SavedFilter = Sent<'SavedFilterView'>
export type InboxItem = Omit<Sent<'InboxItem'>, 'matter' | 'finding' | 'clock'> & { matter: MatterRow | null; finding: FindingRow | null; clock: Sent<'ClockView'> | null }
export type Inbox = { items: InboxItem[]; next_due: string | null }
export type VisitRow = Sent<'VisitRow'>
export type VisitList = Sent<'VisitList'>
export type Visit = Omit<Sent<'VisitPage'>, 'finding_list'> & { finding_list: FindingRow[] }
export type FindingList = Omit<Sent<'FindingList'>, 'items'> & { items: FindingRow[] }
export type Raised = Sent<'Raised'>
export type HandOverPreview = Sent<'Preview'>
export type Figures = Sent<'Figures'>
export type Definition = Sent<'Definition'>
export type Behind = Sent<'Behind'>
export type Why = Sent<'Why'>
export type Snapshot = Sent<'SnapshotView'>
export type Ledger = Sent<'LedgerView'>
export type Entry = Sent<'EntryView'>
export type EntryList = Sent<'EntryList'>
export type EntryProof = Sent<'EntryPage'>
export type Verification = Sent<'VerifyReport'>
export type Import = Sent<'ImportView'>
export type LedgerCompared = Sent<'LedgerCompared'>
export type Upload = Sent<'UploadView'>
export type MeetingRow = Sent<'MeetingRow'>
export type Meeting = Omit<Sent<'MeetingPage'>, 'chair'> & { chair: Sent<'Person'> | null }
export type Slot = Sent<'SlotView'>
export type NightRow = Omit<Sent<'NightRow'>, 'by'> & { by: Sent<'Person'> | null }
export type StreetStatus = Omit<Sent<'StatusView'>, 'by'> & { by: Sent<'Person'> | null }
export type Night = Omit<Sent<'NightPage'>, 'matters' | 'streets'> & { matters: NightRow[]; streets: StreetStatus[] }
export type PublicationRow = Sent<'PublicationRow'>
export type PublicationItem = Omit<Sent<'PublicationItem'>, 'source' | 'numbers'> & { source?: { kind: string; ref: string }; numbers?: Record<string, number> }
export type Publication = Omit<Sent<'PublicationPage'>, 'item_list' | 'dropped' | 'issued_by'> & { item_list: PublicationItem[]; dropped: PublicationItem[]; issued_by: Sent<'Person'> | null }
export type ReportRow = Omit<Sent<'ReportRow'>, 'to'> & { to: Named | null }
export type Report = Omit<Sent<'ReportPage'>, 'reviewed_by' | 'signed_by' | 'to' | 'embargo'> & { to: Named | null; embargo: string | null; reviewed_by: Sent<'Person'> | null; signed_by: Sent<'Person'> | null }
export type OrderRow = Omit<Sent<'OrderRow'>, 'issued_by' | 'received' | 'lead' | 'matter'> & {
  issued_by: Sent<'Person'> | null
  received: Sent<'ReceiptOf'> | null
  lead: Named | null
  matter: Sent<'OrderState'> | null
}
export type SiteCheck = Omit<Sent<'SiteCheck'>, 'by' | 'matter'> & { by: Sent<'Person'> | null; matter: Sent<'MatterRef'> | null }
export type Order = Omit<Sent<'OrderPage'>, keyof OrderRow | 'sites' | 'report' | 'reply'> & OrderRow & {
  sites: SiteCheck[]
  report: Sent<'SelfReport'> | null
  reply: Sent<'ReplyView'> | null
}
export type ManyAnswer = Omit<Sent<'ManyAnswer'>, 'items'> & { items: (Omit<Sent<'ManyOutcome'>, 'matter'> & { matter: Sent<'MatterRef'> | null })[] }
export type Slips = Omit<Sent<'Slips'>, 'items'> & { items: { matter: Matter | null; order: Order | null }[] }
export type SiteRow = Sent<'SiteRow'>
export type SitesRead = Sent<'SitesRead'>
export type LineRefused = Sent<'LineRefused'>
export type Proposals = Sent<'Proposals'>
export type Proposal = Sent<'ProposalView'>
export type LookedGrid = Sent<'LookedGrid'>
export type Competence = Sent<'CompetenceView'>
export type Problem = Sent<'Problem'>
export type SamplingStop = Sent<'SamplingStop'>
export type FocusNow = { now: Publication | null; next: Publication | null }
export type FocusProposal = Omit<Sent<'FocusProposal'>, 'item'> & { item: Omit<Sent<'Item'>, 'source'> & { source?: { kind: string; ref: string } } }
export type FocusProposals = Omit<Sent<'FocusProposals'>, 'items'> & { items: FocusProposal[] }
export type MeasureCell = Sent<'MeasureCell'>
export type MeasureView = Sent<'MeasureView'>
export type Measures = Sent<'Measures'>
export type TypeCoverage = Sent<'TypeCoverage'>
export type Redraw = Sent<'RedrawView'>
export type SamplingPlan = Omit<Sent<'SamplingView'>, 'lot' | 'start' | 'accepted_by'> & {
  lot: Omit<Sent<'LotView'>, 'focus' | 'focus_before'> & { focus: Named | null; focus_before: Named | null }
  start: Sent<'SiteRef'> | null
  accepted_by: Sent<'Person'> | null
}
export type SamplingPage = Omit<Sent<'SamplingPage'>, 'plan'> & { plan: SamplingPlan | null }

export const figureNames = [
  'visits', 'sites', 'teams', 'inspectors', 'assigned', 'rectified', 'in_progress',
  'verified', 'closed', 'overdue', 'was_late', 'withdrawn', 'merged',
  'grassroots', 'grassroots_found',
  'orders', 'departments', 'selfcheck_checked', 'selfcheck_found', 'selfcheck_fixed',
  'batches', 'person_times', 'not_given_owner', 'not_given_due', 'not_given_verifier',
] as const
export type CheckRow = Omit<Sent<'CheckView'>, 'target'> & { target: Named | null }
export type CheckList = Omit<Sent<'CheckList'>, 'items'> & { items: CheckRow[] }
export type CheckTallies = Sent<'CheckTallies'>
export type OwnCatalogue = Omit<Sent<'OwnCatalogue'>, 'lists'> & { lists: Record<string, Listed[]> }
export type CatalogueChange = Omit<Sent<'CatalogueChange'>, 'before'> & { before: Listed | null }
export type Flag = Omit<Sent<'FlagView'>, 'other' | 'decided_by'> & { other: Sent<'AboutView'> | null; decided_by: Sent<'Person'> | null }
export type Intercession = Omit<Sent<'IntercessionView'>, 'about'> & { about: Sent<'AboutView'> | null }
export type Suggestion = Omit<Sent<'SuggestionView'>, 'answered_by' | 'publication'> & { answered_by: Sent<'Person'> | null; publication: Named | null }
export type SuggestionList = Omit<Sent<'SuggestionList'>, 'items'> & { items: Suggestion[] }
