// Draws docs/screens: each page at 390 and 1440, most in Chinese, some in English, some on night shift.
import { mkdirSync } from 'node:fs'
import { open, settled, signedIn } from './lib.mjs'
import { addresses } from './pages.mjs'

const folder = new URL('../../../docs/screens/', import.meta.url).pathname

export async function screens(browser, server) {
  mkdirSync(folder, { recursive: true })
  const probe = await (await signedIn(browser, server, 'duty_officer')).newPage()
  await open(probe, '/')
  const all = await addresses(probe)
  await probe.context().close()
  const { missing: _, 'matters, filtered': __, ...shown } = all
  const sets = [
    ['zh-1440', { viewport: { width: 1440, height: 900 } }, Object.keys(shown)],
    ['zh-390', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }, Object.keys(shown)],
    ['zh-1440-night', { viewport: { width: 1440, height: 900 }, theme: 'dark' }, ['board', 'matter', 'figures']],
    ['en-1440', { viewport: { width: 1440, height: 900 }, language: 'en' }, ['board', 'matters', 'matter', 'figure', 'ledger']],
    ['en-390', { viewport: { width: 390, height: 844 }, language: 'en', hasTouch: true, isMobile: true }, ['board', 'inbox']],
  ]
  for (const [name, options, pages] of sets) {
    const context = await signedIn(browser, server, 'duty_officer', options)
    const page = await context.newPage()
    for (const key of pages) {
      await open(page, all[key])
      await page.waitForSelector('.is-live')
      await settled(page)
      await page.screenshot({ path: `${folder}${key.replace(/\W+/g, '-')}-${name}.png` })
    }
    await context.close()
  }
}
