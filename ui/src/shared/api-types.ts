// Shapes of the API v1 as the pages use them. One file, so that generated types can take its place.

/** RFC 3339 with an offset. */
export type Time = string
export interface Label { zh: string; en: string }
export interface Coded extends Label { code: string }
export interface PersonRef { ref: string; name: string }
export interface Place { code: string; name: string }
export interface Named { id: string; name: string }
export interface TeamRef { id: string; no: number | string }

export interface Me {
  account: string
  login: string
  person: PersonRef
  tenant: Coded & { demo: boolean }
  roles: string[]
  scope: { regions: string[]; orgs: string[]; teams: string[] }
  acts: string[]
  now: Time
  zone: string
}

export interface Clause extends Coded { text_zh: string; text_en: string }
export interface ChecklistItem extends Coded { site_type: string }
export interface RulePack extends Coded { version: number }
export interface Catalogue {
  themes: Coded[]
  areas: Coded[]
  responsibilities: Coded[]
  focus: Coded[]
  problem_types: Coded[]
  site_types: Coded[]
  severities: Coded[]
  channels: Coded[]
  states: Coded[]
  origins: Coded[]
  visit_methods: Coded[]
  clauses: Clause[]
  items: ChecklistItem[]
  rule_packs: RulePack[]
}

export interface Region {
  code: string
  name: string
  level: 'district' | 'town' | 'community'
  parent: string
  pinyin: string
  valid_from: string
  valid_to: string | null
}
export interface Org extends Label { id: string; code: string; kind: string; region: string }
export interface Team extends Label {
  id: string
  no: number | string
  street: string
  members: { ref: string; name: string; role: string }[]
  from: Time
  to: Time | null
}
export interface Site {
  id: string
  name: string
  type: string
  region: string
  region_name: string
  address: string
  last_visit: Time | null
  open: number
}
export interface Person { ref: string; name: string; org: string; posts: string[] }

export type FigureName =
  | 'visits' | 'sites' | 'teams' | 'inspectors' | 'assigned' | 'rectified' | 'in_progress'
  | 'verified' | 'closed' | 'overdue' | 'was_late' | 'withdrawn' | 'merged'
export type FigureSet = Partial<Record<FigureName, number>>

export interface Board {
  as_of: Time
  known_at: Time
  head: number
  incident: { id: string; zh: string; en: string; phase: string } | null
  figures: FigureSet
  streets: {
    code: string; name: string; col: number; row: number; posted: boolean
    visits: number; assigned: number; rectified: number; in_progress: number; overdue: number
  }[]
  grid: { cols: number; rows: number }
  overdue: MatterRow[]
  counts: { unsigned: number; unconfirmed: number; objections: number; to_verify: number; due_soon: number }
}

export type Light =
  | 'on_time' | 'due_soon' | 'late' | 'very_late' | 'verify' | 'objection' | 'waiting' | 'extended' | 'closed'

export interface MatterRow {
  id: string
  number: string
  version: number
  origin: string
  state: string
  light: Light
  severity: string
  street: Place
  addressee: Named | null
  team: TeamRef | null
  site: Named | null
  problem_type: string
  themes: string[]
  area: string | null
  responsibility: string
  channel: string
  fact: string | null
  due: Time | null
  assigned_at: Time
  minutes_left: number | null
  was_late: boolean
  round: number
  hops: number
  verb: string | null
}

export interface ClockRow {
  kind: string
  started_at: Time
  due: Time | null
  satisfied_at: Time | null
  light: Light
  rule: string
  explain: Label[]
}
export interface EvidenceRow { id: string; kind: 'before' | 'after' | 'receipt' | 'other'; taken_at: Time | null; url: string; hash: string }
export interface TimelineRow {
  pos: number
  act: string
  occurred_at: Time
  recorded_at: Time
  effective_at: Time
  by: { ref: string; name: string; unit: string } | null
  text: string | null
  args: Record<string, unknown>
}
export interface ActRow { act: string; allowed: boolean; code: string | null; why: string | null }

