import '../shared/base.css'
import { mount } from 'svelte'
import { Refused } from '../shared/api'
import { storedLanguage, t, useLanguage } from '../shared/i18n.svelte'
import { readyTimes, useServerClock } from '../shared/time.svelte'
import App from './App.svelte'
import { ahead, start } from './data.svelte'
import { find } from './routes'
import { show } from './settings.svelte'

const root = document.getElementById('app')!

async function run() {
  show()
  // on a slow line each thing waited for costs a way there and back: words, person and page come together
  const words = useLanguage(storedLanguage())
  const found = find(location.pathname)
  void found?.route.load().catch(() => {}) // the page itself says so when it cannot be loaded
  if (found?.route.first) void ahead(...found.route.first(found.named))
  const started = start()
  readyTimes()
  try {
    const me = await started
    await words
    useServerClock(me.now, me.zone)
    mount(App, { target: root })
  } catch (error) {
    await words
    const said = document.createElement('p')
    said.setAttribute('role', 'alert')
    said.textContent = error instanceof Refused ? error.problem.title : t('error.unreached')
    root.replaceChildren(said)
  }
}
void run()
