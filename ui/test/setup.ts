// The few things of a browser that modules touch when they are loaded.
class Kept {
  kept = new Map<string, string>()
  getItem = (key: string) => this.kept.get(key) ?? null
  setItem = (key: string, value: string) => void this.kept.set(key, value)
  removeItem = (key: string) => void this.kept.delete(key)
}
Object.assign(globalThis, {
  location: { pathname: '/', search: '', origin: 'http://localhost' },
  history: { pushState() {}, replaceState() {} },
  localStorage: new Kept(),
  sessionStorage: new Kept(),
  document: { documentElement: { dataset: {}, lang: '' }, title: '' },
  addEventListener() {},
})
