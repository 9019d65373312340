// Starts a fresh demonstration and a Chromium, and counts checks.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const root = new URL('../../../', import.meta.url).pathname
const binary = join(root, 'bin', 'duzhan')
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

let passed = 0
const failures = []
/** Runs one check; what it throws is its failure. */
export async function check(name, fn) {
  try {
    await fn()
    passed++
  } catch (error) {
    failures.push(name)
    console.log(`FAIL ${name}\n     ${String(error?.message ?? error).split('\n').slice(0, 12).join('\n     ')}`)
  }
}
export function must(condition, words) {
  if (!condition) throw new Error(words)
}
export function summary() {
  console.log(`browser: ${passed} passed, ${failures.length} failed`)
  return failures.length === 0
}

const freePort = () =>
  new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })

/** A demonstration of its own on a free port; `more` are further arguments of the server. */
export async function startServer(more = []) {
  const dir = mkdtempSync(join(tmpdir(), 'duzhan-browser-'))
  const data = join(dir, 'data')
  const made = spawnSync(binary, ['demo', '--data', data], { encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`duzhan demo: ${made.stderr || made.error}`)
  const address = `127.0.0.1:${await freePort()}`
  const server = spawn(binary, ['serve', '--data', data, '--listen', address, ...more], { stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  let gone = false
  for (const stream of [server.stdout, server.stderr]) {
    stream.on('data', (text) => {
      log += text
    })
  }
  const ended = new Promise((resolve) => {
    server.once('exit', () => {
      gone = true
      resolve()
    })
  })
  const base = `http://${address}`
  while (!gone) {
    const up = await fetch(`${base}/login`).then((reply) => reply.ok, () => false)
    if (up) break
    await new Promise((next) => setTimeout(next, 50))
  }
  if (gone) throw new Error(`duzhan serve ended:\n${log}`)
  // it prints its invented accounts: one a role, and the password of all
  const roles = Object.fromEntries([...log.matchAll(/^ {2}([a-z_]+) +(\S+)$/gm)].map((m) => [m[1], m[2]]))
  return {
    base,
    roles,
    password: /Password of every account: (\S+)/.exec(log)?.[1] ?? '',
    async stop() {
      server.kill('SIGTERM')
      await ended
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

export function startBrowser() {
  const asRoot = process.getuid?.() === 0
  return chromium.launch({ executablePath: process.env.DUZHAN_CHROMIUM || 'chromium', args: asRoot ? ['--no-sandbox'] : [] })
}

/** What a page may not do: errors on its console, violations of the content security policy, requests elsewhere. */
export function watch(page, base) {
  const complaints = []
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of (4\d\d)/.test(message.text())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.stack ?? error.message))
  page.on('request', (request) => {
    if (!request.url().startsWith(base) && !/^(data|blob):/.test(request.url())) complaints.push(`request to ${request.url()}`)
  })
  return complaints
}

const states = new Map()
/** A context signed in as the demonstration's first account of a role. */
export async function signedIn(browser, server, role, options = {}) {
  const login = server.roles[role]
  const { language = 'zh-CN', theme = 'light', ...rest } = options
  const settings = { viewport: { width: 1440, height: 900 }, locale: language, timezoneId: 'Asia/Shanghai', colorScheme: theme, baseURL: server.base, ...rest }
  const known = `${server.base} ${login}`
  if (!states.has(known)) {
    const context = await browser.newContext(settings)
    const page = await context.newPage()
    await page.goto('/login')
    await page.fill('input[name=login]', login)
    await page.fill('input[name=password]', server.password)
    await Promise.all([page.waitForURL((url) => url.pathname !== '/login'), page.keyboard.press('Enter')])
    states.set(known, await context.storageState())
    await context.close()
  }
  const state = states.get(known)
  const origins = [{ origin: server.base, localStorage: [{ name: 'language', value: language }, { name: 'settings', value: JSON.stringify({ theme }) }] }]
  return browser.newContext({ ...settings, storageState: { cookies: state.cookies, origins } })
}

/** Opens an address and waits until its data is drawn. */
export async function open(page, address) {
  await page.goto(address)
  await settled(page)
}
export async function settled(page) {
  await page.waitForSelector('main h1')
  await page.waitForFunction(() => !document.querySelector('main .loading, main [aria-busy=true]'))
}

/** Violations that axe finds, in words; of one rule when it is named. */
export async function axe(page, rule) {
  await page.evaluate(axeSource)
  const found = await page.evaluate((only) => globalThis.axe.run(document, { resultTypes: ['violations'], ...(only ? { runOnly: [only] } : {}) }), rule)
  return found.violations.map((v) => `${v.impact} ${v.id}: ${v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join(' | ')}`)
}

/** How many pixels the page is wider than its window. */
export const tooWide = (page) => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)

/** Controls smaller than so many pixels; links inside a sentence are text, not targets. */
export const smallTargets = (page, least) =>
  page.evaluate((limit) => {
    const small = []
    for (const e of document.querySelectorAll('a[href], button, input, select, textarea, summary')) {
      const box = e.getBoundingClientRect()
      if (!box.width || !box.height) continue
      if (e.matches('.skip')) continue
      let target = box
      if (e.matches('input[type=checkbox], input[type=radio]')) target = e.closest('label')?.getBoundingClientRect() ?? box
      const inText = e.matches('a') && e.parentElement.matches('p, dd, span, li:not(nav li), h2, td, th, .hint') && getComputedStyle(e).display === 'inline'
      if (inText) continue
      if (target.height < limit - 0.5 || target.width < Math.min(limit, 24) - 0.5) small.push(`${e.tagName} "${(e.textContent || e.getAttribute('aria-label') || '').trim().slice(0, 20)}" ${Math.round(target.width)}×${Math.round(target.height)}`)
    }
    return [...new Set(small)].slice(0, 5)
  }, least)
