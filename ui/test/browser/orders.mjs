// An order's way: proposed, drafted, issued, and on the department's own page received, split, checked, reported, replied to.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { axe, check, must, open, settled, signedIn, watch } from './lib.mjs'

const dialog = '[role=dialog]'
const api = (page, path) => page.evaluate(async (p) => (await fetch(`/api/v1${p}`)).json(), path)

export async function orders(browser, server) {
  const contexts = {}
  const pages = {}
  for (const role of ['duty_officer', 'commission_principal', 'dept_liaison']) {
    contexts[role] = await signedIn(browser, server, role)
    pages[role] = await contexts[role].newPage()
    pages[role].setDefaultTimeout(10_000)
  }
  const { duty_officer: duty, commission_principal: principal, dept_liaison: dept } = pages
  const complaints = Object.values(pages).flatMap((page) => watch(page, server.base))
  let order = ''

  await check('R112: a type in several streets proposes an order, and the draft is begun from it', async () => {
    await open(duty, '/orders/new')
    const { items } = await api(duty, '/orders/proposals')
    const proposal = items.find((p) => p.problem_type === 'P-BACKLOG')
    must(proposal && proposal.streets.length >= 3 && proposal.departments.length === 1, JSON.stringify(items.map((p) => p.problem_type)))
    await duty.click('[data-proposal=P-BACKLOG] button')
    must((await duty.inputValue('#form textarea')).length > 10, 'the requirement is empty')
    // without a deadline it is refused at the field, and what was typed stays
    await duty.click('#form button.primary')
    await duty.waitForSelector('#form [aria-invalid=true]')
    must((await duty.locator('#form input[type=datetime-local]').getAttribute('aria-invalid')) === 'true', 'the refusal is not at the deadline')
    await duty.click('#form .field .line button:has-text("明日10时")')
    await duty.click('#form button.primary')
    await duty.waitForURL((url) => /\/orders\/(?!new).+/.test(url.pathname))
    order = new URL(duty.url()).pathname
    await settled(duty)
    must((await duty.locator('button:has-text("签发")').count()) === 0, 'who drafted it may issue it')
  })

  await check('R114: somebody else issues it, and it gets the next number', async () => {
    await open(principal, order)
    const before = (await api(principal, '/orders?state=issued')).items.length
    await principal.click('.acts button:has-text("签发")')
    await principal.waitForFunction((n) => document.querySelector('h1')?.textContent.includes(`〕${n}号`), before + 1)
  })

  await check('R113, R122: the department receives it and names who leads and assists', async () => {
    await open(dept, order)
    await dept.click('.acts button.primary')
    await dept.waitForSelector(dialog)
    await dept.click(`${dialog} button.primary`)
    await dept.waitForSelector('.acts button:has-text("明确牵头配合")')
    await dept.click('.acts button:has-text("明确牵头配合")')
    await dept.waitForSelector(dialog)
    const assist = dept.locator(`${dialog} input[role=combobox]`).nth(1)
    await assist.fill('物业')
    await dept.waitForSelector(`${dialog} [role=option][aria-selected=true]:has-text("物业")`)
    await assist.press('Enter')
    const found = await axe(dept)
    must(found.length === 0, found.join('\n'))
    await dept.click(`${dialog} button.primary`)
    await dept.waitForFunction(() => !document.querySelector('[role=dialog]') && document.querySelector('main').textContent.includes('区物业主管部门'))
  })

  await check('R116: a list from a file and pasted lines; a line that cannot be taken is named and stays', async () => {
    await dept.click('button:has-text("列入自查点位")')
    await dept.waitForSelector(dialog)
    const region = (await api(dept, '/regions')).items.find((r) => r.level === 'community').code
    await dept.setInputFiles(`${dialog} input[type=file]`, { name: 'sites.csv', mimeType: 'text/csv', buffer: Buffer.from(`名称,区划代码,类型\n新列超市一,${region},保供超市\n新列超市二,${region},\n`) })
    await dept.waitForFunction(() => document.querySelector('[role=dialog] textarea').value.split('\n').length === 2)
    const area = dept.locator(`${dialog} textarea`)
    await area.fill(`${await area.inputValue()}\n新列超市三,没有这个代码`)
    await dept.click(`${dialog} button.primary`)
    await dept.waitForSelector(`${dialog} li.error`)
    must((await area.inputValue()).trim() === '新列超市三,没有这个代码', `left in the field: ${await area.inputValue()}`)
    await dept.click(`${dialog} .top button`)
    await dept.waitForFunction(() => document.querySelectorAll('.sites > li').length === 2)
  })

  await check('R116: one site is well, one has a problem, which becomes a matter', async () => {
    await dept.click('.sites li:nth-child(1) button:has-text("未见问题")')
    await dept.waitForSelector('.sites li:nth-child(1)[data-result=ok]')
    await dept.click('.sites li:nth-child(2) button:has-text("发现问题")')
    await dept.waitForSelector(dialog)
    await dept.click(`${dialog} button.primary`)
    await dept.waitForSelector(`${dialog} textarea[aria-invalid=true]`)
    await dept.fill(`${dialog} textarea`, '堆放点货物滞留五小时，无人转运。')
    await dept.click(`${dialog} button.primary`)
    await dept.waitForSelector('.sites li:nth-child(2)[data-result=found] a[href^="/matters/"]')
  })

  await check('R116: found > checked is refused at its field; checked 2, found 1, fixed 0 is taken', async () => {
    await dept.click('.acts button:has-text("报自查数")')
    await dept.waitForSelector(dialog)
    const inputs = dept.locator(`${dialog} input[type=number]`)
    await inputs.nth(1).fill('3')
    await dept.click(`${dialog} button.primary`)
    await dept.waitForSelector(`${dialog} .error[role=alert]`)
    must((await inputs.nth(1).getAttribute('aria-invalid')) === 'true', 'the refusal is not at what was found')
    must((await inputs.nth(1).inputValue()) === '3', 'what was typed is lost')
    await inputs.nth(1).fill('1')
    await dept.click(`${dialog} button.primary`)
    await dept.waitForFunction(() => !document.querySelector('[role=dialog]') && document.querySelector('main').textContent.includes('自查 2 个、发现 1 个、整改 0 个'))
  })

  await check('the department replies, and who issued it sees the reply without a reload', async () => {
    await dept.click('.acts button:has-text("书面回复")')
    await dept.waitForSelector(dialog)
    await dept.fill(`${dialog} textarea`, '已按要求清空积压，专人值守。')
    await dept.fill(`${dialog} input[type=text]`, '示范部门〔2022〕9号')
    await dept.click(`${dialog} button.primary`)
    await dept.waitForFunction(() => document.querySelector('main').textContent.includes('示范部门〔2022〕9号'))
    await principal.waitForFunction(() => document.querySelector('main').textContent.includes('专人值守'))
  })

  await check('R114: the slip on paper, A4: every field, the place of the seal empty, invented data named', async () => {
    await open(principal, `${order}/slip`)
    const number = (await principal.textContent('article b')).trim()
    const dir = mkdtempSync(join(tmpdir(), 'duzhan-slip-'))
    const file = join(dir, 'slip.pdf')
    await principal.pdf({ path: file, preferCSSPageSize: true })
    const text = spawnSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' }).stdout
    const info = spawnSync('pdfinfo', [file], { encoding: 'utf8' }).stdout
    rmSync(dir, { recursive: true })
    must(/Page size:.*A4/.test(info), info)
    for (const want of [number, '紧急程度', '交办单位', '承办单位', '抄送', '交办依据', '整改要求', '整改时限', '举一反三范围', '反馈方式与联系人', '签发人', '经办人', '签收', '印章', '哈希', '演示数据']) must(text.includes(want), `${want} is not on the paper`)
    must((await principal.textContent('article td.seal')).trim() === '', 'something stands where the seal goes')
  })

  await check('R117: what nobody looked at is a blank, never a zero', async () => {
    await open(duty, '/orders/looked-at')
    const grid = await api(duty, '/orders/looked-at')
    must(grid.towns.length === 22 && grid.areas.length === 5, `${grid.towns.length} × ${grid.areas.length}`)
    must(grid.blanks + grid.cells.length === 110 && grid.blanks > 0, `${grid.blanks} blanks and ${grid.cells.length} cells`)
    must((await duty.locator('td.blank').count()) === grid.blanks, 'not every blank is shown')
    must((await duty.locator('tbody td').allTextContents()).every((text) => !/\b0\b/.test(text.split('自查')[1] ?? '')), 'a zero is shown')
  })

  await check('R107: to whom an area belongs is set from its dialog, and a period that ends before it begins is refused', async () => {
    await open(duty, '/registry/competences')
    const before = await duty.locator('tbody tr').count()
    must(before === 5, `${before} competences`)
    await duty.click('.tools button:has-text("设定主管部门")')
    await duty.waitForSelector(dialog)
    await duty.selectOption(`${dialog} select`, 'A1')
    const org = duty.locator(`${dialog} input[role=combobox]`)
    await org.fill('市场')
    await duty.waitForSelector(`${dialog} [role=option][aria-selected=true]:has-text("市场")`)
    await org.press('Enter')
    const days = duty.locator(`${dialog} input[type=date]`)
    await days.nth(0).fill('2022-12-01')
    await days.nth(1).fill('2022-11-30')
    await duty.click(`${dialog} button.primary`)
    await duty.waitForSelector(`${dialog} .error[role=alert]`)
    await days.nth(1).fill('')
    await duty.click(`${dialog} button.primary`)
    await duty.waitForFunction((n) => document.querySelectorAll('tbody tr').length === n + 1, before)
  })

  await check('orders: nothing complained on the way', async () => must(complaints.length === 0, complaints.join('\n')))
  for (const context of Object.values(contexts)) await context.close()
}
