// The stream breaks: what a page says and shows meanwhile, and how it comes back. The clock is the check's own.
import { check, must, open, signedIn } from './lib.mjs'

const second = 1000
const stream = '**/api/v1/events'

export async function live(browser, server) {
  const context = await signedIn(browser, server, 'duty_officer')
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  await page.clock.install()
  const shown = (text, selector = 'main') => page.waitForFunction(([t, s]) => document.querySelector(s)?.textContent.includes(t), [text, selector])
  const matter = await open(page, '/').then(() => page.evaluate(async () => (await (await fetch('/api/v1/matters?state=in_progress')).json()).items[0].id))
  await open(page, `/matters/${matter}`)
  await page.waitForSelector('.is-live')

  /** Somebody else urges the matter, past this page. */
  const urge = (words) =>
    context.request.get(`/api/v1/matters/${matter}`).then(async (reply) => {
      const { version } = await reply.json()
      const done = await context.request.post(`/api/v1/matters/${matter}/urge`, {
        data: { version, text: words, formal: false }, headers: { 'Idempotency-Key': crypto.randomUUID(), Origin: server.base },
      })
      must(done.ok(), await done.text())
    })

  await check('a silent stream: live for 30 seconds, then broken and said so', async () => {
    await page.route(stream, () => {}) // asked again, it never answers
    await page.clock.runFor(25 * second)
    must(await page.isVisible('.is-live'), 'broken before 30 seconds are over')
    await page.clock.runFor(10 * second)
    await page.waitForSelector('.is-polling')
    must((await page.textContent('.live')).includes('断线'), await page.textContent('.live'))
  })

  await check('broken: polling brings what others did, and the figures are not dimmed while it does', async () => {
    await urge('断线时的催办')
    must(!(await page.textContent('main')).includes('断线时的催办'), 'heard without a stream')
    await page.clock.runFor(16 * second)
    await shown('断线时的催办', '.timeline')
    must((await page.locator('main .dim').count()) === 0, 'fresh data are dimmed')
  })

  await check('broken and polling unanswered: the last data stay, dimmed and dated', async () => {
    await page.route('**/api/v1/matters/**', () => {}) // a cable out: nothing fails, nothing comes
    await page.clock.runFor(61 * second)
    await page.waitForSelector('main .dim .timeline')
    await shown('的内容', 'main .notice.bad')
    await page.unroute('**/api/v1/matters/**')
    await page.clock.runFor(16 * second)
    await page.waitForSelector('main .dim', { state: 'detached' })
  })

  await check('without a network: the last data stay, dimmed and dated, with what to do', async () => {
    await context.setOffline(true)
    await page.clock.runFor(16 * second)
    // the failed poll is tried twice more, each a little later
    for (let i = 0; i < 20 && !(await page.isVisible('main [role=alert]')); i++) await page.clock.runFor(second)
    await page.waitForSelector('main [role=alert] button')
    await shown('的内容', 'main [role=alert]')
    await page.waitForSelector('main .dim .timeline')
    const minutes = /(\d+) 分/.exec(await page.textContent('.live'))
    must(minutes && Number(minutes[1]) >= 1, `how long it is broken is not said: ${await page.textContent('.live')}`)
  })

  await check('the stream back: live again, and what happened meanwhile is there', async () => {
    await urge('恢复前的催办')
    await context.setOffline(false)
    await page.unroute(stream)
    for (let i = 0; i < 40 && !(await page.isVisible('.is-live')); i++) await page.clock.runFor(second)
    await page.waitForSelector('.is-live')
    await shown('恢复前的催办', '.timeline')
    await page.waitForSelector('main .dim', { state: 'detached' })
    must((await page.locator('main [role=alert]').count()) === 0, 'the error is still shown')
  })
  await context.close()
}
