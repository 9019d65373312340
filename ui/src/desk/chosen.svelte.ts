// What is ticked in a list, over its pages, until it is dealt with or let go.
import { SvelteMap } from 'svelte/reactivity'

export interface Tickable { id: string; version: number }

export class Chosen<T extends Tickable> {
  #items = new SvelteMap<string, T>()

  all = () => [...this.#items.values()]
  get n() {
    return this.#items.size
  }
  on = (item: T) => this.#items.has(item.id)
  set = (item: T, on: boolean) => {
    if (on) this.#items.set(item.id, item)
    else this.#items.delete(item.id)
  }
  /** What is shown anew is what was seen: a version may have moved on. */
  seen(items: T[]) {
    for (const item of items) {
      const kept = this.#items.get(item.id)
      if (kept && kept.version !== item.version) this.#items.set(item.id, item)
    }
  }
  drop(ids: string[]) {
    for (const id of ids) this.#items.delete(id)
  }
  clear = () => this.#items.clear()
}
