import { describe, expect, it, vi } from 'vitest'
import { bodyOf, forms } from '../src/desk/acts'
import { keyFor, query, uuid } from '../src/shared/api'
import { csv } from '../src/shared/csv'
import { dropDraft, keepDraft, readDraft } from '../src/shared/drafts'
import { useLanguage } from '../src/shared/i18n.svelte'
import { handle } from '../src/shared/keys'
import { parse } from '../src/shared/live.svelte'
import { match } from '../src/shared/router.svelte'
import { fromField, long, short, span, toField, useServerClock } from '../src/shared/time.svelte'

describe('idempotency key', () => {
  it('stays the same while the same body is tried again, and changes with the body', () => {
    const first = keyFor('/matters/1/claim', '{"text":"a"}')
    expect(keyFor('/matters/1/claim', '{"text":"a"}')).toBe(first)
    expect(keyFor('/matters/1/claim', '{"text":"b"}')).not.toBe(first)
    expect(keyFor('/matters/2/claim', '{"text":"b"}')).not.toBe(first)
  })
  it('is a UUID of version 4', () => {
    expect(uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })
})

describe('query', () => {
  it('leaves out what is empty', () => {
    expect(query({ a: '', b: null, c: 'x y', d: 0 })).toBe('?c=x+y&d=0')
    expect(query({})).toBe('')
  })
})

describe('drafts', () => {
  it('come back until they are dropped', () => {
    keepDraft('matter:1:claim', { text: 'half' })
    expect(readDraft('matter:1:claim')).toEqual({ text: 'half' })
    dropDraft('matter:1:claim')
    expect(readDraft('matter:1:claim')).toBeNull()
  })
})

describe('csv', () => {
  it('quotes, and keeps a cell that begins like a formula a text', () => {
    for (const begin of ['=', '+', '-', '@', '\t', ' =', '\uFF1D', '\uFF20']) expect(csv([[`${begin}1`]])).toBe(`\uFEFF'${begin}1\r\n`)
    expect(csv([['a', 'b,c'], ['=1+1', 'say "x"'], ['-5', '']])).toBe('\uFEFFa,"b,c"\r\n\'=1+1,"say ""x"""\r\n\'-5,\r\n')
  })
})

describe('event stream', () => {
  it('gives whole events, keeps the rest, and hears comments as nothing', () => {
    const seen: string[][] = []
    const on = (event: string, data: string, id: string) => void seen.push([event, data, id])
    let rest = parse(': heartbeat\n\nid: 7\nevent: change\ndata: {"pos":7}\n\nevent: cha', on)
    rest = parse(`${rest}nge\r\ndata: {"pos":8}\r\n\r\n`, on)
    expect(seen).toEqual([['change', '{"pos":7}', '7'], ['change', '{"pos":8}', '']])
    expect(rest).toBe('')
  })
})

describe('keys', () => {
  const press = (key: string, more: object = {}) => ({ key, isComposing: false, keyCode: 0, ctrlKey: false, metaKey: false, altKey: false, target: null, preventDefault() {}, ...more }) as unknown as KeyboardEvent
  vi.stubGlobal('HTMLElement', class {})
  it('act alone and in sequence', () => {
    const done: string[] = []
    const map = { '/': () => void done.push('search'), 'g b': () => void done.push('board') }
    expect(handle(press('/'), map, '')).toBe('')
    const open = handle(press('g'), map, '')
    expect(open).toBe('g')
    handle(press('b'), map, open)
    expect(done).toEqual(['search', 'board'])
  })
  it('belong to the input method while it composes', () => {
    const done: string[] = []
    const map = { Enter: () => void done.push('sent') }
    handle(press('Enter', { isComposing: true }), map, '')
    handle(press('Enter', { keyCode: 229 }), map, '')
    handle(press('Enter', { ctrlKey: true }), map, '')
    expect(done).toEqual([])
  })
})

describe('router', () => {
  it('matches named parts and nothing longer', () => {
    expect(match('/matters/:id', '/matters/a%2Fb')).toEqual({ id: 'a/b' })
    expect(match('/matters/:id', '/matters/1/slip')).toBeNull()
    expect(match('/', '/')).toEqual({})
    expect(match('/', '/matters')).toBeNull()
  })
})

describe('times', () => {
  it('are shown in the tenant zone whatever the machine has, 24 h, full-width brackets', async () => {
    await useLanguage('zh-CN')
    useServerClock('2022-11-25T18:20:00+08:00', 'Asia/Shanghai')
    expect(long('2022-11-25T10:00:00Z')).toBe('11月25日（周五）18:00')
    expect(short('2022-11-24T16:05:00Z')).toBe('11-25 00:05')
    expect(short('2021-11-24T16:05:00Z')).toBe('2021-11-25 00:05')
    expect(short(null)).toBe('—')
    expect(short('not a time')).toBe('—')
  })
  it('go through a field and back', () => {
    expect(toField('2022-11-25T10:00:00Z')).toBe('2022-11-25T18:00')
    expect(fromField('2022-11-25T18:00')).toBe('2022-11-25T18:00:00+08:00')
    expect(fromField('')).toBe('')
  })
  it('give spans in words', () => {
    expect(span(-180)).toBe('3 小时')
    expect(span(19)).toBe('19 分')
    expect(span(75)).toBe('1 小时 15 分')
    expect(span(60 * 24 * 3)).toBe('3 天')
  })
})

describe('bodies of acts', () => {
  it('leave out optional fields that are empty and those of another choice', () => {
    expect(bodyOf('receive', 4, { owner_name: '' })).toEqual({ version: 4 })
    expect(bodyOf('refuse', 1, { reason: 'fact_wrong', text: 'x', proposed_unit: 'o1' })).toEqual({ version: 1, reason: 'fact_wrong', text: 'x' })
  })
  it('send yes and no as booleans', () => {
    expect(bodyOf('verify', 2, { passed: 'false', text: 'seen', photos: [] })).toEqual({ version: 2, passed: false, text: 'seen' })
  })
  it('put corrected facets under fields', () => {
    expect(bodyOf('correct', 2, { area: 'A1', text: 'why' })).toEqual({ version: 2, text: 'why', fields: { area: 'A1' } })
  })
  it('exist for every act of the transition table a person does', () => {
    const acts = ['receive', 'refuse', 'reassign', 'uphold_assignment', 'ask_extension', 'decide_extension', 'claim', 'reply', 'verify', 'strike_off', 'reopen', 'look_back', 'put_on_record', 'withdraw', 'mark_duplicate', 'unmark_duplicate', 'urge', 'correct', 'explain']
    expect(Object.keys(forms).sort()).toEqual(acts.sort())
  })
})
