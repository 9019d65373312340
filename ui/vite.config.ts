import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

// The floor of the browsers served (360, UOS, old phones); vite's own default is Chrome 111.
const floor = ['chrome87', 'safari14', 'firefox83']

// Svelte scopes styles with :where(), which Chrome 87 does not know: it would drop every such rule.
const plainScopes = {
  name: 'plain-scopes',
  enforce: 'pre' as const,
  transform: (code: string, id: string) => (id.includes('type=style') ? { code: code.replace(/:where\((\.svelte-\w+)\)/g, '$1'), map: null } : undefined),
}

export default defineConfig({
  plugins: [svelte(), plainScopes],
  base: '/',
  build: {
    target: floor,
    cssTarget: floor,
    manifest: true,
    assetsInlineLimit: 0, // data: URLs would need a wider content security policy
    modulePreload: { polyfill: false },
    // HTTP/1.1 fetches six files at a time: a page of a dozen small parts waits for three ways there and back
    cssCodeSplit: false,
    rollupOptions: {
      input: { desk: 'index.html' },
      output: { codeSplitting: { groups: [{ name: 'parts', test: /src\/desk\/parts\/(?!HandOver|FindingForm|ActDialog|Help|Compare|Photos)|src\/shared\// }] } },
    },
  },
  server: {
    proxy: Object.fromEntries(
      ['/api', '/login', '/logout'].map((path) => [path, process.env.DUZHAN_URL ?? 'http://127.0.0.1:8470']),
    ),
  },
  test: { setupFiles: ['test/setup.ts'], include: ['src/**/*.test.ts', 'test/**/*.test.ts'] },
})
