// Sentences of the pages, from data/messages; what the server says itself stands in its own files there.
import type zh from '../../../data/messages/zh-CN.json'
import type { Label, Reason } from './api-types'

export type Key = keyof typeof zh
export type Language = 'zh-CN' | 'en'

const loaders: Record<Language, () => Promise<{ default: Record<string, string> }>> = {
  'zh-CN': () => import('../../../data/messages/zh-CN.json'),
  en: () => import('../../../data/messages/en.json'),
}

let language = $state<Language>('zh-CN')
let messages = $state.raw<Record<string, string>>({})

export const lang = () => language

export async function useLanguage(next: Language) {
  if (Object.keys(messages).length === 0) language = next // nothing is shown yet, but the server may be asked
  messages = (await loaders[next]()).default
  language = next
  document.documentElement.lang = next
  document.title = t('app.name')
  try {
    localStorage.setItem('language', next)
  } catch {
    // a browser that keeps nothing still shows the language until it is closed
  }
}

export function storedLanguage(): Language {
  try {
    const kept = localStorage.getItem('language')
    if (kept === 'en' || kept === 'zh-CN') return kept
  } catch {
    // as above
  }
  return (navigator.language || 'zh').startsWith('zh') ? 'zh-CN' : 'en'
}

/** The sentence of a key with its {placeholders} filled; the key itself when there is none. */
export function t(key: Key, args: Record<string, string | number> = {}): string {
  return fill(messages[key] ?? key, args)
}

/** A sentence whose key is made at run time from a code; falls back to the code. */
export function word(group: string, code: string | null | undefined): string {
  if (!code) return t('none')
  return messages[`${group}.${code}`] ?? code
}

export const has = (key: string) => messages[key] !== undefined

export function fill(text: string, args: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in args ? String(args[name]) : whole))
}

/** One step of a deadline's arithmetic in words. */
export const reason = (step: Reason) => fill(messages[step.code] ?? step.code, step.args ?? {})

/** The side of a bilingual label for the language in use. */
export const pick = (label: Label | null | undefined) => (label ? (language === 'en' ? label.en || label.zh : label.zh || label.en) : '')
