// Fails when what a browser must load first, or a page loaded later, is larger than allowed
// (gzip -9 of JavaScript, from vite's manifest), or when the build uses what the floor lacks.
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const dist = new URL('../dist/', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'))
const KB = 1024
const limits = { desk: 130 * KB, route: 60 * KB, public: 8 * KB }
let bad = false

const size = (file) => gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length

function closure(key, seen = new Set()) {
  if (seen.has(key)) return seen
  seen.add(key)
  for (const next of manifest[key].imports ?? []) closure(next, seen)
  return seen
}
function report(name, bytes, limit) {
  const over = bytes > limit
  bad ||= over
  console.log(`${over ? 'OVER' : 'ok  '} ${name}: ${(bytes / KB).toFixed(1)} of ${limit / KB} KB`)
}

const entry = Object.keys(manifest).find((key) => manifest[key].isEntry)
const first = closure(entry)
report('desk, first load', [...first].reduce((sum, key) => sum + size(manifest[key].file), 0), limits.desk)
let largest = ['', 0]
for (const key of Object.keys(manifest)) {
  if (!manifest[key].isDynamicEntry) continue
  const own = [...closure(key)].filter((part) => !first.has(part))
  const bytes = own.reduce((sum, part) => sum + size(manifest[part].file), 0)
  if (bytes > largest[1]) largest = [key, bytes]
  if (bytes > limits.route) report(key, bytes, limits.route)
}
report(`largest later page (${largest[0]})`, largest[1], limits.route)

report('style of the public pages, as sent', statSync(new URL('../src/public.css', import.meta.url)).size, limits.public)

// Newer than Chrome 87, Safari 14, Firefox 83. Attributes count where a template writes them: the runtime
// knows the names of all of them.
const newer = [
  [/:has\(/, '.css'], [/:where\(/, '.css'], [/:is\(/, '.css'], [/@container/, '.css'], [/@layer/, '.css'], [/color-mix\(/, '.css'], [/\ddvh/, '.css'],
  [/structuredClone\(/, '.js'], [/\.randomUUID\(/, '.js'], [/\.showPopover\(/, '.js'], [/<[^<>]*\s(?:inert|popover)[\s=>]/, '.js'], [/\.inert\s*=/, '.js'],
  [/[\w)\]]\??\.at\(/, '.js'],
]
for (const file of readdirSync(new URL('assets/', dist))) {
  const text = readFileSync(new URL(`assets/${file}`, dist), 'utf8')
  for (const [pattern, ext] of newer) {
    if (file.endsWith(ext) && pattern.test(text)) {
      const at = text.search(pattern)
      console.log(`NEWER than the floor: ${pattern} in ${file}: …${text.slice(Math.max(0, at - 60), at + 40)}…`)
      bad = true
    }
  }
}
process.exit(bad ? 1 : 0)
