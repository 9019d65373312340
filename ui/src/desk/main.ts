import '../shared/base.css'
import { mount } from 'svelte'
import { Refused } from '../shared/api'
import { storedLanguage, t, useLanguage } from '../shared/i18n.svelte'
import { useServerClock } from '../shared/time.svelte'
import App from './App.svelte'
import { start } from './data.svelte'
import { show } from './settings.svelte'

const root = document.getElementById('app')!

async function run() {
  show()
  await useLanguage(storedLanguage())
  try {
    const me = await start()
    useServerClock(me.now, me.zone)
    mount(App, { target: root })
  } catch (error) {
    const words = document.createElement('p')
    words.setAttribute('role', 'alert')
    words.textContent = error instanceof Refused ? error.problem.title : t('error.unreached')
    root.replaceChildren(words)
  }
}
void run()
