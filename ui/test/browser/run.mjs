// All browser checks against one fresh demonstration; DUZHAN_SCREENS=1 draws the pictures instead.
import { desk } from './desk.mjs'
import { district } from './district.mjs'
import { flows } from './flows.mjs'
import { many } from './many.mjs'
import { live } from './live.mjs'
import { startBrowser, startServer, summary } from './lib.mjs'
import { orders } from './orders.mjs'
import { pages } from './pages.mjs'
import { screens } from './screens.mjs'
import { tomorrow } from './tomorrow.mjs'

const server = await startServer()
const browser = await startBrowser()
let good = false
try {
  if (process.env.DUZHAN_SCREENS) {
    await screens(browser, server)
    good = true
  } else {
    const suites = { pages, desk, tomorrow, flows, district, orders, many, live } // flows issues a focus, which tomorrow would then see
    const wanted = process.env.DUZHAN_CHECKS?.split(',') ?? Object.keys(suites) // some of them, while a page is being made
    for (const name of wanted) await suites[name](browser, server)
    good = summary()
  }
} finally {
  await browser.close()
  await server.stop()
}
process.exit(good ? 0 : 1)
