// What single pages of the desk promise beyond drawing well: each check names its requirement row where it has one.
import { check, must, open, settled, signedIn, watch } from './lib.mjs'

const api = (page, path) => page.evaluate(async (p) => (await fetch(`/api/v1${p}`)).json(), path)
const day = 86_400_000

export async function desk(browser, server) {
  const context = await signedIn(browser, server, 'duty_officer')
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  const complaints = watch(page, server.base)

  await check('figures: the slider goes by the hour with the keyboard, asks once it rests, and stands in the address', async () => {
    await open(page, '/figures?by=street')
    const asked = []
    page.on('request', (r) => {
      if (/\/api\/v1\/figures\?.*as_of/.test(r.url()) && !asked.includes(r.url())) asked.push(r.url())
    })
    await page.focus('#slider-as_of')
    asked.length = 0
    for (let i = 0; i < 6; i++) await page.keyboard.press('ArrowLeft')
    await page.waitForFunction(() => location.search.includes('as_of='))
    await settled(page)
    const at = new URL(page.url()).searchParams.get('as_of')
    must(/T\d\d:00:00/.test(at), `not a whole hour: ${at}`)
    const firsts = asked.filter((u) => u.includes(encodeURIComponent(at)))
    must(firsts.length === 1, `asked ${asked.length} times: ${asked.join(' ')}`)
    const other = asked.filter((u) => !u.includes(encodeURIComponent(at)))
    must(other.every((u) => u.includes('known_at')), `asked on the way: ${other.join(' ')}`)
    const shown = await page.textContent('output[for=slider-as_of]')
    must(shown.includes(at.slice(11, 16)), `${shown} is not ${at}`)
    // known before it happened cannot be: the other time comes along
    await page.focus('#slider-known_at')
    await page.keyboard.press('Home')
    await page.waitForFunction(() => location.search.includes('known_at='))
    const [a, k] = ['as_of', 'known_at'].map((n) => new URL(page.url()).searchParams.get(n))
    must(a === k, `${a} happened, known ${k}`)
    await settled(page)
    must((await page.locator('main [role=alert]').count()) === 0, 'refused')
  })

  await check('figures: yesterday 18:00 by a button; each row says what moved since the day before, as the API has it', async () => {
    await open(page, '/figures?by=street')
    await page.click('.asof button:nth-of-type(2)')
    await page.waitForFunction(() => location.search.includes('as_of='))
    await settled(page)
    await page.waitForFunction(() => /\d/.test(document.querySelector('[data-moved=visits]').textContent))
    const now = await api(page, `/figures?by=street&as_of=${encodeURIComponent(new URL(page.url()).searchParams.get('as_of'))}`)
    must(now.as_of.includes('T18:00:00'), now.as_of)
    const before = (at) => encodeURIComponent(new Date(new Date(at).getTime() - day).toISOString())
    const then = await api(page, `/figures?by=street&as_of=${before(now.as_of)}&known_at=${before(now.known_at)}`)
    const want = now.figures.visits - then.figures.visits
    must(want > 0, 'the demonstration did not move: the check shows nothing')
    must((await page.textContent('[data-moved=visits]')) === `+${want}`, `${await page.textContent('[data-moved=visits]')} is not +${want}`)
    const still = now.split.filter((s) => Object.entries(s.figures).every(([n, v]) => v === (then.split.find((x) => x.code === s.code)?.figures[n] ?? 0)))
    await page.check('.check input')
    await page.waitForFunction((n) => document.querySelectorAll('[data-row]').length === n, now.split.length - still.length)
  })

  await check('figures: bars stand in the order of the codes, never the worst first, and the table says the same', async () => {
    await open(page, '/figures?by=street&bar=in_progress')
    const { split } = await api(page, '/figures?by=street')
    const text = await page.locator('svg[role=img] text').allTextContents()
    must(text.length === split.length, `${text.length} bars for ${split.length} streets`)
    for (const [i, s] of split.entries()) must(text[i] === `${s.label.zh}${s.figures.in_progress}`, `bar ${i} is ${text[i]}, not ${s.label.zh}`)
    const codes = split.map((s) => s.known_by)
    must([...codes].sort().join() === codes.join(), codes.join())
    const described = await page.getAttribute('svg[role=img]', 'aria-describedby')
    must((await page.locator(`table#${described}`).count()) === 1, 'the chart names no table')
  })

  await check('an act that asks for a time to come offers the usual ones as buttons', async () => {
    const street = await signedIn(browser, server, 'street_principal')
    const p = await street.newPage()
    await open(p, '/')
    const { items } = await api(p, '/matters?state=in_progress&limit=50')
    const matter = (await Promise.all(items.map((m) => api(p, `/matters/${m.id}`)))).find((m) => m.acts.some((a) => a.act === 'explain' && a.allowed))
    must(matter, 'nothing to explain in the demonstration')
    await open(p, `/matters/${matter.id}?act=explain`)
    await p.click('[role=dialog] .field .line button:nth-of-type(4)')
    const { now } = await api(p, '/me')
    const tomorrow = new Date(new Date(`${now.slice(0, 10)}T00:00:00Z`).getTime() + day).toISOString().slice(0, 10)
    const chosen = await p.inputValue('[role=dialog] input[type=datetime-local]')
    must(chosen === `${tomorrow}T10:00`, `${chosen} is not tomorrow 10:00`)
    await street.close()
  })

  await check('a new visit begins with the own team of who belongs to one', async () => {
    const inspector = await signedIn(browser, server, 'inspector')
    const p = await inspector.newPage()
    await open(p, '/visits/new')
    const [team] = (await api(p, '/me')).scope.teams
    await p.waitForSelector('[data-field=inspectors]')
    must((await p.inputValue('form select')) === team, 'another team, or none')
    await inspector.close()
  })

  await check('the board in English breaks no unit and says no word twice', async () => {
    const english = await signedIn(browser, server, 'duty_officer', { language: 'en' })
    const p = await english.newPage()
    await open(p, '/')
    const cards = await p.locator('a.figure').evaluateAll((list) => list.map((a) => [a.querySelector('.unit')?.textContent ?? '', a.querySelector('.name').textContent, a.querySelector('.value').offsetHeight]))
    must(cards.every(([unit, name]) => unit.toLowerCase() !== name.toLowerCase()), JSON.stringify(cards))
    must(cards.slice(0, 7).every(([, , height]) => height === cards[0][2]), `a number stands on two lines: ${JSON.stringify(cards)}`)
    await english.close()
  })

  await check('the inbox on a phone: the button stands beside the place, not under it', async () => {
    const phone = await signedIn(browser, server, 'duty_officer', { language: 'en', viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
    const p = await phone.newPage()
    await open(p, '/inbox')
    const below = await p.locator('.foot').evaluateAll((list) => list.filter((e) => e.querySelector('.verb').getBoundingClientRect().top > e.querySelector('p').getBoundingClientRect().bottom).length)
    must(below === 0, `${below} buttons under their line`)
    await phone.close()
  })

  await check('no page complained', async () => must(complaints.length === 0, complaints.join('\n')))
  await context.close()
}
