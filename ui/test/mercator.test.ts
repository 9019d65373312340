import { describe, expect, it } from 'vitest'
import { address, frame, project, tile, tiles, unproject } from '../src/desk/mercator'

describe('Web Mercator', () => {
  it('has the known tile of a known place', () => {
    const p = project({ lon: 106.55, lat: 29.72 }, 10)
    // the slippy map's formula: x = (lon + 180) / 360 · 2^z, y = (1 − asinh(tan lat) / π) / 2 · 2^z
    expect(Math.floor(p.x / tile)).toBe(815)
    expect(Math.floor(p.y / tile)).toBe(423)
  })
  it('comes back to where it was', () => {
    for (const zoom of [3, 10, 18]) {
      const back = unproject(project({ lon: 106.5512, lat: 29.7234 }, zoom), zoom)
      expect(back.lon).toBeCloseTo(106.5512, 9)
      expect(back.lat).toBeCloseTo(29.7234, 9)
    }
  })
  it('shows every place at the largest zoom that it can', () => {
    const places = [{ lon: 106.5, lat: 29.6 }, { lon: 106.7, lat: 29.8 }]
    const v = frame(places, 400, 300, 18)
    const spread = (zoom: number) => {
      const [a, b] = places.map((p) => project(p, zoom))
      return [Math.abs(b!.x - a!.x), Math.abs(b!.y - a!.y)]
    }
    const [w, h] = spread(v.zoom)
    expect(w).toBeLessThanOrEqual(400)
    expect(h).toBeLessThanOrEqual(300)
    const [w2, h2] = spread(v.zoom + 1)
    expect(w2! > 400 || h2! > 300).toBe(true)
    expect(frame([places[0]!], 400, 300, 17).zoom).toBe(17)
  })
  it('covers the view with tiles, none twice, none beyond the pole', () => {
    const list = tiles({ lon: 106.55, lat: 29.72 }, 12, 640, 360)
    expect(new Set(list.map((x) => x.key)).size).toBe(list.length)
    expect(Math.min(...list.map((x) => x.left))).toBeLessThanOrEqual(0)
    expect(Math.max(...list.map((x) => x.left)) + tile).toBeGreaterThanOrEqual(640)
    expect(Math.min(...list.map((x) => x.top))).toBeLessThanOrEqual(0)
    expect(Math.max(...list.map((x) => x.top)) + tile).toBeGreaterThanOrEqual(360)
    expect(tiles({ lon: 0, lat: 0 }, 1, 2000, 2000).every((x) => x.y >= 0 && x.y < 2 && x.x >= 0 && x.x < 2)).toBe(true)
    expect(address('https://a.test/{z}/{x}/{y}.png', list[0]!)).toMatch(/^https:\/\/a\.test\/12\/\d+\/\d+\.png$/)
  })
})
