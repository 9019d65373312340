// Every page in both themes, at every width, in both languages: axe, sideways scrolling, targets, console.
import { readFileSync } from 'node:fs'
import { axe, check, must, open, settled, signedIn, smallTargets, tooWide, watch } from './lib.mjs'

/** Addresses of every page, with real ids from the demonstration. */
export async function addresses(page) {
  const first = (path) =>
    page.evaluate(async (p) => {
      const reply = await fetch(`/api/v1${p}`)
      return (await reply.json()).items?.[0]
    }, path)
  const [matter, visit, snapshot] = [await first('/matters?light=overdue'), await first('/visits'), await first('/snapshots')]
  const [meeting, report, team] = [await first('/meetings'), await first('/reports'), await first('/teams')]
  const [plan, directive] = [await first('/publications?kind=plan'), await first('/publications?kind=directive')]
  const batch = await first('/batches')
  const unsigned = await page.evaluate(async () => (await (await fetch('/api/v1/hand-overs')).json()).unsigned[0]?.addressee.id)
  const order = await first('/orders?area=A1')
  const matters = matter ?? (await first('/matters'))
  return {
    board: '/',
    inbox: '/inbox',
    matters: '/matters',
    'matters, filtered': '/matters?state=struck_off&sort=due',
    matter: `/matters/${matters.id}`,
    slip: `/matters/${matters.id}/slip`,
    slips: `/matters/slips?ids=${matters.id},${order.id}`,
    'slips, none': '/matters/slips',
    orders: '/orders',
    order: `/orders/${order.id}`,
    'order slip': `/orders/${order.id}/slip`,
    'new order': '/orders/new',
    'looked at': '/orders/looked-at',
    competences: '/registry/competences',
    visits: '/visits',
    visit: `/visits/${visit.id}`,
    'new visit': '/visits/new',
    'sampling plan': `/teams/${team.id}/plan`,
    findings: '/findings',
    figures: '/figures?by=street',
    figure: '/figures/assigned',
    'hand-overs': '/hand-overs',
    'hand-over sheet': `/hand-overs?unit=${unsigned}`,
    briefs: '/briefs',
    ...(snapshot ? { brief: `/briefs/${snapshot.id}` } : {}),
    meetings: '/meetings',
    meeting: `/meetings/${meeting.id}`,
    leader: '/leader',
    night: '/nights/today',
    'night before': '/nights/2022-11-24',
    publications: '/publications',
    plan: `/publications/${plan.id}`,
    directive: `/publications/${directive.id}?item=C01`,
    coverage: `/publications/${directive.id}/coverage`,
    measures: `/publications/${plan.id}/measures`,
    'new plan': '/publications/new?kind=plan',
    'new focus': '/publications/new?kind=focus',
    'new notice': '/publications/new?kind=notice',
    'new bulletin': '/publications/new?kind=bulletin',
    reports: '/reports',
    report: `/reports/${report.id}`,
    team: `/teams/${team.id}`,
    discipline: '/discipline',
    'discipline, all': '/discipline?state=all',
    suggestions: '/suggestions',
    grassroots: '/grassroots',
    'grassroots, one unit': '/grassroots?state=open',
    catalogues: '/catalogues',
    'catalogue of problems': '/catalogues?list=problem_types',
    incidents: '/incidents',
    batches: '/batches',
    batch: `/batches/${batch.id}`,
    imports: '/imports',
    teams: '/registry/teams',
    units: '/registry/orgs',
    regions: '/registry/regions',
    sites: '/registry/sites',
    people: '/registry/people',
    ledger: '/ledger',
    entry: '/ledger/100',
    search: '/search',
    'search, found': `/search?q=${encodeURIComponent('超市')}`,
    'search, nothing': `/search?q=${encodeURIComponent('无此处')}`,
    settings: '/settings',
    more: '/more',
    missing: '/no-such-page',
  }
}

const rowsInPage = (page) => page.evaluate(() => document.querySelectorAll('tbody tr').length)

async function fits(page, width) {
  const size = page.viewportSize()
  if (size.width !== width) {
    await page.setViewportSize({ width, height: size.height })
    await page.evaluate(() => new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)))) // what measures itself has measured
  }
  const over = await tooWide(page)
  must(over <= 0, `${over} px too wide at ${width}`)
}

