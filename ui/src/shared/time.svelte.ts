// Times as people read them, and the server's clock. Due times come from the server; nothing here computes one.
import { lang, t } from './i18n.svelte'

let zone = 'Asia/Shanghai'
let skew = $state(0)
let tick = $state(Date.now())

/** Sets the zone and how far this machine's clock is from the server's. */
export function useServerClock(now: string, tz: string) {
  zone = tz || zone
  skew = new Date(now).getTime() - Date.now()
  tick = Date.now()
}

// Every second, but readers round to the minute until the last ten minutes: few of them change.
setInterval(() => {
  tick = Date.now()
}, 1000)

export const machineNow = () => tick
/** What the server's clock showed when this machine's showed `at`. */
export const onServer = (at: number) => at + skew
export const serverNow = () => onServer(tick)
/** Seconds this machine is ahead of (positive) or behind the server's clock. */
export const clockSkew = () => Math.round(-skew / 1000)

type Parts = Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'weekday', string>
const formats: Record<string, Intl.DateTimeFormat> = {}
function parts(at: number | string | Date): Parts {
  const key = `${lang()}${zone}`
  formats[key] ??= new Intl.DateTimeFormat(lang(), {
    timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit',
    hour: '2-digit', minute: '2-digit', second: '2-digit', weekday: 'short',
  })
  const format = formats[key]!
  const found = {} as Parts
  for (const { type, value } of format.formatToParts(new Date(at))) {
    if (type in { year: 1, month: 1, day: 1, hour: 1, minute: 1, second: 1, weekday: 1 }) found[type as keyof Parts] = value
  }
  return found
}

/** Makes the format of times while the network is waited for: the first one loads the browser's calendar, which is slow. */
export const readyTimes = () => void parts(0)

const valid = (at: string | number | null | undefined): at is string | number => at != null && !Number.isNaN(new Date(at).getTime())

// derived, so that a cell showing a time is not written anew with every second
const thisYear = $derived(parts(serverNow()).year)

/** 11-25 18:00, with the year when it is not the server's. */
export function short(at: string | number | null | undefined): string {
  if (!valid(at)) return t('none')
  const p = parts(at)
  const year = p.year === thisYear ? '' : `${p.year}-`
  return `${year}${p.month}-${p.day} ${p.hour}:${p.minute}`
}

/** A time as exactly as it is known: no hour of what is only known to the day or the evening. */
export function known(at: string | number | null | undefined, precision: string, exact = short): string {
  if (!valid(at) || !precision) return exact(at)
  const p = parts(at)
  const date = `${p.year === thisYear ? '' : `${p.year}-`}${p.month}-${p.day}`
  if (precision === 'hour') return t('time.hour', { date, hour: Number(p.hour) })
  return precision === 'evening' ? t('time.evening', { date }) : date
}

/** The long form with the weekday, for headings: 11月25日（周五）18:00. */
export function long(at: string | number | null | undefined): string {
  if (!valid(at)) return t('none')
  const p = parts(at)
  const args = { year: p.year, month: Number(p.month), day: Number(p.day), weekday: p.weekday, time: `${p.hour}:${p.minute}` }
  return p.year === thisYear ? t('time.long', args) : t('time.long-year', args)
}

/** A day, YYYY-MM-DD, with its weekday: 11月25日（周五）. */
export function dayLong(day: string): string {
  const at = fromField(`${day}T12:00`)
  if (!at) return day
  const p = parts(at)
  return t('time.day', { month: Number(p.month), day: Number(p.day), weekday: p.weekday })
}
/** The day of the server's now, YYYY-MM-DD. */
export const today = () => toField(serverNow()).slice(0, 10)
/** A day so many days later. */
export const dayAfter = (day: string, days: number) => toField(new Date(fromField(`${day}T12:00`)).getTime() + days * 86400000).slice(0, 10)

/** 18:00:05 of the server. */
export function clock(at: number): string {
  const p = parts(at)
  return `${p.hour}:${p.minute}:${p.second}`
}

/** Words for a span of minutes: 3 小时, 2 天 4 小时, 12 分. */
export function span(minutes: number): string {
  const m = Math.abs(Math.round(minutes))
  if (m < 60) return t('time.minutes', { n: m })
  if (m < 48 * 60) {
    const rest = m % 60
    return rest && m < 10 * 60 ? t('time.hours-minutes', { n: Math.floor(m / 60), m: rest }) : t('time.hours', { n: Math.floor(m / 60) })
  }
  return t('time.days', { n: Math.floor(m / 1440) })
}

/** Minutes from the server's now to a time, negative when it has passed. */
export const minutesTo = (at: string) => Math.floor((new Date(at).getTime() - serverNow()) / 60000)

/** Value of a datetime-local field, in the tenant's zone. */
export function toField(at: string | number): string {
  const p = parts(at)
  return `${p.year}-${p.month}-${p.day}T${p.hour}:${p.minute}`
}

/** RFC 3339 of a datetime-local field read in the tenant's zone; empty when the field is empty or no time. */
export function fromField(value: string): string {
  // some engines read almost anything as a date, so the form is checked first
  const utc = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(value) ? new Date(`${value}:00Z`).getTime() : Number.NaN
  if (Number.isNaN(utc)) return ''
  // The zone's offset at about that time; a zone with summer time can be an hour off only inside the change itself.
  const shown = new Date(`${toField(utc)}:00Z`).getTime()
  const offset = (shown - utc) / 60000
  const sign = offset < 0 ? '-' : '+'
  const pad = (n: number) => String(Math.floor(n)).padStart(2, '0')
  return `${value}:00${sign}${pad(Math.abs(offset) / 60)}:${pad(Math.abs(offset) % 60)}`
}

/** A preset as-of: the latest given hour that has passed in the tenant's zone. */
export function lastHour(hour: number): string {
  const today = toField(serverNow()).slice(0, 11)
  const at = fromField(`${today}${String(hour).padStart(2, '0')}:00`)
  return new Date(at).getTime() <= serverNow() ? at : fromField(toField(new Date(at).getTime() - 86400000))
}
