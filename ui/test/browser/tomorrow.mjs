// What a team does tomorrow: its sampling plan and the day's walk.
import { createServer } from 'node:http'
import { axe, check, must, open, settled, signedIn, smallTargets, startServer, tooWide, watch } from './lib.mjs'

const dialog = '[role=dialog]'

export async function tomorrow(browser, server) {
  const context = await signedIn(browser, server, 'team_leader')
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  const complaints = watch(page, server.base)
  await open(page, '/')
  const team = await page.evaluate(async () => (await (await fetch('/api/v1/me')).json()).scope.teams[0])
  const rows = (p) => p.locator('section[aria-labelledby=list] tbody tr')

  await check('a team reads today\'s focus on its own page, new and dropped items marked, and says so (R009, R118)', async () => {
    await open(page, `/teams/${team}`)
    const focus = page.locator('section[aria-labelledby=todays-focus]')
    await focus.locator('.tag:has-text("新增")').first().waitFor()
    await focus.locator('.tag:has-text("本版没有")').first().waitFor()
    const title = (await focus.locator('a').first().textContent()).trim()
    await focus.locator('button:has-text("我已阅")').click()
    await focus.locator('button:has-text("我已阅")').waitFor({ state: 'detached' })
    await focus.locator('a').first().click()
    await page.waitForSelector(`h1:has-text("${title}")`)
  })

  await check('a leader draws sites, takes one out and adds one with reasons, accepts; an auditor draws the same again (R076)', async () => {
    await open(page, `/teams/${team}/plan`)
    await page.click('button:has-text("明天")')
    await page.waitForURL(/day=/)
    await settled(page)
    await page.fill('input[type=number]', '61')
    await page.evaluate(() => document.querySelector('form.draw').requestSubmit?.call(Object.assign(document.querySelector('form.draw'), { noValidate: true })))
    await page.waitForSelector('form.draw .error')
    await page.fill('input[type=number]', '10')
    await page.click('form.draw button')
    await page.waitForFunction(() => document.querySelectorAll('section[aria-labelledby=list] tbody tr').length === 10)
    const taken = (await rows(page).nth(2).locator('b').textContent()).trim()
    await rows(page).nth(2).locator('button').click()
    await page.click(`${dialog} button.primary`)
    await page.waitForSelector(`${dialog} .error`)
    await page.fill(`${dialog} textarea`, '明日停业。')
    await page.click(`${dialog} button.primary`)
    await page.waitForSelector(dialog, { state: 'detached' })
    await page.waitForSelector('text=明日停业。')
    must((await rows(page).count()) === 9, 'the site is still there')
    await page.click('button:has-text("补充点位")')
    await page.fill(`${dialog} [role=combobox]`, taken) // what was taken out may come back
    await page.keyboard.press('Enter') // at once: it takes what was typed, not the first of the list before
    await page.fill(`${dialog} textarea`, '改为照常营业。')
    await page.click(`${dialog} button.primary`)
    await page.waitForSelector(dialog, { state: 'detached' })
    await page.waitForSelector(`section[aria-labelledby=list] tbody tr:has-text("${taken}")`)
    await page.click('button:has-text("确认计划")')
    await page.waitForSelector('section .tag:has-text("执行中")')
    const auditor = await (await signedIn(browser, server, 'auditor', { viewport: { width: 390, height: 844 }, hasTouch: true })).newPage()
    await open(auditor, `/teams/${team}/plan?day=${new URL(page.url()).searchParams.get('day')}`)
    must((await auditor.locator('button:has-text("确认计划"), form.draw').count()) === 0, 'an auditor may draw')
    await auditor.click('button:has-text("再抽一次核对")')
    await auditor.waitForSelector('text=/一致：从 \\d+ 个点位再次抽出相同的 10 个/')
    await auditor.context().close()
  })

  await check('the plan on a phone is a list in walking order, says what is a straight line, and goes to a visit (R076)', async () => {
    const phone = await (await signedIn(browser, server, 'team_leader', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })).newPage()
    phone.setDefaultTimeout(10_000)
    await open(phone, `/teams/${team}/plan`)
    await phone.waitForSelector('text=直线距离')
    must((await phone.locator('section[aria-labelledby=list] .cards li').count()) > 9, 'no cards')
    must((await smallTargets(phone, 44)).length === 0, (await smallTargets(phone, 44)).join('; '))
    await phone.setViewportSize({ width: 320, height: 844 })
    must((await tooWide(phone)) <= 0, 'scrolls sideways at 320')
    const found = await axe(phone)
    must(found.length === 0, found.join('\n'))
    const link = phone.locator('a.button[href^="/visits/new?site="]').first()
    const name = (await link.locator('.visually-hidden').textContent()).trim()
    await link.click()
    await phone.waitForSelector('[role=combobox]')
    must((await phone.inputValue('[role=combobox]')) === name, 'the site is not filled in')
    await phone.context().close()
  })

  await check('who is inspected is offered no plan and reads none', async () => {
    const street = await (await signedIn(browser, server, 'street_principal')).newPage()
    await open(street, `/teams/${team}`)
    must((await street.locator('a[href$="/plan"]').count()) === 0, 'the plan is offered')
    const status = await street.evaluate(async (id) => (await fetch(`/api/v1/teams/${id}/samplings`)).status, team)
    must(status === 403 || status === 404, `answered ${status}`)
    await street.context().close()
  })

  await check('yesterday proposes the focus: a number leads to its list, one click takes it into the draft with its source (R118, R119)', async () => {
    const duty = await (await signedIn(browser, server, 'duty_officer')).newPage()
    duty.setDefaultTimeout(10_000)
    await open(duty, '/publications/new?kind=focus')
    const button = duty.locator('[data-proposal] button').first()
    const item = duty.locator('[data-proposal]', { has: duty.locator('button') }).first()
    const link = item.locator('a').first()
    const said = Number(/\d+/.exec(await link.textContent())[0])
    const list = await link.getAttribute('href')
    const key = await item.getAttribute('data-proposal')
    await button.click()
    await duty.waitForSelector(`[data-proposal="${key}"] >> text=已列入草稿`)
    must((await duty.inputValue('[data-item="0"] textarea')).length > 4, 'no words')
    const ref = await duty.locator('[data-item="0"] input[type=text]').nth(1).inputValue()
    must(ref === list, `the source is ${ref}`)
    const found = await axe(duty)
    must(found.length === 0, found.join('\n'))
    await open(duty, list)
    must(new RegExp(`\\b${said}\\b`).test(await duty.textContent('main')), 'the list has another number')
    const rows = await duty.evaluate(async (l) => (await (await fetch(`/api/v1${l}`)).json()).found, list)
    must(rows === said, `${rows} in the list, ${said} proposed`)
    await duty.evaluate(() => localStorage.removeItem('draft:publication:new:focus:'))
    await duty.context().close()
  })

  await check('without a map nothing is asked of anybody: the sites stand on a sketch that says so, and keys move it', async () => {
    await open(page, `/teams/${team}/plan`)
    await page.waitForSelector('figure .marker')
    must((await page.locator('figure img').count()) === 0, 'there are tiles')
    must((await page.textContent('figcaption')).includes('示意，非地图'), 'it is not said to be a sketch')
    must(!complaints.some((c) => c.startsWith('request to')), complaints.join('\n'))
    const at = () => page.locator('figure .marker').first().evaluate((e) => e.style.left)
    const before = await at()
    await page.focus('figure .view')
    await page.keyboard.press('ArrowRight')
    must((await at()) !== before, 'the arrow does not move it')
    await page.keyboard.press('0')
    must((await at()) === before, '0 does not bring it back')
    await page.click('figure button[aria-label="放大"]')
    must((await page.locator('figure .marker').count()) > 0, 'nothing is left')
  })

  await check('with a map its tiles come from that one server and no other, under its name', async () => {
    const asked = []
    const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')
    const tiles = createServer((request, reply) => {
      asked.push(request.url)
      reply.setHeader('Content-Type', 'image/png')
      reply.end(png)
    })
    await new Promise((ready) => tiles.listen(0, '127.0.0.1', ready))
    const origin = `http://127.0.0.1:${tiles.address().port}`
    const mapped = await startServer(['--map-tiles', `${origin}/{z}/{x}/{y}.png`, '--map-attribution', '© 测试底图'])
    try {
      const context = await signedIn(browser, mapped, 'duty_officer')
      const sites = await context.newPage()
      const elsewhere = watch(sites, mapped.base)
      await open(sites, '/registry/sites?map=1')
      await sites.waitForSelector('figure img')
      await sites.waitForFunction(() => [...document.querySelectorAll('figure img')].every((i) => i.complete && i.naturalWidth === 1))
      must(asked.length > 3 && asked.every((u) => /^\/\d+\/\d+\/\d+\.png$/.test(u)), asked.join(' '))
      must((await sites.textContent('figcaption')).includes('© 测试底图'), 'whose map it is is not said')
      const other = elsewhere.filter((c) => !c.startsWith(`request to ${origin}/`))
      must(other.length === 0, other.join('\n'))
      const refused = await sites.evaluate((u) => new Promise((done) => {
        document.addEventListener('securitypolicyviolation', () => done(true), { once: true })
        const i = new Image()
        i.onload = () => done(false)
        i.src = u
      }), `http://localhost:${tiles.address().port}/1/1/1.png`)
      must(refused, 'an image of another server is loaded')
      const found = await axe(sites)
      must(found.length === 0, found.join('\n'))
      await context.close()
    } finally {
      await mapped.stop()
      tiles.close()
    }
  })

  await check('nothing complained on the way (tomorrow)', async () => {
    const rest = complaints.filter((c) => !/422|40[39]/.test(c)) // what was refused on purpose
    must(rest.length === 0, rest.join('\n'))
  })
  await context.close()
}
