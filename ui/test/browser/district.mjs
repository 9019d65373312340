// What a district does beside the chain of a finding: grassroots checks, catalogues, the register of intercessions, search.
import { axe, check, must, open, signedIn, tooWide, watch } from './lib.mjs'

const dialog = '[role=dialog]'

export async function district(browser, server) {
  const duty = await signedIn(browser, server, 'duty_officer')
  const grass = await signedIn(browser, server, 'grassroots_inspector')
  const d = await duty.newPage()
  const g = await grass.newPage()
  for (const page of [d, g]) page.setDefaultTimeout(10_000)
  const complaints = [d, g].flatMap((page) => watch(page, server.base))

  await check('a fifth key link is added on a page, previewed, published, and used by an inspector (R150)', async () => {
    await open(d, '/catalogues?list=key_links')
    await d.getByText('新增一项').click()
    const row = d.locator('tbody tr').last().locator('input[type=text]')
    await row.nth(0).fill('K5')
    await row.nth(1).fill('社区团购')
    await row.nth(2).fill('Group buying')
    await d.click('text=预览改动')
    await d.waitForSelector('text=至少要 6 个')
    await d.selectOption('main select', 'link_items')
    for (let n = 1; n <= 6; n++) {
      await d.getByText('新增一项').click()
      const item = d.locator('tbody tr').last()
      await item.locator('input[type=text]').nth(0).fill(`K5-${n}`)
      await item.locator('input[type=text]').nth(1).fill(`检查项${n}`)
      await item.locator('input[type=text]').nth(2).fill(`Item ${n}`)
      await item.locator('select').selectOption('K5')
    }
    await d.click('text=预览改动')
    await d.waitForSelector('.changes li')
    must((await d.locator('.changes li').count()) === 7, 'not seven changes')
    await d.click('text=发布新版')
    await d.waitForSelector('text=/已发布第 \\d+ 版/')
    await open(g, '/grassroots')
    await g.click('.tools button.primary')
    const field = (label) => g.locator(dialog).getByLabel(label)
    await field('关键环节').selectOption('K5')
    await field('辖区或监督单位').selectOption({ index: 2 })
    await field('问题').fill('团购货物无消毒记录2批。')
    await g.click(`${dialog} button.primary`)
    await g.waitForSelector(`${dialog} [role=alert]`) // where exactly is wanted
    await g.locator(dialog).getByRole('textbox', { name: '点位' }).fill('演示小区团购点')
    await g.click(`${dialog} button.primary`)
    await g.waitForSelector(dialog, { state: 'detached' })
    await g.waitForSelector('tbody >> text=社区团购')
    await g.locator('tbody button:has-text("已纠正")').first().click()
    await g.waitForSelector('tbody tr:has-text("社区团购") >> text=已纠正')
  })

  await check('who was asked registers it; it is annotated and offers no deletion; others do not see it (R044)', async () => {
    await open(g, '/discipline')
    await g.click('.tools button.primary')
    await g.click(`${dialog} button.primary`)
    await g.waitForSelector(`${dialog} [role=alert]`)
    await g.locator(dialog).getByLabel('打听过问人').fill('壬示九')
    await g.locator(dialog).getByLabel('方式').selectOption('phone')
    await g.locator(dialog).getByLabel('过问内容').fill('询问能否晚两天整改')
    await g.click(`${dialog} button.primary`)
    await g.waitForSelector(dialog, { state: 'detached' })
    await g.waitForSelector('text=壬示九')
    await open(d, '/discipline')
    await d.waitForSelector('text=壬示九')
    await d.locator('li:has-text("壬示九") button').click()
    await d.fill(`${dialog} textarea`, '已提醒，照常办理。')
    await d.click(`${dialog} button.primary`)
    await d.waitForSelector('.note:has-text("照常办理")')
    must((await d.locator('li:has-text("壬示九") button').count()) === 1, 'more than annotating is offered')
    const leader = await (await signedIn(browser, server, 'team_leader')).newPage()
    await open(leader, '/discipline')
    must((await leader.locator('text=壬示九').count()) === 0, 'others see it')
    await leader.context().close()
  })

  await check('people from a file: what would change is shown first, duplicates are named, and it is written once', async () => {
    await open(d, '/registry/people')
    const { items } = await d.evaluate(async () => (await fetch('/api/v1/orgs')).json())
    const unit = items.find((o) => o.kind === 'department').zh
    const text = `姓名,单位,角色,职务,账号\n甲示导,${unit},部门联络员,科长,jiadao\n乙示导,没有的单位,部门联络员,,\n丙示导,${unit},部门联络员,,\n丙示导,${unit},部门主要负责人,,\n`
    const counts = (added, same) => `text=/共 4 行：新增 ${added}，改动 0，不变 ${same}，退回 3/`
    const choose = async () => {
      await d.click('.tools button:has-text("从表格导入人员")')
      await d.setInputFiles(`${dialog} input[type=file]`, { name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(text) })
    }
    await choose()
    await d.waitForSelector(counts(1, 0))
    await d.waitForSelector('text=尚未写入')
    must((await d.locator(`${dialog} tbody tr:has-text("第 4, 5 行")`).count()) === 2, 'the duplicates are not named')
    if (process.env.DUZHAN_PEOPLE_SHOT) await d.screenshot({ path: `${process.env.DUZHAN_PEOPLE_SHOT}-1440.png` })
    for (const width of [390, 320]) {
      await d.setViewportSize({ width, height: 844 })
      must((await tooWide(d)) <= 0, `scrolls sideways at ${width}`)
      if (process.env.DUZHAN_PEOPLE_SHOT) await d.screenshot({ path: `${process.env.DUZHAN_PEOPLE_SHOT}-${width}.png` })
    }
    await d.setViewportSize({ width: 1440, height: 900 })
    const found = await axe(d)
    must(found.length === 0, JSON.stringify(found))
    await d.click(`${dialog} button:has-text("确认写入")`)
    await d.waitForSelector('text=已写入')
    await d.waitForSelector(`${dialog} button:has-text("1 个新账号")`)
    await d.click(`${dialog} button:has-text("关闭")`)
    await choose()
    await d.waitForSelector(counts(0, 1))
    must(await d.locator(`${dialog} button:has-text("确认写入")`).isDisabled(), 'nothing could be written again')
    await d.keyboard.press('Escape')
  })

  await check('nothing complained on the way (district)', async () => {
    must(complaints.length === 0, complaints.join('\n'))
  })
  await Promise.all([duty.close(), grass.close()])
}
