// Draws docs/screens: each page at 390 and 1440, most in Chinese, some in English, some on night shift;
// the sign-in page, two dialogs as they stand open, and what comes out on paper.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { must, open, settled, signedIn } from './lib.mjs'
import { addresses } from './pages.mjs'

const folder = new URL('../../../docs/screens/', import.meta.url).pathname
const desk = { viewport: { width: 1440, height: 900 } }
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }

export async function screens(browser, server) {
  mkdirSync(folder, { recursive: true })
  const probe = await (await signedIn(browser, server, 'duty_officer')).newPage()
  await open(probe, '/')
  const all = await addresses(probe)
  await probe.context().close()
  const { missing: _, 'matters, filtered': __, ...shown } = all
  const sets = [
    ['zh-1440', desk, Object.keys(shown)],
    ['zh-390', phone, Object.keys(shown)],
    ['zh-1440-night', { ...desk, theme: 'dark' }, ['board', 'matter', 'figures']],
    ['en-1440', { ...desk, language: 'en' }, ['board', 'matters', 'matter', 'figure', 'ledger']],
    ['en-390', { ...phone, language: 'en' }, ['board', 'inbox']],
  ]
  for (const [name, options, pages] of sets) {
    const context = await signedIn(browser, server, 'duty_officer', options)
    const page = await context.newPage()
    for (const key of pages) {
      await open(page, all[key])
      await page.waitForSelector('.is-live')
      await settled(page)
      await page.screenshot({ path: `${folder}${key.replace(/\W+/g, '-')}-${name}.png` })
    }
    await context.close()
  }
  await signIn(browser, server)
  await dialogs(browser, server)
  await papers(browser, server, all)
}

async function signIn(browser, server) {
  for (const [language, short] of [['zh-CN', 'zh'], ['en', 'en']]) {
    for (const size of [desk, phone]) {
      const context = await browser.newContext({ ...size, locale: language, baseURL: server.base })
      const page = await context.newPage()
      await page.goto(`/login?lang=${language}`)
      await page.screenshot({ path: `${folder}sign-in-${short}-${size.viewport.width}.png` })
      await context.close()
    }
  }
}

/** A finding that a leader confirmed and nobody handed over yet; the demonstration leaves none. */
async function confirmed(page) {
  return page.evaluate(async () => {
    const api = async (path, body) => {
      const reply = await fetch(`/api/v1${path}`, body && {
        method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json', 'Idempotency-Key': `${path}:${body.version}`.replace(/\W/g, '-') },
      })
      if (!reply.ok) throw new Error(await reply.text())
      return reply.json()
    }
    const [me, { lists }] = [await api('/me'), await api('/catalogue')]
    const team = (await api('/teams')).items.find((t) => t.id === me.scope.teams[0])
    const site = (await api(`/sites?region=${team.postings[0].street.code}`)).items[0]
    const visit = await api('/visits', { site: site.id, team: team.id, inspectors: team.members.slice(0, 2).map((m) => m.ref), methods: [lists.visit_methods[0].code] })
    const raised = await api(`/visits/${visit.id}/findings`, {
      problem_type: lists.problem_types[0].code, severity: lists.severities[1].code, responsibility: lists.responsibilities[0].code, themes: [lists.themes[0].code],
      clause: lists.clauses[0].code, place_detail: '2单元楼下', fact: '2单元楼下 17:05 约15人聚集领取物资，未戴口罩', no_photo_reason: '现场有未成年人，未拍照',
    })
    const finding = raised.finding ?? raised
    await api(`/findings/${finding.id}/confirm`, { version: finding.version })
    return `/visits/${visit.id}`
  })
}

async function dialogs(browser, server) {
  const leader = await (await signedIn(browser, server, 'team_leader')).newPage()
  await open(leader, '/')
  const visit = await confirmed(leader)
  await leader.context().close()
  for (const [name, options] of [['zh-1440', desk], ['zh-390', phone], ['en-1440', { ...desk, language: 'en' }], ['zh-1440-night', { ...desk, theme: 'dark' }]]) {
    const context = await signedIn(browser, server, 'duty_officer', options)
    const page = await context.newPage()
    await open(page, '/')
    const matter = await page.evaluate(async () => (await (await fetch('/api/v1/matters?state=fix_claimed')).json()).items[0].id)
    await open(page, `/matters/${matter}?act=verify`)
    await page.check('[role=dialog] input[type=radio][value=true]')
    await page.fill('[role=dialog] textarea', '2单元楼下已清空，现场无人聚集')
    await page.screenshot({ path: `${folder}dialog-verify-${name}.png` })
    await open(page, visit)
    await page.click('[data-finding] button.primary')
    await page.waitForFunction(() => /\d/.test(document.querySelector('[data-due]')?.textContent ?? ''))
    await page.fill('[role=dialog] textarea', '两小时内清空积压，分时领取。')
    await page.screenshot({ path: `${folder}dialog-hand-over-${name}.png` })
    await context.close()
  }
}

/** The first sheet of what the browser prints. */
async function papers(browser, server, all) {
  const dir = mkdtempSync(join(tmpdir(), 'duzhan-paper-'))
  for (const [language, short] of [['zh-CN', 'zh'], ['en', 'en']]) {
    const context = await signedIn(browser, server, 'duty_officer', { language })
    const page = await context.newPage()
    for (const name of ['slip', 'brief']) {
      await open(page, all[name])
      const file = join(dir, 'paper.pdf')
      writeFileSync(file, await page.pdf({ preferCSSPageSize: true, printBackground: true }))
      const drawn = spawnSync('pdftoppm', ['-png', '-r', '80', '-singlefile', file, `${folder}paper-${name}-${short}`], { encoding: 'utf8' })
      must(drawn.status === 0, `pdftoppm: ${drawn.stderr || drawn.error}`)
    }
    await context.close()
  }
  rmSync(dir, { recursive: true })
}
