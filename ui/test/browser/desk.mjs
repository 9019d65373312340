// What single pages of the desk promise beyond drawing well: each check names its requirement row where it has one.
import { axe, check, must, open, settled, signedIn, tooWide, watch } from './lib.mjs'

const api = (page, path) => page.evaluate(async (p) => (await fetch(`/api/v1${p}`)).json(), path)
const day = 86_400_000

export async function desk(browser, server) {
  const context = await signedIn(browser, server, 'duty_officer')
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  const complaints = watch(page, server.base)
  const dialog = '[role=dialog]'

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

  await check('supervising and supporting stand side by side on the board; a report tells the objective (R015, R025)', async () => {
    await open(page, '/?as_of=2022-11-25T18:00:00%2B08:00')
    const said = (await page.locator('ul.figures.main .value').allTextContents()).map((x) => x.replace(/\D+/g, ''))
    for (const n of ['641', '282', '277', '5', '15', '626']) must(said.includes(n), `${n} is not among ${said}`)
    const [report] = (await api(page, '/reports')).items
    await open(page, `/reports/${report.id}`)
    await page.waitForSelector('section[aria-labelledby=objectives] li >> text=社会面')
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

  await check('a checklist is answered by a tap; a problem begins a finding with its item and clause, which cites a rule (R041, R042, R097)', async () => {
    const inspector = await signedIn(browser, server, 'inspector', { language: 'en', viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
    const p = await inspector.newPage()
    await open(p, '/visits')
    const me = await api(p, '/me')
    const { items } = await api(p, '/visits?limit=50')
    const visit = items.find((v) => v.inspectors.some((i) => i.ref === me.person.ref))
    await open(p, `/visits/${visit.id}`)
    const before = (await api(p, `/visits/${visit.id}/checklist`)).items.find((i) => i.code === 'G1-1')
    must(before.result === '', `answered already: ${before.result}`)
    const line = p.locator('li.item', { hasText: before.en })
    await p.locator('details', { has: line }).locator('summary').click()
    await line.getByRole('button', { name: 'Problem', exact: true }).click()
    await line.locator('[aria-pressed=true]').waitFor()
    must((await api(p, `/visits/${visit.id}/checklist`)).items.find((i) => i.code === 'G1-1').result === 'problem', 'not kept')
    const faults = await axe(p)
    must(faults.length === 0, faults.join('\n'))
    await line.getByRole('button', { name: /Add a finding/ }).click()
    const field = (label) => p.locator(dialog).getByLabel(label, { exact: true })
    must((await field('Checklist item (optional)').inputValue()) === 'G1-1' && (await field('Basis').inputValue()) === 'KG1-1', 'the form does not begin with the item')
    await field('Cites (optional)').fill('X02')
    await p.locator('[role=option]').first().click()
    await field('Problem').selectOption({ index: 1 })
    await field('Severity').selectOption({ index: 1 })
    await field('Found at (optional)').fill(new Date(Date.parse(visit.started_at) + 8 * 3_600_000 + 60_000).toISOString().slice(0, 16))
    await p.getByRole('button', { name: 'Keep as draft' }).click()
    await p.waitForSelector(dialog, { state: 'detached' })
    await p.locator('[data-finding] a', { hasText: 'X02' }).first().click()
    await p.waitForURL(/publications\/.*item=X02/)
    await inspector.close()
  })

  for (const [language, wall] of [['en', false], ['zh-CN', true]]) {
    await check(`the board breaks no unit and says no word twice: ${language}${wall ? ', on the wall' : ''}`, async () => {
      const other = await signedIn(browser, server, 'duty_officer', { language })
      const p = await other.newPage()
      await open(p, '/')
      if (wall) {
        await p.keyboard.press('w')
        await p.waitForSelector('.wall')
      }
      const cards = await p.locator('ul.main a.figure').evaluateAll((list) => list.map((a) => [a.querySelector('.unit')?.textContent ?? '', a.querySelector('.name').textContent, a.querySelector('.value').offsetHeight]))
      must(cards.length === 7, `${cards.length} figures`)
      must(cards.every(([unit, name]) => !unit || !name.toLowerCase().endsWith(unit.toLowerCase())), JSON.stringify(cards))
      must(cards.every(([, , height]) => height === cards[0][2]), `a number stands on two lines: ${JSON.stringify(cards)}`)
      await other.close()
    })
  }

  await check('the inbox on a phone: the button stands beside the place, not under it', async () => {
    const phone = await signedIn(browser, server, 'duty_officer', { language: 'en', viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
    const p = await phone.newPage()
    await open(p, '/inbox')
    const below = await p.locator('.foot').evaluateAll((list) => list.filter((e) => e.querySelector('.verb').getBoundingClientRect().top > e.querySelector('p').getBoundingClientRect().bottom).length)
    must(below === 0, `${below} buttons under their line`)
    await phone.close()
  })

  const sign = async (p) => {
    const box = await p.locator('canvas').boundingBox()
    await p.mouse.move(box.x + 30, box.y + 60)
    await p.mouse.down()
    for (let i = 1; i < 8; i++) await p.mouse.move(box.x + 30 + i * 20, box.y + 60 + (i % 2) * 30)
    await p.mouse.up()
  }

  await check('hand-over face to face: signed for on the pad; what is left out stays unsigned (R105)', async () => {
    const { unsigned, sheets } = await api(page, '/hand-overs')
    const unit = unsigned.map((m) => m.addressee.id).find((id) => unsigned.filter((m) => m.addressee.id === id).length > 1)
    const own = unsigned.filter((m) => m.addressee.id === unit)
    await open(page, '/hand-overs')
    await page.click(`[data-unit="${unit}"]`)
    await page.waitForSelector('.sheet')
    must((await page.locator('.sheet ol li').count()) === own.length, 'the sheet does not show what it hands over')
    await page.locator('[data-field=matters] input').last().uncheck()
    await page.click('form .primary')
    await page.waitForSelector('form .field .error') // nobody has signed
    await page.getByLabel('签收人姓名').fill('孔示星')
    await page.click('form .primary')
    await page.waitForFunction(() => [...document.querySelectorAll('form .error')].length === 1) // the signature is missing
    await sign(page)
    await page.waitForSelector('canvas[aria-label*="已签"]')
    await page.click('form .primary')
    await page.waitForSelector('main [role=status] >> text=已记录')
    const after = await api(page, '/hand-overs')
    const [sheet] = after.sheets
    must(after.sheets.length === sheets.length + 1 && sheet.signed && sheet.signer === '孔示星', JSON.stringify(sheet))
    must(sheet.matters.length === own.length - 1, `${sheet.matters.length} matters on the sheet`)
    must(after.unsigned.some((m) => m.id === own[own.length - 1].id), 'what was left out is not unsigned')
  })

  await check('hand-over refused: the witness and the reason are asked, and stand in the record (R105)', async () => {
    const { unsigned } = await api(page, '/hand-overs')
    await open(page, `/hand-overs?unit=${unsigned[0].addressee.id}`)
    await page.check('[data-field=post] input[value=delegate]')
    await page.check('[data-field=refused] input[value=true]')
    must((await page.locator('canvas').count()) === 0, 'a refusal asks for a signature')
    await page.getByLabel('见证人').fill('魏示晨')
    await page.getByLabel('拒签理由').fill('认为点位不属本街道')
    await page.click('form .primary')
    await page.waitForSelector('form .field .error') // why somebody else than the principal
    must((await page.inputValue('form textarea')) === '认为点位不属本街道', 'the words are gone')
    await page.getByLabel('为什么不是').fill('书记在区里开会')
    await page.reload()
    await page.waitForSelector('form textarea')
    must((await page.inputValue('form textarea')) === '认为点位不属本街道', 'the draft is gone after a reload')
    await page.focus('form textarea')
    await page.keyboard.press('Control+Enter')
    await page.waitForSelector('main [role=status] >> text=已记录')
    const [sheet] = (await api(page, '/hand-overs')).sheets
    must(sheet.refused && sheet.witness === '魏示晨' && sheet.reason === '认为点位不属本街道' && sheet.delegate_reason === '书记在区里开会', JSON.stringify(sheet))
    await page.waitForSelector('tbody >> text=认为点位不属本街道')
  })

  await check('coverage: the first check of each clause, and the blanks in sight (R032)', async () => {
    const [directive] = (await api(page, '/publications?kind=directive')).items
    const { items } = await api(page, `/publications/${directive.id}/coverage`)
    await open(page, `/publications/${directive.id}`)
    await page.click('.tools a[href$="/coverage"]')
    await page.waitForURL(/coverage/)
    await page.waitForSelector('[data-blank]')
    must((await page.locator('[data-blank]').count()) === items.length, 'not every clause has its row')
    const blank = items.filter((c) => c.times === 0)
    must(blank.length > 0 && blank.length < items.length, 'the demonstration has no blank clause: the check shows nothing')
    must((await page.textContent('main [role=status]')).includes(`空白 ${blank.length} 条`), await page.textContent('main [role=status]'))
    await page.check('.check input')
    await page.waitForFunction((n) => document.querySelectorAll('[data-blank]').length === n, blank.length)
    must((await page.locator('[data-blank=false]').count()) === 0, 'a checked clause among the blanks')
  })

  await check('the current incident and its phase stand on every page of every role (R024)', async () => {
    const { items } = await api(page, '/incidents')
    for (const role of ['district_leader', 'inspector', 'street_principal', 'auditor']) {
      const other = await signedIn(browser, server, role)
      const p = await other.newPage()
      await open(p, '/settings')
      const pinned = await p.textContent('a.incident')
      must(pinned.includes(items.find((i) => i.current).zh), `${role}: ${pinned}`)
      await other.close()
    }
  })

  await check('an exercise: declared, worked in from one tab only, outside every figure, stood down knowing what is open (R005)', async () => {
    const before = (await api(page, '/figures')).figures.batches
    await open(page, '/incidents')
    await page.click('.tools .primary')
    await page.getByLabel('中文名称').fill('防汛演练')
    await page.getByLabel('英文名称').fill('Flood exercise')
    await page.getByLabel('代码').fill('flood-drill')
    await page.check(`${dialog} input[type=checkbox]`)
    await page.click(`${dialog} .primary`)
    await page.waitForSelector(dialog, { state: 'detached' })
    const card = page.locator('[data-incident=flood-drill]')
    await card.locator('select').selectOption('critical')
    await page.waitForSelector('[data-incident=flood-drill] .tag >> text=关键')
    await card.locator('button[aria-pressed]').click()
    await page.waitForSelector('.working >> text=防汛演练')
    await page.click('a[href="/batches"]')
    await settled(page)
    await page.click('.tools .primary')
    await page.locator(`${dialog} select`).selectOption({ index: 1 })
    const me = (await api(page, '/me')).person.name
    await page.fill(`${dialog} input[role=combobox]`, me)
    await page.waitForSelector(`${dialog} [role=option][aria-selected=true]`)
    await page.keyboard.press('Enter')
    await page.click(`${dialog} .primary`)
    await page.waitForURL(/batches\/.+/)
    must((await api(page, '/figures')).figures.batches === before, 'a batch of the exercise is counted')
    await page.click('.working button')
    await open(page, '/incidents')
    await card.locator('button.danger').click()
    await page.fill(`${dialog} input`, '7')
    await page.click(`${dialog} button.danger`)
    await page.waitForSelector(`${dialog} .error`) // nobody ends what he does not know
    await page.fill(`${dialog} input`, '0')
    await page.click(`${dialog} button.danger`)
    await page.waitForSelector(dialog, { state: 'detached' })
    await page.waitForSelector('[data-incident=flood-drill] .tag >> text=已解除')
  })

  await check('batches: 15 in sequence, 626 person-times, as the board has them (R162, R163)', async () => {
    const { batches, person_times } = (await api(page, '/figures')).figures
    const real = (await api(page, '/batches')).items.filter((b) => !b.exercise)
    must(real.length === batches && batches === 15, `${real.length} batches`)
    must(real.map((b) => b.no).join() === real.map((_, i) => i + 1).join(), 'not consecutive')
    await open(page, '/batches')
    must((await page.textContent('.sum')) === `共 ${batches} 批，${person_times} 人次`, await page.textContent('.sum'))
    await page.locator('tbody a').first().click()
    await page.waitForURL(/batches\/.+/)
    await page.waitForSelector('tbody td.num')
    await settled(page)
    const attended = (await page.locator('tbody td.num').allTextContents()).reduce((sum, n) => sum + Number(n), 0)
    must(attended === real[0].person_times, `${attended} attended`)
  })

  await check('a bulletin has a line a street and its numbers, from a pasted table, with the digest of its file (R019)', async () => {
    await open(page, '/publications/new?kind=bulletin')
    await page.getByLabel('标题').fill('疫情形势通报')
    await page.setInputFiles('input[type=file]', { name: 'bulletin.csv', mimeType: 'text/csv', buffer: Buffer.from('abc') })
    await page.waitForFunction(() => [...document.querySelectorAll('input.mono')].some((e) => e.value.startsWith('ba7816bf')))
    await page.getByLabel('粘贴表格').fill('街道\t新增阳性\t管控点位\n仙桃街道\t12\t3\n500112017\t7\t1\n没有这个街道\t1\t1')
    await page.waitForSelector('[data-item="1"]')
    must((await page.textContent('main [role=alert]')).includes('没有这个街道'), 'an unknown street is not named')
    await page.locator('[data-item="1"] input').first().fill('8')
    await page.click('form button.primary')
    await page.waitForURL((url) => /\/publications\/.+/.test(url.pathname) && !url.pathname.endsWith('/new'))
    await settled(page)
    const { item_list } = await api(page, new URL(page.url()).pathname)
    must(JSON.stringify(item_list.map((i) => [i.street, i.numbers])) === JSON.stringify([['500112023', { 新增阳性: 12, 管控点位: 3 }], ['500112017', { 新增阳性: 8, 管控点位: 1 }]]), JSON.stringify(item_list))
    await page.waitForSelector('tbody >> text=仙桃街道')
  })

  await check('a notice is drafted clause by clause, each with what it rests on; a focus names the clause it comes from (R119)', async () => {
    const [directive] = (await api(page, '/publications?kind=directive')).items
    await open(page, '/publications/new?kind=notice')
    await page.getByLabel('标题').fill('关于核酸采样点秩序的通知')
    await page.locator('form input[role=combobox]').first().focus()
    await page.waitForSelector('[role=option][aria-selected=true]')
    await page.keyboard.press('Enter')
    await page.click('form > p button')
    await page.locator('[data-item="0"] textarea').fill('采样点一米线、分时预约')
    await page.locator('[data-item="0"] input[role=combobox]').fill('C04')
    await page.waitForSelector('[data-item="0"] [role=option][aria-selected=true] >> text=C04')
    await page.keyboard.press('Enter')
    await page.click('form button.primary')
    await page.waitForURL((url) => /\/publications\/.+/.test(url.pathname) && !url.pathname.endsWith('/new'))
    const { item_list } = await api(page, new URL(page.url()).pathname)
    must(item_list.length === 1 && item_list[0].clause === `${directive.id}#C04`, JSON.stringify(item_list))
    await open(page, '/publications/new?kind=focus')
    await page.locator('[data-item="0"] select').first().selectOption('directive')
    await page.locator('[data-item="0"] input[role=combobox]').fill('C05')
    await page.waitForSelector('[data-item="0"] [role=option][aria-selected=true] >> text=C05')
    await page.keyboard.press('Enter')
    must((await page.inputValue('[data-item="0"] input[role=combobox]')).includes('C05'), 'the clause is not named')
  })

  await check('the next version of a focus and of a plan begins with all that the one before says', async () => {
    for (const kind of ['focus', 'plan']) {
      const last = (await api(page, `/publications?kind=${kind}`)).items.find((p) => p.state === 'issued')
      const before = await api(page, `/publications/${last.id}`)
      await open(page, `/publications/${last.id}`)
      await page.click('.tools a[href*="of="]')
      await page.waitForSelector('[data-item="0"]')
      await page.waitForFunction((title) => [...document.querySelectorAll('input')].some((e) => e.value === title), before.title)
      await page.click('form button.primary')
      await page.waitForURL((url) => /\/publications\/.+/.test(url.pathname) && !url.pathname.endsWith('/new'))
      const after = await api(page, new URL(page.url()).pathname)
      const of = (p) => JSON.stringify(p.item_list.map((i) => [i.code, i.parent, i.check, i.clause, i.aspect, i.area, i.source, i.text]).sort())
      must(before.item_list.some((i) => i.check), `${kind}: the demonstration has no check items: the check shows nothing`)
      must(of(after) === of(before), `${kind}: ${of(after)} is not ${of(before)}`)
    }
  })

  await check('a report says to whom it goes', async () => {
    await open(page, '/reports')
    await page.click('.tools button.primary')
    await page.locator(`${dialog} select`).nth(1).selectOption({ index: 1 })
    await page.locator(`${dialog} input[role=combobox]`).fill('龙山')
    await page.waitForSelector(`${dialog} [role=option][aria-selected=true] >> text=龙山街道`)
    await page.keyboard.press('Enter')
    await page.fill(`${dialog} textarea`, '当日情况平稳。')
    await page.click(`${dialog} button.primary`)
    await page.waitForURL(/\/reports\/.+/)
    await page.waitForSelector('main dl.facts >> text=龙山街道')
    must((await api(page, new URL(page.url()).pathname)).to.name === '龙山街道', 'not in the report')
  })

  await check('a release says whom it names, and does not pass before they agreed (R004)', async () => {
    const [snapshot] = (await api(page, '/snapshots')).items
    const name = (await api(page, '/teams')).items[0].members[0].name
    await open(page, '/reports')
    await page.click('.tools button.primary')
    await page.locator(`${dialog} select`).nth(0).selectOption('release')
    await page.locator(`${dialog} select`).nth(1).selectOption(snapshot.id)
    await page.fill(`${dialog} textarea`, `${name}带队走访，问题全部交办。`)
    await page.click(`${dialog} button.primary`)
    await page.waitForURL(/\/reports\/.+/)
    const id = new URL(page.url()).pathname
    const card = page.locator('section[aria-labelledby=release]')
    await card.locator('select').first().waitFor()
    await card.locator('input[type=datetime-local]').fill('2022-11-20T08:00')
    await card.locator('input[type=datetime-local]').dispatchEvent('change')
    await card.locator('button:has-text("保存")').click()
    await card.locator('.error').first().waitFor() // in the past
    for (const select of await card.locator('select').all()) {
      const before = await page.evaluate(async (p) => (await (await fetch(`/api/v1${p}`)).json()).version, id)
      await select.selectOption('written')
      await page.waitForFunction(async ([p, n]) => (await (await fetch(`/api/v1${p}`)).json()).version > n, [id, before])
    }
    await card.locator('text=/尚未同意/').waitFor({ state: 'detached' })
    must((await api(page, id)).named.every((n) => n.how === 'written'), 'not kept')
  })

  await check('dialogs of a team and of an issue keep what was typed', async () => {
    const [team] = (await api(page, '/teams')).items
    await open(page, `/teams/${team.id}`)
    await page.click('.tools button:has-text("派驻")')
    await page.fill(`${dialog} textarea`, '连续三天未销号最多')
    await page.keyboard.press('Escape')
    await page.reload()
    await settled(page)
    await page.click('.tools button:has-text("派驻")')
    must((await page.inputValue(`${dialog} textarea`)) === '连续三天未销号最多', 'the words of the team are gone')
    const draft = (await api(page, '/publications?kind=focus')).items.find((p) => p.state === 'draft')
    for (const again of [false, true]) {
      await open(page, `/publications/${draft.id}`)
      await page.click('.tools button.primary')
      const field = page.locator(`${dialog} input[type=datetime-local]`)
      if (again) must((await field.inputValue()) === '2022-11-26T07:30', 'the time of the issue is gone')
      else await field.fill('2022-11-26T07:30')
      if (!again) await field.dispatchEvent('change')
    }
  })

  await check('a figure of a frozen meeting leads to its list and its why as of the snapshot', async () => {
    const frozen = (await api(page, '/meetings')).items.find((m) => m.state === 'ended')
    must(frozen, 'the demonstration has no ended meeting')
    const m = await api(page, `/meetings/${frozen.id}`)
    await open(page, `/meetings/${frozen.id}`)
    for (const [link, want] of [['dl.figures dd a >> nth=0', m.figures.visits], ['[data-slot] td a >> nth=0', m.slots[0].cumulative.visits]]) {
      await page.click(link)
      await page.waitForURL(/figures\/visits/)
      await settled(page)
      await page.waitForSelector('main .value')
      must(new URL(page.url()).searchParams.get('known_at') === m.known_at, page.url())
      must(Number.parseInt(await page.textContent('main .value'), 10) === want, `${await page.textContent('main .value')} is not ${want}`)
      await page.goBack()
      await settled(page)
    }
  })

  await check('wall mode is dark, names nobody, and says for how long the link is broken', async () => {
    const wall = await signedIn(browser, server, 'duty_officer', { theme: 'light' })
    const p = await wall.newPage()
    p.setDefaultTimeout(10_000)
    await p.clock.install()
    await open(p, '/')
    await p.waitForSelector('.is-live')
    const { overdue } = await api(p, '/board')
    const names = overdue.flatMap((m) => [m.owner, m.fact]).filter(Boolean)
    must(names.length > 0 && (await p.textContent('main')).includes(names[0]), 'the board names nobody: the check shows nothing')
    await p.keyboard.press('w')
    await p.waitForFunction(() => document.documentElement.dataset.wall === '' && document.documentElement.dataset.theme === 'dark')
    const text = await p.textContent('main')
    must(names.every((n) => !text.includes(n)), 'somebody is named on the wall')
    await p.route('**/api/v1/events', () => {})
    await p.route('**/api/v1/board**', () => {}) // a cable out: nothing fails, nothing comes
    const figure = await p.locator('a.figure .value').first().textContent()
    await p.clock.runFor(100_000)
    await p.waitForSelector('.broken >> text=断线')
    await p.waitForSelector('main .dim a.figure')
    must((await p.locator('a.figure .value').first().textContent()) === figure, 'the last figures are gone')
    must((await p.locator('main button:visible').count()) === 0, 'a button is shown')
    await p.keyboard.press('Escape')
    await p.waitForFunction(() => document.documentElement.dataset.theme === 'light')
    await wall.close()
  })

  await check('the night has a short address too', async () => {
    await open(page, '/night')
    await page.waitForSelector('#matters')
    must((await page.getAttribute('nav a[href="/nights/today"]', 'aria-current')) === 'page', 'the navigation does not know where it is')
  })

  await check('a leader on a phone: what changed since yesterday, what is overdue, and what waits for his decision (R133)', async () => {
    await open(page, '/reports') // what waits: a draft by somebody else, passed by him, and a publication to issue
    const waiting = { reports: (await api(page, '/reports')).items.filter((r) => r.state === 'draft').length, drafts: (await api(page, '/publications')).items.filter((x) => x.state === 'draft').length }
    must(waiting.reports > 0 && waiting.drafts > 0, JSON.stringify(waiting))
    const phone = await signedIn(browser, server, 'commission_principal', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
    const p = await phone.newPage()
    const said = watch(p, server.base)
    await open(p, '/')
    await p.click('nav a[href="/leader"]')
    await settled(p)
    await p.waitForFunction(() => /\d/.test(document.querySelector('[data-difference=visits]')?.textContent ?? ''))
    const now = await api(p, '/figures')
    const before = (at) => encodeURIComponent(new Date(new Date(at).getTime() - day).toISOString())
    const then = await api(p, `/figures?as_of=${before(now.as_of)}&known_at=${before(now.known_at)}`)
    must((await p.textContent('[data-difference=visits]')) === `+${now.figures.visits - then.figures.visits}`, await p.textContent('[data-difference=visits]'))
    const { items } = await api(p, '/inbox')
    for (const [text, n] of [['核稿', waiting.reports], ['印发', waiting.drafts], ['销号', items.filter((i) => i.act === 'strike_off').length]]) {
      const shown = (await p.locator('.decision b').allTextContents()).filter((b) => b === text).length
      must(shown === n, `${text}: ${shown} of ${n}`)
    }
    const overdue = await api(p, '/matters?light=overdue')
    must((await p.textContent('#overdue')).includes(`${overdue.found}`), await p.textContent('#overdue'))
    must((await axe(p)).length === 0, (await axe(p)).join('\n'))
    must((await tooWide(p)) <= 0, 'too wide')
    await p.locator('.decision', { hasText: '核稿' }).first().click()
    await p.waitForURL(/reports\/.+/)
    await p.waitForSelector('.tools button.primary >> text=核稿')
    must(said.length === 0, said.join('\n'))
    await phone.close()
  })

  await check('search: / and a number lead to the matter by keyboard; part of a name to its site; one letter is told to be too little', async () => {
    await open(page, '/')
    const { number, id, site, addressee } = (await api(page, '/matters?limit=1')).items[0]
    await page.keyboard.press('/')
    await page.keyboard.type(number)
    await page.keyboard.press('Enter')
    await page.waitForURL(/search\?q=/)
    await page.waitForSelector('[aria-labelledby=hits-matter] a.hit')
    await page.keyboard.press('/')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/matters/${id}`)
    await open(page, '/search')
    must((await page.textContent('main .empty')).trim() !== '', 'no word of an empty search')
    await page.keyboard.press('/')
    await page.keyboard.type('a')
    await page.waitForFunction(() => location.search === '?q=a')
    must((await page.locator('main [role=alert]').count()) === 0 && (await page.textContent('main .empty')).includes('一个字母'), 'one letter')
    await page.fill('#search', site.name.slice(1, 5))
    await page.waitForSelector('[aria-labelledby=hits-site] a.hit')
    const names = await page.locator('[aria-labelledby=hits-site] a.hit b').allTextContents()
    must(names.every((n) => n.includes(site.name.slice(1, 5))), names.join(' '))
    // another street neither lists nor counts it; the street itself does
    const streets = (await api(page, '/orgs')).items.filter((o) => o.kind === 'street')
    const street = await signedIn(browser, server, 'street_principal')
    const p = await street.newPage()
    await open(p, '/')
    const mine = (await api(p, '/me')).unit?.id ?? ''
    const other = streets.find((o) => o.id !== addressee.id && o.id !== mine)
    const theirs = (await api(page, `/matters?addressee=${other.id}&limit=1`)).items[0]
    await open(p, `/search?q=${encodeURIComponent(theirs.number)}`)
    must((await p.locator('[aria-labelledby=hits-matter]').count()) === 0, `${theirs.number} of another street is found`)
    const own = (await api(p, '/matters?limit=1')).items[0]
    await open(p, `/search?q=${encodeURIComponent(own.number)}`)
    must((await p.locator('[aria-labelledby=hits-matter] a.hit').count()) === 1, `${own.number} is not found by its street`)
    await street.close()
  })

  await check('a filter is kept under a name, opens the same list, is shown to others when shared, and is forgotten', async () => {
    await open(page, '/matters?state=struck_off&sort=due')
    await page.click('.saved button >> text=保存筛选')
    await page.waitForSelector('[role=dialog]')
    must((await axe(page)).length === 0, (await axe(page)).join('\n'))
    await page.click('[role=dialog] button.primary')
    await page.waitForSelector('[role=dialog] .field .error')
    await page.fill('[role=dialog] input:not([type=checkbox])', '已销号的')
    await page.check('[role=dialog] input[type=checkbox]')
    await page.keyboard.press('Enter')
    await page.waitForSelector('.saved a >> text=已销号的')
    await open(page, '/matters')
    await page.click('.saved a >> text=已销号的')
    await page.waitForFunction(() => location.search.includes('state=struck_off') && location.search.includes('sort=due'))
    const leader = await signedIn(browser, server, 'district_leader')
    const p = await leader.newPage()
    await open(p, '/matters')
    await p.waitForSelector('.saved a >> text=已销号的')
    must((await p.locator('.saved .one button').count()) === 0, 'another may delete it')
    await leader.close()
    await page.click('.saved .one button')
    await page.waitForSelector('.saved .one', { state: 'detached' })
  })

  await check('no page complained', async () => must(complaints.length === 0, complaints.join('\n')))
  await context.close()
}