export async function pages(browser, server) {
  const probe = await (await signedIn(browser, server, 'duty_officer')).newPage()
  await open(probe, '/')
  const all = await addresses(probe)
  await probe.context().close()

  // what a window of another width does is seen by making the same page narrower, not by loading it again
  const drawn = async (theme, width) => {
    const phone = width === 390
    const context = await signedIn(browser, server, 'duty_officer', { theme, ...(phone ? { viewport: { width, height: 844 }, hasTouch: true, isMobile: true } : {}) })
    const page = await context.newPage()
    const complaints = watch(page, server.base)
    for (const [name, address] of Object.entries(all)) {
      await check(`${name}, ${theme}, ${width}: axe, console, demonstration named`, async () => {
        complaints.length = 0
        await open(page, address)
        const found = await axe(page, theme === 'dark' ? 'color-contrast' : undefined) // the theme changes colours only
        must(found.length === 0, found.join('\n'))
        must(complaints.length === 0, complaints.join('\n'))
        must((await page.locator('.demo').count()) === 1, 'no banner says that the data are invented')
      })
      if (theme === 'dark') continue
      await check(`${name}, ${width}: targets, width, rows`, async () => {
        const small = await smallTargets(page, phone ? 44 : 24)
        must(small.length === 0, `too small: ${small.join('; ')}`)
        await fits(page, width)
        must((await rowsInPage(page)) <= 80, 'more than 80 rows in the page')
      })
      const narrow = phone ? 320 : 720
      await check(`${name}, zh-CN, ${narrow}: fits`, () => fits(page, narrow))
      await page.setViewportSize({ width, height: phone ? 844 : 900 })
    }
    await context.close()
  }
  const english = async () => {
    const context = await signedIn(browser, server, 'duty_officer', { language: 'en' })
    const page = await context.newPage()
    for (const [name, address] of Object.entries(all)) {
      await check(`${name}, en: in English, fits at 1440 and 390`, async () => {
        await page.setViewportSize({ width: 1440, height: 900 })
        await open(page, address)
        // what is neither data nor the name of the other language is English
        const words = await page.evaluate(() => [...document.querySelectorAll('h1, nav a, thead th, label, legend, .hint, dt')].map((e) => e.textContent.trim()))
        const zh = words.filter((w) => /^\p{Script=Han}{2,4}$/u.test(w) && !['中文', '简体中文'].includes(w))
        must(await page.evaluate(() => document.documentElement.lang) === 'en', 'lang is not en')
        must(zh.length === 0 || ['slip', 'slips', 'visit', 'night', 'night before', 'order', 'measures'].includes(name), `in Chinese: ${zh.slice(0, 5).join(' ')}`)
        await fits(page, 1440)
        await fits(page, 390)
      })
    }
    await context.close()
  }
  // two at a time: a page mostly waits
  const work = [() => drawn('light', 1440), () => drawn('light', 390), () => drawn('dark', 1440), english]
  const worker = async () => {
    for (let next = work.shift(); next; next = work.shift()) await next()
  }
  await Promise.all([worker(), worker()])

  await check('dialogs: axe with each open', async () => {
    const context = await signedIn(browser, server, 'duty_officer')
    const page = await context.newPage()
    await open(page, '/')
    await page.keyboard.press('?')
    await page.waitForSelector('[role=dialog]')
    let found = await axe(page)
    must(found.length === 0, `help: ${found.join('\n')}`)
    await page.keyboard.press('Escape')
    must((await page.locator('[role=dialog]').count()) === 0, 'Esc does not close the help')
    await open(page, `${all.matter}?act=urge`)
    await page.waitForSelector('[role=dialog]')
    found = await axe(page)
    must(found.length === 0, `act: ${found.join('\n')}`)
    await context.close()
  })

  for (const role of ['district_leader', 'commission_principal', 'team_leader', 'inspector', 'street_principal', 'dept_liaison', 'auditor', 'system_admin']) {
    await check(`${role}: every page of the navigation opens without a refusal`, async () => {
      const context = await signedIn(browser, server, role)
      const page = await context.newPage()
      await open(page, '/')
      const links = await page.locator('nav.side a').evaluateAll((list) => list.map((a) => a.getAttribute('href')))
      for (const link of links) {
        await open(page, link)
        const refused = await page.locator('main [role=alert]').allTextContents()
        must(refused.length === 0, `${link}: ${refused.join(' ')}`)
        for (const tab of await page.locator('main nav.tabs a').evaluateAll((list) => list.map((a) => a.getAttribute('href')))) if (!links.includes(tab)) links.push(tab)
      }
      await context.close()
    })
  }

  await check('wall mode: no controls, stays until Esc, text of 24 px', async () => {
    const context = await signedIn(browser, server, 'duty_officer', { theme: 'dark' })
    const page = await context.newPage()
    await open(page, '/')
    await page.keyboard.press('w')
    await page.waitForFunction(() => document.documentElement.dataset.wall === '')
    must(!(await page.locator('nav.side').isVisible()), 'the navigation is shown')
    must((await page.locator('main button:visible').count()) === 0, 'a button is shown')
    const least = await page.evaluate(() => Math.min(...[...document.querySelectorAll('main *')].filter((e) => e.children.length === 0 && e.textContent.trim() && e.getClientRects().length).map((e) => Number.parseFloat(getComputedStyle(e).fontSize))))
    must(least >= 24, `text of ${least} px`)
    await page.keyboard.press('Escape')
    must(await page.locator('nav.side').isVisible(), 'Esc does not bring the navigation back')
    await context.close()
  })

  await check('filters stand in the address and the export follows them', async () => {
    const context = await signedIn(browser, server, 'duty_officer')
    const page = await context.newPage()
    await open(page, '/matters')
    await page.selectOption('select[aria-label="状态"]', 'struck_off')
    await page.waitForFunction(() => location.search.includes('state=struck_off'))
    await settled(page)
    const href = await page.getAttribute('a[download]', 'href')
    must(href.includes('state=struck_off'), `export is ${href}`)
    const csv = await page.evaluate(async (h) => (await fetch(h)).text(), href)
    must(csv.split('\n').length > 2, 'the export is empty')
    must(csv.includes('演示数据'), 'the export does not say that the data are invented')
    await context.close()
  })

  await check('a list without a server file is written page by page, invented data named', async () => {
    const context = await signedIn(browser, server, 'duty_officer')
    const page = await context.newPage()
    await open(page, '/visits')
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('.tools button', { hasText: 'CSV' }).click()])
    const lines = readFileSync(await download.path(), 'utf8').trim().split('\r\n')
    must(lines[0].includes('演示数据'), lines[0])
    const counted = Number(/\d+/.exec(await page.textContent('.pager p'))[0])
    must(lines.length === counted + 2, `${lines.length} lines for ${counted} visits`)
    await context.close()
  })

  await check('every figure of a brief has its word, in the order they are read out', async () => {
    const context = await signedIn(browser, server, 'duty_officer')
    const page = await context.newPage()
    await open(page, all.brief)
    const words = await page.locator('main tbody th').allTextContents()
    must(words[0] === '走访点位' && words.length > 10, words.join(' '))
    must(words.every((word) => !/^[a-z_]+$/.test(word)), words.join(' '))
    await context.close()
  })

  await check('from a figure on the board to the list behind it in two taps', async () => {
    const context = await signedIn(browser, server, 'duty_officer', { viewport: { width: 390, height: 844 }, hasTouch: true })
    const page = await context.newPage()
    await open(page, '/')
    const value = await page.locator('a.figure', { hasText: '交办' }).first().locator('.value').textContent()
    await page.locator('a.figure', { hasText: '交办' }).first().tap()
    await page.waitForURL(/figures\/assigned/)
    await settled(page)
    await page.waitForSelector('[aria-labelledby=list] a')
    const number = (text) => Number.parseInt(text, 10)
    const there = await page.locator('main .value').first().textContent()
    must(number(there) === number(value), `another number than on the board: ${there}, ${value}`)
    await page.locator('[aria-labelledby=list] a').first().tap()
    await page.waitForURL(/matters\//)
    await context.close()
  })
}
