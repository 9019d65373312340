import { describe, expect, it } from 'vitest'
import { absent } from '../src/desk/figures'

describe('absent', () => {
  it('tells a ledger without teams from one whose teams did nothing', () => {
    expect(absent('teams', { teams: 0 })).toBe('figure-absent.no-teams')
    expect(absent('inspectors', { teams: 3, inspectors: 0 })).toBeNull()
    expect(absent('teams', { teams: 0 }, { teams: 3 })).toBeNull()
  })
  it('tells no due times from none that passed', () => {
    expect(absent('overdue', { assigned: 5, not_given_due: 5, overdue: 0 })).toBe('figure-absent.no-due')
    expect(absent('was_late', { assigned: 5, not_given_due: 4, was_late: 0 })).toBeNull()
    expect(absent('overdue', { assigned: 0, not_given_due: 0, overdue: 0 })).toBeNull()
  })
})