export interface Matter extends MatterRow {
  finding: {
    id: string; visit: string; raised_at: Time; recorded_at: Time; raised_by: PersonRef | null
    place_detail: string | null; clause: Clause | null; item: string | null
  } | null
  requirement: string | null
  owner: PersonRef | null
  not_given: string[]
  master: { id: string; number: string } | null
  duplicates: { id: string; number: string }[]
  clocks: ClockRow[]
  evidence: EvidenceRow[]
  timeline: TimelineRow[]
  ladder: { step: string; at: Time; fired_at: Time | null }[]
  acts: ActRow[]
}

export interface Page<T> { total: number; found: number; items: T[]; next: string | null }
export interface Inbox { items: MatterRow[]; next_due: Time | null; last_done_at: Time | null }

export interface VisitRow {
  id: string
  site: { id: string; name: string; type: string }
  street: Place
  team: TeamRef
  inspectors: PersonRef[]
  started_at: Time
  ended_at: Time | null
  methods: string[]
  findings: number
  state: 'open' | 'ended' | 'annulled'
  origin: string
}
export interface FindingRow {
  id: string
  visit: string
  state: 'draft' | 'raised' | 'confirmed' | 'rejected' | 'handed_over'
  problem_type: string
  severity: string
  fact: string | null
  place_detail: string | null
  street: Place
  site: Named | null
  team: TeamRef | null
  raised_at: Time
  raised_by: PersonRef | null
  themes: string[]
  area: string | null
  responsibility: string
  clause: Clause | null
  item: string
  fixed_on_spot: boolean
  matter: { id: string; number: string } | null
  version: number
  photos: { id: string; kind: string; url: string }[]
}
export type Visit = Omit<VisitRow, 'findings'> & { note: string | null; findings: FindingRow[]; version: number }

export interface HandOverPreview {
  due: Time | null
  explain: Label[]
  suggested_unit: Named | null
  rules: Coded[]
  warnings: { code: string; detail: string }[]
}

export interface Figures {
  as_of: Time
  known_at: Time
  figures: FigureSet
  by?: string
  split?: { code: string; label: Label; figures: FigureSet }[]
  may_exceed_total?: boolean
  note?: Label
}
export interface Definition {
  name: string; version: number; zh: string; en: string; unit_zh: string; unit_en: string
  series: string[]; text_zh: string; text_en: string
}
export interface FigureList {
  total: number
  items: { kind: 'matter' | 'visit' | 'site' | 'team' | 'person'; id: string; label: string; since: Time | null; pos: number | null }[]
  next: string | null
}
export interface Why {
  value: number
  definition: string | Definition
  filters: unknown
  entries: { from: number; to: number }
  root_hash: string
  known_pos: number
  moved: { pos: number; at: Time; n: number; subject: { kind: string; id: string; label: string } }[]
}
export interface Snapshot {
  id: string; as_of: Time; known_at: Time; pos: number; hash: string; figures: FigureSet; sentence: string; holds: boolean
}

export interface Import {
  id: string
  state: 'running' | 'stopped' | 'done' | 'failed'
  file: string
  map: string
  dry_run: boolean
  read: number
  taken: number
  already: number
  refused: number
  bytes: number
  total_bytes: number
  started_at: Time
  ended_at: Time | null
  line: string
  refusals?: { line: number; column: string; value: string; rule: string; message: string }[]
}

export interface Ledger {
  size: number
  root: string
  checkpoint: string
  verified: { ok: boolean; at: Time; size: number } | null
  sentence: Label
}
export interface Entry {
  pos: number
  type: string
  version: number
  subject: string
  occurred_at: Time
  recorded_at: Time
  actor: string
  parts: { name: string; class: string; state: 'readable' | 'sealed' | 'destroyed' }[]
  hash: string
}
export interface EntryProof extends Entry { body: unknown; proof: string[]; leaf: string; size: number; root: string }
export interface Verification {
  ok: boolean; size: number; root: string; parts: { present: number; destroyed: number; missing: number }; seconds: number
}

/** RFC 9457 with the field and the rule; title and detail are in the language asked for. */
export interface Problem {
  type?: string
  title: string
  status: number
  code: string
  detail: string
  errors?: { location: string; message: string; code?: string }[]
  args?: Record<string, unknown>
}
