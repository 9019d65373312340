// What each act on a matter asks for. The server decides who may and whether it is complete; this says only how the form looks.
import { type Key, word } from '../shared/i18n.svelte'

export interface ActField {
  name: string
  kind: 'text' | 'long' | 'when' | 'unit' | 'photos' | 'choice' | 'codes' | 'matter' | 'visit'
  /** Message key under "field."; the name when the same. */
  label?: string
  hint?: Key
  optional?: boolean
  /** For a choice: the codes, worded under "choice.". */
  choices?: string[]
  list?: string
  /** Shown only when another field has this value. */
  when?: [string, string]
}
export interface ActForm {
  fields: ActField[]
  /** Fixed values sent along. */
  set?: Record<string, unknown>
  /** Taking it back is another act and on record. */
  grave?: boolean
}

const text: ActField = { name: 'text', kind: 'long' }

export const forms: Record<string, ActForm> = {
  receive: { fields: [{ name: 'owner_name', kind: 'text', hint: 'hint.owner', optional: true }, { name: 'expected_at', kind: 'when', optional: true }] },
  refuse: {
    fields: [
      { name: 'reason', kind: 'choice', choices: ['not_ours', 'fact_wrong'] },
      { ...text, label: 'reason_text' },
      { name: 'proposed_unit', kind: 'unit', optional: true, when: ['reason', 'not_ours'] },
    ],
  },
  reassign: { fields: [{ name: 'unit', kind: 'unit' }, { name: 'decision_text', kind: 'long' }, { name: 'due', kind: 'when', hint: 'hint.due-moves', optional: true }] },
  uphold_assignment: { fields: [{ name: 'decision_text', kind: 'long' }] },
  ask_extension: { fields: [{ name: 'reason', kind: 'long', label: 'reason_text' }, { name: 'progress', kind: 'long' }, { name: 'until', kind: 'when', hint: 'hint.extension' }] },
  decide_extension: { fields: [{ name: 'granted', kind: 'choice', choices: ['true', 'false'] }, { name: 'until', kind: 'when', when: ['granted', 'true'] }, text] },
  claim: { fields: [{ ...text, label: 'measures' }, { name: 'photos', kind: 'photos', label: 'after_photos', hint: 'hint.after' }] },
  reply: { fields: [{ ...text, label: 'reply_text' }, { name: 'reference', kind: 'text', optional: true }] },
  verify: { fields: [{ name: 'passed', kind: 'choice', choices: ['true', 'false'] }, { ...text, label: 'seen' }, { name: 'visit', kind: 'visit', hint: 'hint.verify-visit', optional: true }, { name: 'photos', kind: 'photos', hint: 'hint.verify-evidence', optional: true }, { name: 'no_photo_reason', kind: 'text', optional: true }] },
  strike_off: { fields: [{ ...text, optional: true, label: 'opinion' }], grave: true },
  explain: { fields: [{ ...text, label: 'reason_text' }, { name: 'expected_at', kind: 'when' }] },
  reopen: { fields: [{ name: 'reason', kind: 'choice', choices: ['look_back', 'relapse', 'citizen'] }, text] },
  look_back: { fields: [{ name: 'found', kind: 'choice', choices: ['ok', 'relapse'] }, { ...text, label: 'seen' }] },
  put_on_record: { fields: [{ name: 'plan', kind: 'long' }, { name: 'review_at', kind: 'when' }] },
  withdraw: { fields: [{ ...text, label: 'reason_text' }], grave: true },
  mark_duplicate: { fields: [{ name: 'master', kind: 'matter', hint: 'hint.master' }] },
  unmark_duplicate: { fields: [{ ...text, label: 'reason_text' }] },
  urge: { fields: [text, { name: 'formal', kind: 'choice', choices: ['false', 'true'] }] },
  correct: {
    fields: [
      { name: 'severity', kind: 'codes', list: 'severities', optional: true },
      { name: 'street', kind: 'text', optional: true, hint: 'hint.street-code' },
      { name: 'problem_type', kind: 'codes', list: 'problem_types', optional: true },
      { name: 'area', kind: 'codes', list: 'areas', optional: true },
      { name: 'responsibility', kind: 'codes', list: 'responsibilities', optional: true },
      { ...text, label: 'reason_text' },
    ],
  },
}

/** What an entry such as matter.received says happened. */
export const entryName = (type: string) => word('act', type.replace(/^[a-z]+\./, ''))

const inFields = new Set(['street', 'problem_type', 'themes', 'area', 'responsibility', 'severity'])
const booleans = new Set(['granted', 'passed', 'formal'])

/** The body of an act from what was typed: empty optional fields are left out, never sent as "". */
export function bodyOf(act: string, version: number, typed: Record<string, unknown>): Record<string, unknown> {
  const body: Record<string, unknown> = { version }
  const corrected: Record<string, unknown> = {}
  for (const field of forms[act]?.fields ?? []) {
    if (field.when && String(typed[field.when[0]] ?? '') !== field.when[1]) continue
    const value = typed[field.name]
    if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0 && field.optional)) continue
    const sent = booleans.has(field.name) ? value === 'true' : value
    if (act === 'correct' && inFields.has(field.name)) corrected[field.name] = sent
    else body[field.name] = sent
  }
  if (act === 'correct') body.fields = corrected
  return body
}
