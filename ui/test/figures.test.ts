import { describe, expect, it } from 'vitest'
import definitions from '../../internal/figure/definitions.json'
import zh from '../../data/messages/zh-CN.json'
import { absent, moved, signed } from '../src/desk/figures'
import { figureNames } from '../src/shared/api-types'

describe('the table of figures', () => {
  it('has every defined figure, each with its words', () => {
    expect([...figureNames].sort()).toEqual(definitions.map((d) => d.name).sort())
    const wordless = definitions.flatMap((d) => [`figure.${d.name}`, `figure-short.${d.name}`]).filter((key) => !(key in zh))
    expect(wordless).toEqual([])
  })
})

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

describe('moved', () => {
  it('counts a group that was not there from nothing, and leaves out what a group does not have', () => {
    expect(moved(5, 3)).toBe(2)
    expect(moved(0, 3)).toBe(-3)
    expect(moved(5, undefined)).toBe(5)
    expect(moved(undefined, 5)).toBe(0)
  })
  it('says the sign of a difference and nothing for none', () => {
    expect([2, -3, 0].map(signed)).toEqual(['+2', '\u22123', ''])
  })
})
