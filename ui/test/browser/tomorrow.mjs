// What a team does tomorrow: its sampling plan and the day's walk.
import { axe, check, must, open, settled, signedIn, smallTargets, tooWide, watch } from './lib.mjs'

const dialog = '[role=dialog]'

export async function tomorrow(browser, server) {
  const context = await signedIn(browser, server, 'team_leader')
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  const complaints = watch(page, server.base)
  await open(page, '/')
  const team = await page.evaluate(async () => (await (await fetch('/api/v1/me')).json()).scope.teams[0])
  const rows = (p) => p.locator('section[aria-labelledby=list] tbody tr')

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
    await rows(page).nth(2).locator('button').click()
    await page.click(`${dialog} button.primary`)
    await page.waitForSelector(`${dialog} .error`)
    await page.fill(`${dialog} textarea`, '明日停业。')
    await page.click(`${dialog} button.primary`)
    await page.waitForSelector(dialog, { state: 'detached' })
    await page.waitForSelector('text=明日停业。')
    must((await rows(page).count()) === 9, 'the site is still there')
    await page.click('button:has-text("补充点位")')
    await page.fill(`${dialog} [role=combobox]`, '演示')
    await page.locator(`${dialog} [role=option]`).first().waitFor()
    await page.keyboard.press('Enter')
    await page.fill(`${dialog} textarea`, '群众反映。')
    await page.click(`${dialog} button.primary`)
    const put = await Promise.race([
      page.waitForSelector(dialog, { state: 'detached' }).then(() => true),
      page.waitForSelector(`${dialog} .error`).then(() => false), // that very site was drawn, and the field says so
    ])
    if (!put) await page.keyboard.press('Escape')
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

  await check('nothing complained on the way (tomorrow)', async () => {
    const rest = complaints.filter((c) => !/422|40[39]/.test(c)) // what was refused on purpose
    must(rest.length === 0, rest.join('\n'))
  })
  await context.close()
}
