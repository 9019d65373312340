// Which field a refusal is about.
import type { Problem } from '../shared/api-types'

/** The field's name in a location such as body.inspectors[0]. */
export const fieldOf = (location: string) => location.replace(/^(body|form|query)\.?/, '').split(/[.[]/)[0] ?? ''

/** The words about one field, empty when there are none. */
export const errorsAt = (problem: Problem | null, name: string) =>
  (problem?.errors ?? []).filter((e) => fieldOf(e.location) === name).map((e) => e.message).join(' ')
