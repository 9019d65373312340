// Copies the one style sheet of the server's own pages (sign-in, public pages) under a fixed name,
// and fails when it outgrows its limit.
import { copyFileSync, mkdirSync, statSync } from 'node:fs'

const limit = 8 * 1024
const from = new URL('../src/public.css', import.meta.url)
const size = statSync(from).size
if (size > limit) {
  console.error(`src/public.css has ${size} bytes, the limit is ${limit}`)
  process.exit(1)
}
mkdirSync(new URL('../dist/assets/', import.meta.url), { recursive: true })
copyFileSync(from, new URL('../dist/assets/public.css', import.meta.url))
