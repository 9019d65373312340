// Single keys act only outside inputs, and never while an input method is composing.

/** True while a key belongs to an input method: 拼音 ends with Enter without meaning "send". */
export const composing = (event: KeyboardEvent) => event.isComposing || event.keyCode === 229

export const inField = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

export type Keymap = Record<string, () => void>

/** Handles one key press with a map of "x" and "g b" sequences; returns the first key of an open sequence. */
export function handle(event: KeyboardEvent, map: Keymap, pending: string): string {
  if (composing(event) || event.ctrlKey || event.metaKey || event.altKey || inField(event.target)) return ''
  const sequence = pending ? `${pending} ${event.key}` : event.key
  const act = map[sequence]
  if (act) {
    event.preventDefault()
    act()
    return ''
  }
  return Object.keys(map).some((name) => name.startsWith(`${sequence} `)) ? sequence : ''
}
