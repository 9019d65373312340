// All browser checks against one fresh demonstration; DUZHAN_SCREENS=1 draws the pictures instead.
import { flows } from './flows.mjs'
import { live } from './live.mjs'
import { startBrowser, startServer, summary } from './lib.mjs'
import { orders } from './orders.mjs'
import { pages } from './pages.mjs'
import { screens } from './screens.mjs'

const server = await startServer()
const browser = await startBrowser()
let good = false
try {
  if (process.env.DUZHAN_SCREENS) {
    await screens(browser, server)
    good = true
  } else {
    await pages(browser, server)
    await flows(browser, server)
    await orders(browser, server)
    await live(browser, server)
    good = summary()
  }
} finally {
  await browser.close()
  await server.stop()
}
process.exit(good ? 0 : 1)
