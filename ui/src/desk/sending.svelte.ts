// One command of a form: whether it is under way, what it was refused for, whether the server was reached.
import { command, Refused } from '../shared/api'
import type { Problem } from '../shared/api-types'
import { touched } from './data.svelte'

export class Sending {
  busy = $state(false)
  problem = $state.raw<Problem | null>(null)
  unreached = $state(false)

  /** The answer, or null when there is none: then the form says why. `topics` are what the command changed. */
  async run<T>(path: string, body: unknown, topics: string[]): Promise<T | null> {
    if (this.busy) return null
    this.busy = true
    this.clear()
    try {
      const answer = await command<T>(path, body)
      void touched(topics)
      return answer
    } catch (error) {
      if (error instanceof Refused) this.problem = error.problem
      else this.unreached = true
      return null
    } finally {
      this.busy = false
    }
  }
  clear() {
    this.problem = null
    this.unreached = false
  }
}
