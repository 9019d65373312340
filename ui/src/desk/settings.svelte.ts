// Settings of this machine: theme, density, single keys. Kept in the browser, never sent.
interface Settings { theme: 'auto' | 'light' | 'dark'; density: 'normal' | 'compact'; keys: 'on' | 'off' }
const start: Settings = { theme: 'auto', density: 'normal', keys: 'on' }

function load(): Settings {
  try {
    return { ...start, ...(JSON.parse(localStorage.getItem('settings') ?? '{}') as Partial<Settings>) }
  } catch {
    return start
  }
}
let current = $state<Settings>(load())
export const settings = () => current

export function setSetting<K extends keyof Settings>(name: K, value: Settings[K]) {
  current = { ...current, [name]: value }
  try {
    localStorage.setItem('settings', JSON.stringify(current))
  } catch {
    // kept until the page is closed
  }
  show()
}

const night = matchMedia('(prefers-color-scheme: dark)')
export const dark = () => current.theme === 'dark' || (current.theme === 'auto' && night.matches)
export function show() {
  const root = document.documentElement
  root.dataset.theme = dark() ? 'dark' : 'light'
  root.dataset.density = current.density
}
