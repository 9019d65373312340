// Several at once: print, urge, hand over; each is decided on its own, and closing is not offered.
import { axe, check, must, open, settled, signedIn, smallTargets, tooWide, watch } from './lib.mjs'

const dialog = '[role=dialog]'
const api = (page, path) => page.evaluate(async (p) => (await fetch(`/api/v1${p}`)).json(), path)
const send = (page, path, body) =>
  page.evaluate(async ([p, b]) => {
    const reply = await fetch(`/api/v1${p}`, { method: 'POST', body: JSON.stringify(b), headers: { 'Content-Type': 'application/json' } })
    return { status: reply.status, body: await reply.json() }
  }, [path, body])

export async function many(browser, server) {
  const context = await signedIn(browser, server, 'duty_officer')
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  const complaints = watch(page, server.base)

  await check('several matters: all of a page, urged with one text, each with its own answer', async () => {
    await open(page, '/matters?q=〔2022〕1号')
    const { items } = await api(page, `/matters?q=${encodeURIComponent('〔2022〕1号')}&limit=50`)
    const able = items.filter((m) => ['assigned', 'refused', 'in_progress', 'fix_claimed', 'on_record'].includes(m.state))
    must(able.length > 0 && able.length < items.length, 'the demonstration has not both sorts')
    await page.check('.many label:has-text("全选本页") input')
    must((await page.locator('.tick input:checked').count()) === items.length, 'not all of the page are ticked')
    must((await page.locator('.many [role=status]').textContent()).includes(String(items.length)), 'the number is not said')
    must((await page.locator('.many button:has-text("销号"), .many button:has-text("核查")').count()) === 0, 'closing many is offered')
    await page.click('.many button:has-text("催办")')
    await page.waitForSelector(dialog)
    await page.click(`${dialog} button.primary`)
    await page.waitForSelector(`${dialog} textarea[aria-invalid=true]`) // without words it is refused at the field
    await page.fill(`${dialog} textarea`, '请于今晚办结并反馈。')
    const found = await axe(page)
    must(found.length === 0, found.join('\n'))
    await page.click(`${dialog} button.primary`)
    await page.waitForSelector('[data-answer]')
    must((await page.locator('[data-answer] li').count()) === items.length - able.length, 'not every refusal is named')
    must((await page.locator('[data-answer] li .error').allTextContents()).every((w) => w.length > 5), 'a refusal says nothing')
    await page.click('[data-answer] button.primary')
    await page.waitForFunction((n) => document.querySelectorAll('.tick input:checked').length === n, items.length - able.length)
    const after = await api(page, `/matters/${able[0].id}`)
    must(after.timeline.some((e) => e.act === 'matter.urged' && e.text === '请于今晚办结并反馈。'), 'it is not in the history')
  })

  await check('R062: closing many is refused by name, and nothing changes', async () => {
    const { items } = await api(page, '/matters?limit=200')
    for (const act of ['strike_off', 'verify', 'close']) {
      const { status, body } = await send(page, `/many/${act}`, { items: items.map((m) => ({ id: m.id, version: m.version })) })
      must(status === 422 && body.code === 'many.one-by-one' && body.title.includes('逐个'), `${act}: ${status} ${JSON.stringify(body).slice(0, 200)}`)
    }
  })

  await check('the slips of several: one document, one on each page, the slip that each is alone', async () => {
    await open(page, '/matters')
    const { items } = await api(page, '/matters?limit=50')
    const [a, b] = [items.find((m) => m.origin === 'finding'), items.find((m) => m.origin === 'order')]
    for (const m of [a, b]) await page.check(`.tick input[aria-label$="${m.number}"]`)
    await page.click('.many a.button')
    await page.waitForSelector('.slips article')
    await settled(page)
    must((await page.locator('.slips article').count()) === 2, 'not two slips')
    must((await page.evaluate(() => { const list = document.querySelectorAll('.slips .page'); return list.length })) === 2, 'not two pages')
    await page.emulateMedia({ media: 'print' })
    must((await page.locator('.slips .page').nth(1).evaluate((e) => getComputedStyle(e).breakBefore)) === 'page', 'the second begins no page')
    await page.emulateMedia({ media: 'screen' })
    const words = (text) => text.replace(/\s+/g, '').split('·')[0] // the foot says when it was drawn
    const together = words(await page.locator('.slips article').first().textContent())
    await open(page, `/matters/${a.id}/slip`)
    must(together === words(await page.locator('article.slip').textContent()), 'it is another slip than alone')
  })

  await check('several confirmed findings are handed over to one unit, each with a number of its own', async () => {
    const leading = await signedIn(browser, server, 'team_leader')
    const desk = await leading.newPage()
    desk.setDefaultTimeout(10_000)
    await open(desk, '/findings')
    const done = async (path, body) => {
      const reply = await send(desk, path, body)
      must(reply.status < 300, `${path}: ${JSON.stringify(reply.body)}`)
      return reply.body
    }
    const before = (await api(desk, '/findings?state=handed_over')).items[0]
    const me = await api(desk, '/me')
    for (const open of (await api(desk, `/visits?state=open&team=${before.team.id}`)).items) await done(`/visits/${open.id}/end`, { version: open.version }) // nobody is in two places
    const visit = await done('/visits', { site: before.site.id, team: before.team.id, inspectors: [me.person.ref], methods: ['inspection'], alone_reason: '夜间抽查' })
    const raised = []
    for (const fact of ['入口测温岗20时起无人值守，3人直接进入。', '电梯按键当日消杀记录缺2次。']) {
      const f = await done(`/visits/${visit.id}/findings`, { problem_type: before.problem_type, severity: 'moderate', themes: before.themes, area: before.area, responsibility: 'unit', clause: before.clause?.code, item: before.item, fact, no_photo_reason: '夜间光线不足' })
      await done(`/findings/${f.id}/confirm`, { version: f.version })
      raised.push(await api(desk, `/findings/${f.id}`))
    }
    await open(desk, '/findings?state=confirmed')
    await desk.check('.many label:has-text("全选本页") input')
    await desk.click('.many button:has-text("一并交办")')
    await desk.waitForSelector(dialog)
    const unit = desk.locator(`${dialog} input[role=combobox]`)
    await unit.fill(raised[0].street.name)
    await desk.waitForSelector(`${dialog} [role=option][aria-selected=true]:has-text("${raised[0].street.name}")`)
    await unit.press('Enter')
    await desk.fill(`${dialog} textarea`, '立即整改，同类点位一并自查。')
    await desk.click(`${dialog} button.primary`)
    await desk.waitForSelector('[data-answer]')
    must((await desk.locator('[data-answer] li').count()) === 0, await desk.locator('[data-answer]').textContent())
    const now = await Promise.all(raised.map((f) => api(desk, `/findings/${f.id}`)))
    must(now.every((f) => f.state === 'handed_over' && f.matter.number) && new Set(now.map((f) => f.matter.number)).size === raised.length, JSON.stringify(now.map((f) => f.matter)))
    await leading.close()
  })

  await check('on a phone the list with ticks fits and its targets are large enough', async () => {
    const phone = await signedIn(browser, server, 'duty_officer', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
    const hand = await phone.newPage()
    await open(hand, '/matters')
    await hand.locator('.tick').first().tap()
    await hand.waitForSelector('.many.some')
    const small = await smallTargets(hand, 44)
    must(small.length === 0, small.join('; '))
    for (const width of [390, 320]) {
      await hand.setViewportSize({ width, height: 844 })
      must((await tooWide(hand)) <= 0, `too wide at ${width}`)
    }
    await phone.close()
  })
  await check('several at once: nothing on the console', () => must(complaints.length === 0, complaints.join('\n')))
  await context.close()
}
