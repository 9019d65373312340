// How long pages take on a slow line and a slow machine: largest paint, blocked time, worst answer to an input.
// Each page is opened anew three times and the medians are written into docs/bench.md, beside an empty page
// measured the same way in the same run. Nothing fails for a number.
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { cpus, loadavg } from 'node:os'
import { signedIn, startBrowser, startServer } from '../test/browser/lib.mjs'

const doc = new URL('../../docs/bench.md', import.meta.url)
const [from, until] = ['<!-- pages -->', '<!-- end of pages -->']
const budget = { lcp: 2500, inp: 200 }
const runs = 3
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]
const load = loadavg()[0].toFixed(2)

const server = await startServer()
const empty = createServer((_, reply) => {
  reply.setHeader('Content-Type', 'text/html; charset=utf-8')
  reply.end('<!doctype html><html lang="en"><head><title>empty</title></head><body><h1>empty</h1><input></body></html>')
})
await new Promise((ready) => empty.listen(0, '127.0.0.1', ready))
const browser = await startBrowser()

const keys = async (page, selector, text) => {
  await page.click(selector)
  await page.keyboard.type(text, { delay: 200 })
}
const first = await (await signedIn(browser, server, 'duty_officer')).newPage()
await first.goto('/')
const matter = await first.evaluate(async () => (await (await fetch('/api/v1/matters?state=fix_claimed')).json()).items[0].id)
await first.context().close()

const pages = [
  { name: 'empty page (baseline)', address: `http://127.0.0.1:${empty.address().port}/`, ready: 'h1', input: 'typing', act: (p) => keys(p, 'input', 'abc') },
  { name: 'sign-in', address: '/login', ready: 'form', input: 'typing', act: (p) => keys(p, '#login', 'duty') },
  { name: 'board', address: '/', ready: 'a.figure', input: 'another as-of', act: (p) => p.click('main form button:nth-child(2)') },
  { name: 'matters list', address: '/matters', ready: 'tbody tr', input: 'typing a keyword', act: (p) => keys(p, '[data-search]', 'abc') },
  { name: 'matter', address: `/matters/${matter}`, ready: '.timeline', input: 'opening an act, typing', act: async (p) => {
    await p.click('.acts button.primary')
    await keys(p, '[role=dialog] textarea', 'abc')
  } },
  { name: 'figures by street', address: '/figures?by=street', ready: '.bar', input: 'another as-of', act: (p) => p.click('.asof button') },
]

async function measure({ address, ready, act }) {
  const context = address.startsWith('/login') || address.startsWith('http') ? await browser.newContext({ baseURL: server.base, viewport: { width: 1440, height: 900 } }) : await signedIn(browser, server, 'duty_officer')
  const page = await context.newPage()
  const line = await context.newCDPSession(page)
  await line.send('Network.enable')
  await line.send('Network.emulateNetworkConditions', { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 200_000 })
  await line.send('Emulation.setCPUThrottlingRate', { rate: 4 })
  await page.addInitScript(() => {
    globalThis.seen = { lcp: 0, what: '', blocked: 0, inp: 0 }
    const watch = (type, take, more = {}) => new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true, ...more })
    watch('largest-contentful-paint', (e) => {
      seen.lcp = e.startTime
      seen.what = e.element?.tagName ?? ''
    })
    watch('longtask', (e) => {
      seen.blocked += e.duration - 50
    })
    watch('event', (e) => {
      if (e.interactionId) seen.inp = Math.max(seen.inp, e.duration)
    }, { durationThreshold: 16 })
  })
  await page.goto(address)
  await page.waitForSelector(ready)
  await page.waitForTimeout(1500) // later paints and tasks belong to the load
  const loaded = await page.evaluate(() => ({ ...seen }))
  await act(page)
  await page.waitForTimeout(1500)
  const { inp } = await page.evaluate(() => seen)
  await context.close()
  return { lcp: loaded.lcp, blocked: loaded.blocked, inp }
}

const rows = []
for (const page of pages) {
  const taken = []
  for (let i = 0; i < runs; i++) taken.push(await measure(page))
  const of = (what) => median(taken.map((one) => one[what]))
  rows.push({ ...page, lcp: of('lcp'), blocked: of('blocked'), inp: of('inp') })
  const row = rows.at(-1)
  console.log(`${row.name}: LCP ${Math.round(row.lcp)} ms, blocked ${Math.round(row.blocked)} ms, input ${row.inp} ms`)
}
const version = browser.version()
await browser.close()
empty.close()
await server.stop()

const ms = (n) => `${Math.round(n)} ms`
const told = (row, what) => `${ms(row[what])} — ${row[what] <= budget[what] ? 'met' : '**missed**'}`
const table = [
  '| page | LCP ≤ 2.5 s | blocked while loading | worst input ≤ 200 ms | the input |', '|---|---:|---:|---:|---|',
  ...rows.map((row) => `| ${row.name} | ${told(row, 'lcp')} | ${ms(row.blocked)} | ${row.inp ? told(row, 'inp') : 'under 16 ms — met'} | ${row.input} |`),
]
const section = `${from}
## Pages in a browser

\`make bench-pages\`, ${new Date().toISOString().slice(0, 10)}, Chromium ${version.split('.')[0]}, ${cpus().length} cores of ${cpus()[0].model.trim()};
load of the machine at the beginning, without this run: ${load}. Network 1.6 Mb/s with 150 ms, processor slowed 4 times, nothing cached,
1440 × 900, the demonstration, median of ${runs}. LCP is the largest paint before any input, blocked is what long tasks
took beyond 50 ms each, input is the slowest of the named inputs (the \`event\` entries of the browser, in steps of 8 ms).

${table.join('\n')}
${until}
`
const text = readFileSync(doc, 'utf8')
const [start, end] = [text.indexOf(from), text.indexOf(until)]
writeFileSync(doc, start < 0 || end < start ? `${text.trimEnd()}\n\n${section}` : text.slice(0, start) + section + text.slice(end + until.length + 1))
