// A finding's way through the pages by keyboard alone, drafts, a version conflict, live updates, paper.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { check, must, open, settled, signedIn, watch } from './lib.mjs'

/** Presses Tab until the focused element matches. */
async function tabTo(page, selector) {
  for (let i = 0; i < 150; i++) {
    if (await page.evaluate((s) => document.activeElement?.matches(s), selector)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not reach ${selector}`)
}
const dialog = '[role=dialog]'
const press = async (page, selector, key = 'Enter') => {
  await tabTo(page, selector)
  await page.keyboard.press(key)
}
/** Chooses an option of a select by typing is the platform's business; the value is set with the keys it listens to. */
async function choose(page, selector, value) {
  await tabTo(page, selector)
  await page.selectOption(selector, value)
}
const api = (page, path) => page.evaluate(async (p) => (await fetch(`/api/v1${p}`)).json(), path)

// a picture drawn in the browser, so that no file of the project is needed
const picture = (page, colour) =>
  page.evaluate(async (c) => {
    const canvas = document.createElement('canvas')
    canvas.width = 320
    canvas.height = 240
    const pen = canvas.getContext('2d')
    pen.fillStyle = c
    pen.fillRect(0, 0, 320, 240)
    const blob = await new Promise((done) => canvas.toBlob(done, 'image/jpeg'))
    return [...new Uint8Array(await blob.arrayBuffer())]
  }, colour).then((bytes) => ({ name: 'photo.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(bytes) }))

// half a second of nothing, 8000 samples a second
function silence() {
  const head = Buffer.alloc(44)
  head.write('RIFF')
  head.writeUInt32LE(36 + 4000, 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(8000, 24)
  head.writeUInt32LE(8000, 28)
  head.writeUInt16LE(1, 32)
  head.writeUInt16LE(8, 34)
  head.write('data', 36)
  head.writeUInt32LE(4000, 40)
  return Buffer.concat([head, Buffer.alloc(4000, 128)])
}
const recording = { name: 'voice.wav', mimeType: 'audio/wav', buffer: silence() }
const paper = { name: 'notice.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n') }

// the first leader and the first street principal of the demonstration are of the same street
export async function flows(browser, server) {
  const leader = await signedIn(browser, server, 'team_leader')
  const street = await signedIn(browser, server, 'street_principal')
  const duty = await signedIn(browser, server, 'duty_officer')
  const l = await leader.newPage()
  const s = await street.newPage()
  const d = await duty.newPage()
  for (const page of [l, s, d]) page.setDefaultTimeout(10_000)
  const complaints = [l, s, d].flatMap((page) => watch(page, server.base))
  let visit = ''
  let matter = ''

  await check('by keyboard: start a visit', async () => {
    await open(l, '/visits/new')
    await tabTo(l, 'input[role=combobox]')
    await l.waitForSelector('[role=option][aria-selected=true]')
    await l.keyboard.press('Enter')
    const team = (await api(l, '/me')).scope.teams[0]
    await choose(l, 'form select', team)
    await press(l, '[data-field=inspectors] input', 'Space')
    await l.keyboard.press('Tab')
    await tabTo(l, 'form input[type=text]:not([role])')
    await l.keyboard.insertText('另一人核酸采样中')
    await press(l, '[data-field=methods] input', 'Space')
    await press(l, 'form button.primary')
    await l.waitForURL((url) => /\/visits\/.+/.test(url.pathname) && !url.pathname.endsWith('/new'))
    visit = new URL(l.url()).pathname
    await settled(l)
  })

  await check('by keyboard: a vague fact stays a draft, a clear one is raised, confirmed and handed over', async () => {
    await press(l, '.tools button.primary')
    await l.waitForSelector(dialog)
    const selects = await l.locator(`${dialog} select`).evaluateAll((list) => list.map((e) => [e.id, e.options[1]?.value]))
    for (const [id, value] of selects.slice(0, 3)) await choose(l, `#${id}`, value)
    await tabTo(l, `${dialog} input[type=text]`)
    await l.keyboard.insertText('2单元楼下')
    await tabTo(l, `${dialog} textarea`)
    await l.keyboard.insertText('2单元楼下 17:05 约15人聚集领取物资，未戴口罩')
    await press(l, `${dialog} [data-field=themes] input`, 'Space')
    await choose(l, `#${selects[4][0]}`, selects[4][1])
    const uploaded = l.waitForResponse('**/api/v1/uploads')
    await l.setInputFiles(`${dialog} input[type=file]`, await picture(l, '#a33'))
    must((await uploaded).ok(), 'the picture was not taken')
    await l.waitForSelector(`${dialog} .line .mono`)
    await press(l, `${dialog} form button.primary`)
    await l.waitForSelector(dialog, { state: 'detached' })
    await l.waitForSelector('[data-finding] button.primary')
    await press(l, '[data-finding] button.primary') // confirm
    await l.waitForFunction(() => document.querySelector('[data-finding]')?.textContent.includes('待交办'))
    await press(l, '[data-finding] button.primary') // hand over
    await l.waitForFunction(() => /\d/.test(document.querySelector('[data-due]')?.textContent ?? ''))
    await tabTo(l, `${dialog} textarea`)
    await l.keyboard.insertText('两小时内清空积压，分时领取。')
    await l.keyboard.press('Control+Enter')
    await l.waitForURL(/\/matters\//)
    matter = new URL(l.url()).pathname
    await settled(l)
  })

  await check('live: what one person does shows on the page of another without a reload', async () => {
    await open(d, matter)
    await d.waitForSelector('.is-live')
    await open(s, matter)
    await s.keyboard.press('s')
    await s.waitForSelector(dialog)
    await tabTo(s, `${dialog} input[type=text]`)
    await s.keyboard.insertText('沈一舟')
    await s.keyboard.press('Control+Enter')
    await s.waitForSelector(dialog, { state: 'detached' })
    const signed = Date.now()
    await d.waitForFunction(() => document.querySelector('.timeline')?.textContent.includes('签收'), undefined, { timeout: 5000 })
    console.log(`     live update seen after ${Date.now() - signed} ms`)
  })

  await check('a draft survives leaving and a reload, and is offered again', async () => {
    await s.keyboard.press('c')
    await s.waitForSelector(dialog)
    await tabTo(s, `${dialog} textarea`)
    await s.keyboard.insertText('已增派两人')
    await s.keyboard.press('Escape')
    await s.reload()
    await settled(s)
    await s.keyboard.press('c')
    await s.waitForSelector(dialog)
    must((await s.inputValue(`${dialog} textarea`)) === '已增派两人', 'the words are gone')
  })

  await check('live data never touches a field being edited; a conflict shows both sides and keeps the words', async () => {
    await d.keyboard.press('u')
    await d.waitForSelector(dialog)
    await tabTo(d, `${dialog} textarea`)
    await d.keyboard.insertText('请尽快')
    await d.keyboard.press('Control+Enter')
    await d.waitForSelector(dialog, { state: 'detached' })
    await s.waitForSelector(`${dialog} .notice.warn`)
    must((await s.inputValue(`${dialog} textarea`)) === '已增派两人', 'the field was touched')
    await s.setInputFiles(`${dialog} input[type=file]`, [await picture(s, '#3a3'), paper, recording])
    await s.waitForFunction((q) => document.querySelectorAll(`${q} .line .mono`).length === 3, dialog)
    await press(s, `${dialog} form button[type=submit]`)
    await s.waitForSelector('[data-conflict]')
    must((await s.textContent('[data-conflict]')).includes('已增派两人'), 'my words are not shown')
    await press(s, '[data-conflict] button.primary')
    await s.waitForSelector(dialog, { state: 'detached' })
    await s.waitForFunction(() => document.querySelector('.timeline')?.textContent.includes('报整改'))
  })

  await check('a recording is played on the page, a document opens outside it (R037)', async () => {
    const played = await s.locator('section[aria-labelledby=evidence] audio').evaluate(async (audio) => {
      audio.muted = true
      await audio.play()
      return audio.duration
    })
    must(Math.abs(played - 0.5) < 0.05, `it lasts ${played} s`)
    const [download] = await Promise.all([s.waitForEvent('download'), s.click('section[aria-labelledby=evidence] a:has-text("PDF")')])
    must(download.suggestedFilename().endsWith('.pdf'), download.suggestedFilename())
  })

  await check('who reported it fixed may not verify, and is told why (R155)', async () => {
    const acts = (await api(s, matter)).acts
    const verify = acts.find((a) => a.act === 'verify')
    must(!verify || (!verify.allowed && verify.why), JSON.stringify(verify))
  })

  await check('by keyboard: verify and strike off', async () => {
    await d.bringToFront()
    await d.waitForFunction(() => document.querySelector('.timeline')?.textContent.includes('报整改'))
    await d.keyboard.press('v')
    await d.waitForSelector(dialog)
    await press(d, `${dialog} input[type=radio]`, 'Space')
    await tabTo(d, `${dialog} textarea`)
    await d.keyboard.insertText('2单元楼下已清空，现场无人聚集')
    await d.setInputFiles(`${dialog} input[type=file]`, await picture(d, '#44a'))
    await d.waitForSelector(`${dialog} .line .mono`)
    await d.keyboard.press('Control+Enter')
    await d.waitForSelector(dialog, { state: 'detached' })
    await d.keyboard.press('x')
    await d.waitForSelector(dialog)
    await d.keyboard.press('Control+Enter')
    await d.waitForSelector(dialog, { state: 'detached' })
    await d.waitForFunction(() => document.querySelector('main .status')?.textContent.includes('已销号'))
  })

  await check('a refusal stands at its field, with its code, and nothing typed is lost', async () => {
    await open(l, visit)
    await press(l, '.tools button.primary')
    await l.waitForSelector(dialog)
    await tabTo(l, `${dialog} textarea`)
    await l.keyboard.insertText('个别小区防控不力')
    await press(l, `${dialog} form button.primary`)
    await l.waitForSelector(`${dialog} [role=alert]`)
    must((await l.inputValue(`${dialog} textarea`)) === '个别小区防控不力', 'the words are gone')
    await l.keyboard.press('Escape')
  })

  await check('Enter that ends 拼音 sends nothing', async () => {
    await open(d, '/matters')
    const prevented = await d.evaluate(() => {
      const field = document.querySelector('[data-search]')
      field.focus()
      field.value = 'xian'
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true }))
      return location.search
    })
    must(!prevented.includes('xian'), 'composing was taken for an order')
  })

  await check('a second tab of the same person shares the stream', async () => {
    const second = await duty.newPage()
    await open(second, '/')
    await second.waitForSelector('.is-live')
    await second.close()
  })

  /** The text of what the browser prints, which must be one sheet. */
  async function sheet(page) {
    const dir = mkdtempSync(join(tmpdir(), 'duzhan-paper-'))
    const file = join(dir, 'paper.pdf')
    writeFileSync(file, await page.pdf({ preferCSSPageSize: true, printBackground: true }))
    const text = spawnSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' }).stdout
    rmSync(dir, { recursive: true })
    const pages = text.split('\f').length - 1
    must(pages === 1, `${pages} pages`)
    must(text.includes('演示数据'), 'the paper does not say that the data are invented')
    must(!text.includes('今晚调度'), 'the navigation is on the paper')
    return text
  }

  await check('the slip on paper: one page, its number, its due time, invented data named', async () => {
    await open(d, `${matter}/slip`)
    const number = await d.textContent('article b')
    const text = await sheet(d)
    for (const want of [number.trim(), '整改时限', '签收']) must(text.includes(want), `${want} is not on the paper`)
  })

  await check('the brief on paper: one page, as of when, its figures and its hash', async () => {
    const [snapshot] = (await api(d, '/snapshots')).items
    await open(d, `/briefs/${snapshot.id}`)
    const text = await sheet(d)
    for (const want of ['截至', '18:00', String(snapshot.figures.visits), `哈希 ${snapshot.hash.replace(/^.*:/, '').slice(0, 8)}`]) must(text.includes(want), `${want} is not on the paper`)
  })

  await check('an import: first dry, then for good, then again with nothing new', async () => {
    const examples = new URL('../../../docs/examples/', import.meta.url).pathname
    for (const [dry, taken] of [[true, /收下 [1-9]/], [false, /收下 [1-9]/], [false, /收下 0 /]]) {
      await open(d, '/imports')
      const [map, file] = await d.locator('input[type=file]').all()
      await map.setInputFiles(join(examples, 'ledger-zh.yaml'))
      await file.setInputFiles(join(examples, 'ledger-zh.csv'))
      await d.locator('form input[type=checkbox]').setChecked(dry)
      await d.click('form button.primary')
      await d.waitForURL(/\/imports\/.+/)
      await d.waitForFunction(() => document.querySelector('main h1 + .hint')?.textContent.includes('已完成'))
      const said = await d.textContent('main p[role=status]')
      must(taken.test(said), said)
    }
  })

  await check('an exported ledger handed back is the same row by row; a cell changed in it is named (R061)', async () => {
    await open(d, '/matters')
    const [download] = await Promise.all([d.waitForEvent('download'), d.locator('.tools a[download]', { hasText: 'CSV' }).click()])
    const text = readFileSync(await download.path(), 'utf8')
    const compared = async (content) => {
      await open(d, '/imports')
      await d.setInputFiles('section[aria-labelledby=compare] input[type=file]', { name: '台账.csv', mimeType: 'text/csv', buffer: Buffer.from(content) })
      await d.click('section[aria-labelledby=compare] form button')
      await d.waitForSelector('[data-compared]')
      return (await d.textContent('[data-compared]')).trim()
    }
    const same = await compared(text)
    must(/^✓.*一致/.test(same), same)
    const place = text.match(/〔2022〕\d+号/)[0]
    const changed = await compared(text.replaceAll(place, place.replace(/\d+号/, '99999号')))
    must(changed.startsWith('⚠') && changed.includes('99999号'), changed)
  })

  await check('files of the registry, the briefs and the figures have the rows that are shown', async () => {
    const file = async (address) => {
      await open(d, address)
      const [download] = await Promise.all([d.waitForEvent('download'), d.locator('.tools button', { hasText: 'CSV' }).click()])
      const text = readFileSync(await download.path(), 'utf8')
      const lines = text.replace('\uFEFF', '').trim().split('\r\n')
      must(lines[0].includes('演示数据'), `${address}: ${lines[0]}`)
      return lines.slice(1)
    }
    const orgs = (await api(d, '/orgs')).items
    const written = await file('/registry/orgs')
    must(written.length === orgs.length + 1, `${written.length - 1} rows for ${orgs.length} units`)
    const [one] = (await api(d, '/regions')).items.filter((r) => r.level === 'town')
    const found = await file(`/registry/regions?q=${one.code}`)
    must(found.length > 1 && found.slice(1).every((line) => line.includes(one.code)), found.join('\n'))
    let [sites, next] = [0, '']
    do {
      const page = await api(d, `/sites?limit=7&page=${next}`)
      sites += page.items.length
      next = page.next
    } while (next)
    must((await file('/registry/sites')).length === sites + 1, `not ${sites} sites`)
    must((await file('/registry/teams')).length === (await api(d, '/teams')).items.length + 1, 'teams')
    const person = (await api(d, '/me')).person.name
    must((await file(`/registry/people?q=${encodeURIComponent(person)}`)).some((line) => line.startsWith(person)), 'who was looked for is not in the file')
    const snapshots = (await api(d, '/snapshots')).items
    const briefs = await file('/briefs')
    must(briefs.length === snapshots.length + 1 && snapshots.every((s) => briefs.some((line) => line.includes(s.hash))), briefs.join('\n'))
    const times = `as_of=${encodeURIComponent(snapshots[0].as_of)}&known_at=${encodeURIComponent(snapshots[0].known_at)}`
    const split = await api(d, `/figures?by=street&${times}`)
    const figures = await file(`/figures?by=street&${times}`)
    must(figures[0].endsWith(split.as_of) && figures[1].endsWith(split.known_at), figures.slice(0, 2).join('\n'))
    must(figures[3].includes(`assigned@${split.versions.assigned}`), figures[3])
    const rows = figures.filter((line) => split.split.some((s) => line.startsWith(`${s.label.zh},${s.code === '-' ? "'-" : s.code},`)))
    must(rows.length === split.split.length, `${rows.length} rows for ${split.split.length} streets`)
    const at = figures.find((line) => line.includes(',代码,')).split(',').indexOf('交办')
    must(rows.every((line, i) => line.split(',')[at] === String(split.split[i].figures.assigned)), rows.join('\n'))
  })

  await check('the ledger is verified from its page', async () => {
    await open(d, '/ledger')
    await d.click('.tools button.primary')
    await d.waitForSelector('[data-verified=true]')
  })

  await check('by keyboard: a meeting begins, hears or excuses each team, makes a demand a matter, and ends', async () => {
    const { items } = await api(d, '/meetings')
    await open(d, `/meetings/${items[0].id}`)
    await press(d, '.tools button.primary')
    await d.waitForSelector('[data-slot=waiting] button.primary')
    await press(d, '.tools button') // end it: teams are left
    await d.waitForSelector('main .notice.bad')
    const teams = await d.locator('[data-slot]').count()
    await press(d, '[data-slot=waiting] button:not(.primary):not(.quiet)')
    await d.waitForSelector(dialog)
    await d.keyboard.insertText('全组在现场处置')
    await d.keyboard.press('Control+Enter')
    await d.waitForSelector('[data-slot=excused]')
    for (let heard = 1; heard < teams; heard++) {
      await press(d, '[data-slot=waiting] button.primary')
      await d.waitForFunction((n) => document.querySelectorAll('[data-slot=heard]').length === n, heard)
    }
    await tabTo(d, 'form.card textarea')
    await d.keyboard.insertText('今晚24时前清空各转运点积压物资')
    await d.keyboard.press('Tab')
    await d.waitForSelector('[role=option][aria-selected=true]')
    await d.keyboard.press('Enter')
    await press(d, 'form.card .field .line button[type=button]:not([aria-label])')
    await press(d, 'form.card button.primary')
    await d.waitForSelector('main ol a[href^="/matters/"]')
    await d.click('.tools button:has-text("投影")')
    await d.keyboard.press('ArrowRight')
    await d.waitForSelector('[data-slide="1"]')
    must((await d.locator('main button:visible').count()) === 0, 'a button is projected')
    await d.keyboard.press('Escape')
    await press(d, '.tools button.primary')
    await d.waitForFunction(() => document.querySelector('main h1 + .chip')?.textContent === '已散会')
  })

  await check('the night: the status of a street is told with its evidence', async () => {
    await open(d, '/nights/today')
    await d.locator('.cards li button').first().click()
    await d.check(`${dialog} input[value=watch]`)
    await d.fill(`${dialog} textarea`, '2个小区转运点积压各30箱')
    await d.click(`${dialog} button.primary`)
    await d.waitForSelector(dialog, { state: 'detached' })
    await d.waitForSelector('text=2个小区转运点积压各30箱')
  })

  await check('publications: a focus is drafted with its source, issued, and read', async () => {
    await open(d, '/publications/new?kind=focus')
    await d.getByLabel('标题').fill('今夜督查重点')
    await d.locator('[data-item="0"] textarea').fill('转运点积压物资')
    await d.locator('[data-item="0"] select').first().selectOption('figures')
    await d.locator('[data-item="0"] input').nth(1).fill('18时快照')
    await d.click('form button.primary')
    await d.waitForURL((url) => /\/publications\/.+/.test(url.pathname) && !url.pathname.endsWith('/new'))
    await d.click('.tools button.primary')
    await d.click(`${dialog} button.primary`)
    await d.waitForSelector(dialog, { state: 'detached' })
    await d.click('.tools button:has-text("我已阅")')
    await d.waitForSelector('main >> text=✓ 已阅')
  })

  await check('a report is drafted on a frozen snapshot; who drafted it does not pass it, and is told so', async () => {
    await open(d, '/reports')
    await d.click('.tools button.primary')
    await d.locator(`${dialog} select`).nth(1).selectOption({ index: 1 })
    await d.waitForSelector(`${dialog} .notice`)
    await d.fill(`${dialog} textarea`, '当日情况平稳，建议增派转运力量。')
    await d.click(`${dialog} button.primary`)
    await d.waitForURL(/\/reports\/.+/)
    await settled(d)
    await d.click('.tools button.primary')
    await d.waitForSelector('main .notice.bad')
  })

  await check('the registry: a unit is registered from its dialog', async () => {
    await open(d, '/registry/orgs')
    await d.click('.tools button:has-text("登记单位")')
    await d.locator(`${dialog} select`).first().selectOption('department')
    await d.getByLabel('中文名称').fill('试验局')
    await d.getByLabel('英文名称').fill('Trial bureau')
    await d.click(`${dialog} button.primary`)
    await d.waitForSelector(dialog, { state: 'detached' })
    await d.fill('input[data-search]', '试验局')
    await d.waitForSelector('tbody >> text=试验局')
  })

  await check('nothing complained on the way', async () => {
    must(complaints.length === 0, complaints.join('\n'))
    must(matter !== '', 'no matter was made')
  })
  await Promise.all([leader.close(), street.close(), duty.close()])
}
