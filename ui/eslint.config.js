import parser from '@typescript-eslint/parser'
import svelte from 'eslint-plugin-svelte'

export default [
  ...svelte.configs['flat/recommended'],
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser } },
    rules: {
      'svelte/no-navigation-without-resolve': 'off', // the router is ours, not SvelteKit's
      'svelte/no-at-html-tags': 'error',
    },
  },
]
