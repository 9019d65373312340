import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import en from '../../data/messages/en.json'
import zh from '../../data/messages/zh-CN.json'
import { fill } from '../src/shared/i18n.svelte'

const src = new URL('../src', import.meta.url).pathname
const sources = (function walk(dir: string): string[] {
  return readdirSync(dir).flatMap((name) => {
    const path = join(dir, name)
    return statSync(path).isDirectory() ? walk(path) : /\.(svelte|ts)$/.test(name) ? [path] : []
  })
})(src)

const placeholders = (text: string) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]))].sort()

describe('messages', () => {
  it('have the same keys in both languages', () => {
    expect(Object.keys(en)).toEqual(Object.keys(zh))
  })
  it('have the same placeholders in both languages', () => {
    const different = Object.entries(zh).filter(([key, text]) => placeholders(text).join() !== placeholders((en as Record<string, string>)[key]!).join())
    expect(different.map(([key]) => key)).toEqual([])
  })
  it('are never empty', () => {
    expect([...Object.entries(zh), ...Object.entries(en)].filter(([, text]) => text.trim() === '').map(([key]) => key)).toEqual([])
  })
  it('stand in message files, not in sources', () => {
    const found: string[] = []
    for (const file of sources) {
      readFileSync(file, 'utf8').split('\n').forEach((line, i) => {
        const code = line.replace(/\/\/.*$/, '').replace(/<!--.*?-->/g, '').replace(/\/\*.*?\*\//g, '')
        if (/\p{Script=Han}/u.test(code)) found.push(`${file}:${i + 1}`)
      })
    }
    expect(found).toEqual([])
  })
  it('are all used: a key no source names or builds is dead', () => {
    const text = sources.map((file) => readFileSync(file, 'utf8')).join('\n')
    const groups = new Set([...text.matchAll(/\bword\(['`]([a-z.-]+?)(?:\.\$\{[^}]*\})?['`]/g)].map((m) => m[1]!))
    const built = [...text.matchAll(/\bt\(`([a-z-]+(?:\.[a-z-]+)*)\.\$\{/g)].map((m) => m[1]!)
    const dead = Object.keys(zh).filter((key) =>
      !key.startsWith('due.why.') && // codes the server sends with a deadline
      !text.includes(`'${key}'`) && ![...groups, ...built].some((group) => key.startsWith(`${group}.`)))
    expect(dead).toEqual([])
  })
})

describe('sources', () => {
  it('hold no inline style, which the content security policy refuses', () => {
    expect(sources.filter((file) => file.endsWith('.svelte') && /\sstyle=["{]/.test(readFileSync(file, 'utf8')))).toEqual([])
  })
})

describe('fill', () => {
  it('puts arguments in and leaves unknown placeholders to be seen', () => {
    expect(fill('{n} of {m}', { n: 3 })).toBe('3 of {m}')
  })
})
